"""The command that started this process, as one could type it again; without its secrets."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence

LENGTH = 4000
"""Characters that are kept."""

HIDDEN = "***"

_NAME = re.compile(
    r"(?i)(^|[-_.])(pass(word|wd|phrase)?|pwd|secret|token|credentials?|auth"
    r"|(api|access|private|secret|encryption|signing)[-_]?key)($|[-_.])"
)
_IN_ADDRESS = re.compile(r"(?<=://)[^/@\s]*:[^/@\s]*@")


def command(arguments: Sequence[str] | None = None) -> str:
    """Return the command line; values of options that are named like secrets are hidden.

    >>> command(["python", "train.py", "--api-key", "abc", "--lr=0.1", "--token=xyz"])
    'python train.py --api-key *** --lr=0.1 --token=***'
    """
    given = list(sys.orig_argv if arguments is None else arguments)
    shown: list[str] = []
    hide_next = False
    for word in given:
        if hide_next and not word.startswith("-"):
            shown.append(HIDDEN)
        else:
            shown.append(_shown(word))
        hide_next = _is_secret(word) and "=" not in word
    text = " ".join(word if word.endswith(HIDDEN) else shlex.quote(word) for word in shown)
    return text if len(text) <= LENGTH else text[: LENGTH - 1] + "…"


def _shown(word: str) -> str:
    name, equals, _ = word.partition("=")
    if equals and _NAME.search(name.lstrip("-")):
        return f"{name}={HIDDEN}"
    return _IN_ADDRESS.sub(f"{HIDDEN}@", word)


def _is_secret(word: str) -> bool:
    return word.startswith("-") and _NAME.search(word.lstrip("-")) is not None
