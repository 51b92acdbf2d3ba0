"""Container images that serve one model: what goes in, the Dockerfile, and the build."""
