"""Migrations of the schema, oldest first; ``schema.upgrade`` runs them."""
