"""The large counts: ``just soak``."""
