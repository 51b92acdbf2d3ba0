"""Webhooks as seen from below the stores: which events there are, what is sent, and where to."""
