"""Bring artifacts, several roots at a time, and note what is missing."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol

from mainstay.errors import MainstayError
from mainstay.importing.files import Carried, Files
from mainstay.importing.homes import Homes, Root
from mainstay.importing.tally import SHOWN, Tally

COPIERS = 8
NAMED = 3
"""Of how many that miss their files for the same reason a note gives the names."""

_ID = re.compile(r"(?:m-)?[0-9a-f]{32}")


class Progress(Protocol):
    """Is told how far the import is."""

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins, of ``total`` steps if that is known."""
        ...

    def advance(self, steps: int = 1) -> None:
        """Steps are done."""
        ...


class Carrier:
    """Copies the files of every root; ``missing`` counts the roots whose files are not found."""

    def __init__(self, files: Files, homes: Homes, tally: Tally, progress: Progress) -> None:
        self._files = files
        self._homes = homes
        self._tally = tally
        self._progress = progress
        self._found = 0
        self._lacking: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        self.missing = 0

    @property
    def notes(self) -> list[str]:
        """Sentences on what is missing, each reason once."""
        kinds = [*self._lacking.items()]
        said = [_sentence(reason, those) for reason, those in kinds[:SHOWN]]
        if self._files.roots and self._homes.roots() and not self._found:
            said.append(f"no file was found under --artifact-root {', '.join(self._files.roots)}")
        if len(kinds) > SHOWN:
            said.append(f"files are missing for {len(kinds) - SHOWN} other reasons, too")
        return said

    def carry(self) -> None:
        """Copy artifacts, several roots at a time; what cannot be read is noted and passed over."""
        roots = [root for root in self._homes.roots() if self._is_own(root)]
        self._progress.stage("artifacts", len(roots))
        with ThreadPoolExecutor(COPIERS) as pool:
            jobs = ((pool.submit(self._files.carry, root.old, root.new), root) for root in roots)
            for job, root in _window(jobs, COPIERS * 2):
                self._carried(root, job)
                self._progress.advance()

    def _is_own(self, root: Root) -> bool:
        """Tell whether a root is named after what it belongs to, as MLflow's are.

        A source that says otherwise could have any folder of this machine copied.
        """
        if root.identity in root.old:
            return True
        if root.old:
            self.lack(root.identity, f"{root.old} is not named after it; --artifacts reference")
        return False

    def _carried(self, root: Root, job: Future[list[Carried]]) -> None:
        try:
            found = job.result()
        except MainstayError as error:
            self.lack(root.identity, error.message)
            return
        if not found and root.expected:
            self.lack(root.identity, f"there are no files at {root.old}")
        self._found += len(found)
        for file in found:
            what = f"{root.identity}/{file.path}"
            here = [what, file.here] if file.here else None
            self._tally.pair("files", [what, file.there], here, file.problem or f"file {what}")

    def lack(self, identity: str, why: str) -> None:
        """Note that files are missing."""
        self.missing += 1
        self._lacking[_ID.sub("…", why)].append((identity, why))


def _sentence(reason: str, those: list[tuple[str, str]]) -> str:
    identity, why = those[0]
    if len(those) == 1:
        return f"the files of {identity} are missing: {why}"
    names = ", ".join(identity for identity, _ in those[:NAMED])
    more = f" and {len(those) - NAMED} more" if len(those) > NAMED else ""
    return f"the files of {names}{more} are missing: {reason}"


def _window(
    jobs: Iterator[tuple[Future[list[Carried]], Root]], size: int
) -> Iterator[tuple[Future[list[Carried]], Root]]:
    """Yield jobs in order, so that at most ``size`` have been started and not been taken."""
    started: deque[tuple[Future[list[Carried]], Root]] = deque()
    for job in jobs:
        started.append(job)
        if len(started) >= size:
            yield started.popleft()
    yield from started
