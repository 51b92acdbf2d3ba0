"""Files of runs and models: local folders, object stores, and a server's proxy."""
