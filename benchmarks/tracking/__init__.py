"""The tracking server beside MLflow and FastTrackML: ``python -m benchmarks.tracking``."""
