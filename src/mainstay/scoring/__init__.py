"""Batch scoring: rows from a file, in batches, through the same checks as serving, to a file."""
