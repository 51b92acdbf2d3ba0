"""The contracts of our seams as tests: subclass one, and give its fixture."""
