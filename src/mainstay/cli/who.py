"""Who works at the command line, where no server tells it."""

from __future__ import annotations

import getpass
import os

from mainstay.entities.accounts import Principal


def operator() -> Principal:
    """Return the user of the operating system, who vouches for the name.

    It counts where a command works on the database itself; a server goes by the token instead.
    """
    try:
        import pwd
    except ImportError:  # Windows: a name from the environment proves nothing
        return Principal(claimed=getpass.getuser())
    try:
        name = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return Principal(claimed=str(os.geteuid()))
    return Principal(name=name, authenticated=True)
