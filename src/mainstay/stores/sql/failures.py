"""Turn what a database driver raises into errors that say what to do."""

from __future__ import annotations

from sqlalchemy.exc import DataError, DBAPIError

from mainstay.errors import BadInput, MainstayError, OutOfSpace, Unavailable

# PostgreSQL: serialization failure, deadlock.
RETRYABLE = {"40001", "40P01"}
DISK_FULL = "53100"
BAD_DATA = "22"


def sqlstate(error: BaseException) -> str | None:
    """Return PostgreSQL's five-character code, if the error has one."""
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None)


def translate(error: BaseException) -> BaseException:
    """Return the error of our tree that this means, or the error itself."""
    if isinstance(error, UnicodeEncodeError) or (
        isinstance(error, OverflowError) and "SQLite" in str(error)
    ):
        return BadInput(f"a value cannot be stored: {error}")
    if not isinstance(error, DBAPIError):
        return error
    text = str(error.orig).strip()
    lowered = text.lower()
    if "database or disk is full" in lowered or sqlstate(error) == DISK_FULL:
        return OutOfSpace(f"the disk of the database is full ({text}); nothing was written")
    if "database is locked" in lowered or "database table is locked" in lowered:
        return Unavailable("another process keeps the database locked; try again")
    if "readonly database" in lowered or "unable to open database" in lowered:
        return MainstayError(f"the database cannot be written: {text}; check its permissions")
    if "not a database" in lowered or "malformed" in lowered:
        return MainstayError(f"the database file cannot be read: {text}; restore a backup")
    if isinstance(error, DataError) and (sqlstate(error) or "22000").startswith(BAD_DATA):
        return BadInput(f"a value cannot be stored: {text.partition(chr(10))[0]}")
    if "disk i/o error" in lowered:
        return MainstayError(f"the disk of the database failed: {text}; nothing was acknowledged")
    if error.connection_invalidated or (
        type(error.orig).__name__ == "OperationalError" and sqlstate(error) in (None, "57P03")
    ):
        return Unavailable(f"the database does not answer: {text.partition(chr(10))[0]}")
    return error
