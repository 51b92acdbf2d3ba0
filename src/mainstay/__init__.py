"""mainstay takes a model from an experiment to production and back."""

__version__ = "0.1.0"
