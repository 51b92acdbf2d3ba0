"""Projects: code that runs the same again. An MLproject file names entry points and parameters."""

from mainstay.projects.launch import run
from mainstay.projects.reproduce import reproduce

__all__ = ["reproduce", "run"]
