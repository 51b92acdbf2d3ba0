"""Frozen records of everything mainstay knows, one file a noun.

Times are milliseconds since 1970 UTC unless a field says otherwise.
"""
