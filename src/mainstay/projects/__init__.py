"""Projects: code that runs the same again. An MLproject file names entry points and parameters."""
