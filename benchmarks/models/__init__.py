"""How fast models are logged, loaded and asked, beside the stock package."""
