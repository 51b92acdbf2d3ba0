"""Bring in what MLflow kept, from its databases and folders, and write it back out."""
