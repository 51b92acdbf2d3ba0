"""The SQLite driver for files of other programs: the wheel's where there is one."""

try:
    from pysqlite3 import dbapi2 as sqlite
except ImportError:  # no wheel for this platform: the interpreter's own
    import sqlite3 as sqlite

__all__ = ["sqlite"]
