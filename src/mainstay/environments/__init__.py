"""The software environments of models and projects: infer, lock, build, run."""
