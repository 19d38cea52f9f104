"""Tests the folders that the bot writes to, and says what is wrong with one in a line for the operator."""

from __future__ import annotations

import errno
import os
import shlex
import shutil
import stat
import sys
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

TEST_SECONDS = 5.0
TEST_BYTES = 4096
PREFIX = "seedream-test-"
SPOOL_ROOM = 8 * 2**20  # for a few pictures

_ANOTHER = "Use another folder"
FULL = {errno.ENOSPC, errno.EDQUOT}
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL}
NETWORK_DRIVE = "It is probably a network drive (NFS, SMB) without locks. Use a folder on a local disk, or PostgreSQL"
_GONE = "The network drive or FUSE that is mounted there has lost its server: check that, and mount it again"
_TOO_FEW_FILES = "Raise the limit on open files (ulimit -n, LimitNOFILE)"
_REMEDIES = {
    errno.EDQUOT: "Free some space, or raise the quota",
    errno.EIO: "The disk fails, or its connection: look at the system's log (dmesg), and move to another disk",
    errno.ENXIO: "The disk is gone: look at the system's log (dmesg)",
    errno.ENODEV: "The disk is gone: look at the system's log (dmesg)",
    errno.ESTALE: _GONE,
    errno.ENOTCONN: _GONE,
    errno.EHOSTDOWN: _GONE,
    errno.EHOSTUNREACH: _GONE,
    errno.ENETUNREACH: _GONE,
    errno.ETIMEDOUT: _GONE,
    errno.EMFILE: _TOO_FEW_FILES,
    errno.ENFILE: _TOO_FEW_FILES,
    errno.ENOMEM: "Give the machine or the container more memory",
    errno.EFBIG: "Raise the limit on the size of files (ulimit -f)",
}
_WRONG_PATHS = {errno.EEXIST, errno.ENOTDIR, errno.ENOENT, errno.ELOOP}


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
    path = path.absolute()
    place = _existing(path)
    if error.errno == errno.ENAMETOOLONG:
        return f"{str(path)[:80]}… can't be used: its name is too long. Use a folder with a shorter one"
    if error.errno in _WRONG_PATHS:
        return _wrong_path(path, error)
    if error.errno == errno.EROFS:
        return f"{place} is on a read-only file system. Mount it writable, or use another folder"
    if error.errno in {errno.EACCES, errno.EPERM} and hasattr(os, "geteuid"):
        return _ownership(path)
    if error.errno == errno.ENOSPC:
        return f"{place} can't be written to: {_fullness(place)}"
    why = "the disk quota is used up" if error.errno == errno.EDQUOT else error.strerror or error
    return f"{place} can't be written to: {why}. {_REMEDIES.get(error.errno or 0, _ANOTHER)}"


def _fullness(place: Path) -> str:
    if hasattr(os, "statvfs"):
        with suppress(OSError):
            numbers = os.statvfs(place)
            if numbers.f_files and not numbers.f_favail:  # 0 files: a file system that doesn't count them
                return (
                    f"its disk holds as many files as it can. Delete some (df -i {shlex.quote(str(place))} counts them)"
                )
    return "the disk is full. Free some space, or use a larger disk"


def _wrong_path(path: Path, error: OSError) -> str:
    """Say which part of a path keeps it from being a folder: the first that exists and is none."""
    odd = next(
        (part for part in reversed((path, *path.parents)) if os.path.lexists(part) and not _leads_in(part)), None
    )
    if odd is None:
        return f"{path} can't be created: {error.strerror or error}. {_ANOTHER}"
    if not odd.is_symlink():
        return f"{odd} is a file, but must be a folder. Move the file away, or use another folder"
    try:
        os.path.realpath(odd, strict=True)
    except OSError as refusal:
        if refusal.errno == errno.ELOOP:
            return f"{odd} is a link that leads back to itself. Remove it, or link it to a folder"
    return f"{odd} is a link to {odd.readlink()}, which isn't a folder. Create that folder, or remove the link"


def _no_file(path: Path) -> str:
    what = "a folder" if path.is_dir() else "a device or the like"
    return (
        f"{path.absolute()} is {what}, but must be a file. Move it away (Docker creates a folder where a file to mount "
        "is missing), or use another path"
    )


def _leads_in(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - Path.is_dir raises where a link leads into a closed folder


def _ownership(path: Path) -> str:
    """Say whose the last part of a path is that can be seen, and how its user may let the bot use it."""
    user, place = os.geteuid(), _existing(path)
    if place.is_symlink():
        place = _existing(Path(os.path.realpath(place)))
    try:
        status = place.stat()
    except OSError:
        return (
            f"{place} can't be written to: it belongs to another user, and the bot runs as user {user}. {_give(place)}"
        )
    shut = stat.S_ISDIR(status.st_mode) and not _may(place, os.X_OK)
    trouble = "can't be entered" if shut else "can't be written to"
    if user == 0 or _mode_allows(status):
        return (
            f"{place} {trouble}, though its owner ({status.st_uid}) and mode let user {user} do that. {_beyond(place)}"
        )
    if status.st_uid == user:
        change = f"chmod {'u+rwx' if stat.S_ISDIR(status.st_mode) else 'u+rw'} {shlex.quote(str(place))}"
        return (
            f"{place} {trouble}: its mode forbids that to its owner, user {user}, as whom the bot runs. Run: {change}"
        )
    whose = f"it belongs to user {status.st_uid}, and the bot runs as user {user}"
    return f"{place} {trouble}: {whose}. {_let_through(place) if shut and place != path else _give(place)}"


def _mode_allows(status: os.stat_result) -> bool:
    """Return whether the mode lets this user use a folder or file, whatever else may forbid it."""
    needed = stat.S_IRWXO if stat.S_ISDIR(status.st_mode) else stat.S_IROTH | stat.S_IWOTH
    if status.st_uid == os.geteuid():
        return status.st_mode >> 6 & needed == needed
    shift = 3 if status.st_gid in {os.getegid(), *os.getgroups()} else 0
    return status.st_mode >> shift & needed == needed


def _give(place: Path) -> str:
    return (
        f"Run: chown -R {os.geteuid()}:{os.getegid()} {shlex.quote(str(place))} "
        "(as root; for a container, on the folder that is mounted there)"
    )


def _let_through(place: Path) -> str:
    """Return how to let the bot, and not everybody, pass a folder that need not be the bot's."""
    name = shlex.quote(str(place))
    return f"Run: chown :{os.getegid()} {name} && chmod g+x {name} (as root), or use another folder"


def _beyond(place: Path) -> str:
    """Return what else may forbid it."""
    name = shlex.quote(str(place))
    return (
        "SELinux may forbid it (for a container, add :Z to the mount, or :z if others use it too), an attribute "
        f"(chattr -i {name}), an ACL (getfacl {name}), or the server of a network drive"
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
        if file.exists() and not file.is_file():
            raise FolderError(errno.EISDIR, _no_file(file))
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
