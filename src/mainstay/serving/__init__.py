"""Serving: a supervisor, worker processes that hold HTTP and model, and the swap between versions.

``supervisor`` owns the listening socket, ``worker`` answers on it, ``watcher`` follows what the
address means, ``app`` and ``payload`` are the HTTP edge, ``counts`` is what monitoring reads, and
``follow`` is the same following for a user's own service.
"""
