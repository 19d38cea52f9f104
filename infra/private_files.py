"""Keeps what members ask for from other users of the machine: the database and pictures in transit."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

log = logging.getLogger(__name__)

PRIVATE_UMASK = 0o077
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_COMPANIONS = ("", "-wal", "-shm", "-journal", ".lock")


def create_only_private_files() -> None:
    """Give this process's new files the mode 600, and its new folders 700."""
    os.umask(PRIVATE_UMASK)


def make_private(database: Path | None, spool: Path) -> None:
    """Take others' rights to files of earlier versions, and log it.

    The database's folder keeps its mode: it may be one that others need, such as /tmp. Windows has no modes: there,
    the folder's permissions count.
    """
    if os.name == "nt":
        return
    taken, refused = [], []
    for path in [*_of_database(database), *_of_spool(spool)]:
        try:
            if _take_rights(path):
                taken.append(path)
        except FileNotFoundError:  # not there yet, or deleted by another process
            continue
        except OSError:
            refused.append(path)
    if taken:
        log.warning("Other users of this machine could read these files; now only the bot's user can: %s", _list(taken))
    if refused:
        log.warning(
            "Other users of this machine can read these files, and the bot's user can't change it: %s. "
            "Make that user their owner, or use chmod.",
            _list(refused),
        )


def _of_database(file: Path | None) -> Iterator[Path]:
    if file is not None:
        yield from (file.with_name(file.name + companion) for companion in _COMPANIONS)


def _of_spool(folder: Path) -> Iterator[Path]:
    yield folder
    with suppress(OSError):
        yield from (file for file in folder.iterdir() if file.is_file() and not file.is_symlink())


def _take_rights(path: Path) -> bool:
    """Return whether others had any. Raises: OSError, also where modes can't be changed, as on FAT or SMB."""
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    if not mode & _OTHERS or not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        return False  # every program needs a device such as /dev/null
    path.chmod(mode & ~_OTHERS)
    if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
        raise PermissionError
    return True


def _list(paths: Iterable[Path]) -> str:
    names = [str(path) for path in paths]
    rest = len(names) - 5
    return ", ".join(names[:5]) + (f" and {rest} more" if rest > 0 else "")
