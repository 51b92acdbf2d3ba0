"""The wire: messages, one file a noun, the table of endpoints, and how bodies are read."""
