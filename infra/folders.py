"""Tests the folders that the bot writes to, and says what is wrong with one in a line for the operator."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

TEST_SECONDS = 5.0
TEST_BYTES = 4096
PREFIX = "seedream-test-"
SPOOL_ROOM = 8 * 2**20  # for a few pictures

FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
NETWORK_DRIVE = "It is probably a network drive (NFS, SMB) without locks. Use a folder on a local disk, or PostgreSQL"


class FolderError(OSError):
    """A folder can't be used. The text says which, why, and what to do."""


def try_folder(folder: Path, *, locks: bool = False, room: int = 0, files: Iterable[Path] = ()) -> None:
    """Create a folder if it isn't there, and try to write in it, within TEST_SECONDS. Raises: FolderError.

    `locks`: files must be lockable. `room`: bytes that must be free. `files`: must be writable if they exist.
    """
    folder = folder.absolute()
    try:
        _within(TEST_SECONDS, lambda: _try(folder, locks=locks, room=room, files=files))
    except FolderError:
        raise
    except TimeoutError:
        problem = f"{folder} doesn't answer within {TEST_SECONDS:g} s. {NETWORK_DRIVE}"
        raise FolderError(errno.ETIMEDOUT, problem) from None
    except OSError as error:
        raise FolderError(error.errno, explain_refusal(folder, error)) from error


def explain_refusal(path: Path, error: OSError) -> str:
    """Say why the system refuses to write at `path`, and what to do."""
    place = _existing(path.absolute())
    if error.errno in FULL:
        what = "the disk is full" if error.errno == errno.ENOSPC else "the disk quota is used up"
        return f"{place} can't be written to: {what}. Free some space, or use a larger disk"
    if error.errno == errno.EROFS:
        return f"{place} is on a read-only file system. Mount it writable, or use another folder"
    if error.errno in {errno.EACCES, errno.EPERM} and hasattr(os, "geteuid"):
        return _ownership(place)
    return f"{place} can't be written to: {error.strerror or error}"


def _ownership(place: Path) -> str:
    user, group = os.geteuid(), os.getegid()
    if place.is_dir() and not _may(place, os.X_OK):
        return f"{place} can't be entered by user {user}, as whom the bot runs. Run: chmod o+x {place} (as root)"
    try:
        owner = f"it belongs to user {place.stat().st_uid}"
    except OSError:
        owner = "it belongs to another user"
    return (
        f"{place} can't be written to: {owner}, and the bot runs as user {user}. "
        f"Run: chown -R {user}:{group} {place} (as root; for a container, on the folder that is mounted there)"
    )


def _may(place: Path, access: int) -> bool:
    return os.access(place, access, effective_ids=os.access in os.supports_effective_ids)


def _existing(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    for place in (path, *path.parents):
        try:
            place.lstat()
        except OSError:
            continue
        return place
    return path


def _try(folder: Path, *, locks: bool, room: int, files: Iterable[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < room:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for file in files:
        if file.exists() and not _may(file, os.R_OK | os.W_OK):
            raise FolderError(errno.EACCES, explain_refusal(file, PermissionError(errno.EACCES, "")))
    with NamedTemporaryFile(dir=folder, prefix=PREFIX, buffering=0) as trial:
        trial.write(bytes(TEST_BYTES))
        os.fsync(trial.fileno())
        if locks:
            _lock(folder, trial.fileno())


def _lock(folder: Path, descriptor: int) -> None:
    """Lock a file in both ways that are used: the bot's own, and SQLite's."""
    if sys.platform == "win32":
        return
    import fcntl  # noqa: PLC0415 - Windows has none

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        raise FolderError(error.errno, f"files in {folder} can't be locked. {NETWORK_DRIVE}") from error


def _within(seconds: float, do: Callable[[], None]) -> None:
    """Call a function that may hang for good, as on a network drive whose server is gone. Raises: TimeoutError."""
    raised: list[BaseException] = []

    def run(*_: Any) -> None:
        try:
            do()
        except BaseException as error:  # noqa: BLE001 - passed on to the caller
            raised.append(error)

    thread = threading.Thread(target=run, name="folder-test", daemon=True)  # so that it can't keep the process alive
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise TimeoutError
    if raised:
        raise raised[0]
