"""What a power cut may leave of a folder: only what was flushed, or that and any part of the rest.

``Disk`` watches ``os.fsync``. Of each file it keeps the content at the last flush, of each folder
the names at the last flush; after a cut, a name that was not flushed is gone, and so is content.
"""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

Key = tuple[int, int]
"""Device and inode: a file or a folder, whatever it is called."""


class Disk:
    """The folder ``root``, which is there already, and what of it is safe."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._files: dict[Key, bytes] = {}
        self._folders: dict[Key, dict[str, Key]] = {}
        self._kinds: dict[Key, bool] = {}
        self._moment: Callable[[], None] = lambda: None

    @contextmanager
    def watch(self, moment: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Watch every flush; ``moment`` is called before and after each, to cut the power there."""
        real = os.fsync

        def fsync(handle: int | object) -> None:
            number = handle if isinstance(handle, int) else handle.fileno()  # type: ignore[attr-defined]
            moment()
            real(number)
            self._flushed(number)
            moment()

        os.fsync = fsync  # type: ignore[assignment]
        try:
            yield
        finally:
            os.fsync = real

    def cut(self, destination: Path, chance: random.Random | None = None) -> Path:
        """Write what a cut now would leave to ``destination``.

        Without ``chance`` nothing unflushed stays; with it, each unflushed thing may.
        """
        destination.mkdir(parents=True)
        self._restore(self.root, _key(self.root), destination, chance)
        return destination

    def _flushed(self, handle: int) -> None:
        about = os.fstat(handle)
        key = about.st_dev, about.st_ino
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))
        if stat.S_ISDIR(about.st_mode):
            self._folders[key] = _names(path)
        else:
            self._files[key] = path.read_bytes()

    def _restore(
        self, now: Path | None, key: Key, destination: Path, chance: random.Random | None
    ) -> None:
        current = _names(now) if now is not None else {}
        names = dict(self._folders.get(key, {}))
        if chance is not None:
            for name in current.keys() | names.keys():
                if current.get(name) != names.get(name) and chance.random() < 0.5:
                    names.pop(name, None)
                    if name in current:
                        names[name] = current[name]
        for name, inner in names.items():
            there = now / name if now is not None and current.get(name) == inner else None
            if self._is_folder(inner, there):
                (destination / name).mkdir()
                self._restore(there, inner, destination / name, chance)
            else:
                (destination / name).write_bytes(self._content(inner, there, chance))

    def _is_folder(self, key: Key, there: Path | None) -> bool:
        if there is not None:
            self._kinds[key] = there.is_dir()
        return self._kinds.get(key, key in self._folders)

    def _content(self, key: Key, there: Path | None, chance: random.Random | None) -> bytes:
        """Return what a file holds: what was flushed, or a torn mixture with what was not."""
        safe = self._files.get(key, b"")
        if chance is None or there is None:
            return safe
        current = there.read_bytes()
        torn = bytearray()
        for start in range(0, max(len(safe), len(current)), 4096):
            page = slice(start, start + 4096)
            torn += (current if chance.random() < 0.5 else safe)[page]
        return bytes(torn) if safe != current else safe


def _names(folder: Path) -> dict[str, Key]:
    return {entry.name: _key(folder / entry.name) for entry in os.scandir(folder)}


def _key(path: Path) -> Key:
    about = path.lstat()
    return about.st_dev, about.st_ino
