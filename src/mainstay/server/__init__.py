"""The HTTP server: MLflow's API and our own, artifacts, live events and the web UI."""
