"""What a run knows of itself without being told: source, git, packages, pipeline, machine."""
