"""The calls of a training script, for the active run. One file a noun."""
