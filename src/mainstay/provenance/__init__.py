"""Where a version comes from, what was built from what, and how two versions differ."""
