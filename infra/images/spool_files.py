"""The files of the spool, as `PictureStore` names them: its blocking calls."""

from __future__ import annotations

import base64
import logging
import mmap
import re
import threading
from collections import Counter
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedream.images import NotAnImageError, format_of, inspect
from seedream.images.kinds import HEAD_BYTES
from studio.jobs.pictures import PictureUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from seedream.images import ImageStructure
    from seedream.images.structure import Content

log = logging.getLogger(__name__)

MAX_RESULT_BYTES = 64 * 2**20

_FILE = re.compile(
    r"(?P<job>[\w-]+)-(?P<kind>\d+|bundle|reference(?P<reference>\d+))(\.fit|(?P<same>\.same))?\.[a-z]+(\.part)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolLimits:
    """Bytes of one result, of all files of one job, and of the whole spool.

    A job's are enough for 15 of the largest PNGs that a model makes.
    """

    result: int = MAX_RESULT_BYTES
    job: int = 512 * 2**20
    spool: int = 8 * 2**30


class SpoolRoom:
    """Keeps the spool and each job's files within limits, also while several results are written at once."""

    def __init__(self, folder: Path, limits: SpoolLimits) -> None:
        self._folder = folder
        self._limits = limits
        self._lock = threading.Lock()
        self._reserved: dict[tuple[str, str], int] = {}  # bytes, by job and kind of file

    @contextmanager
    def of(self, job_id: str, index: int) -> Iterator[None]:
        """Open the room of a result; afterwards, it counts by its file."""
        key = (job_id, str(index))
        self._reserved[key] = 0
        try:
            yield
        finally:
            self._reserved.pop(key, None)

    def left(self, job_id: str, index: int) -> int:
        """Return how many bytes a result may have. What earlier tries left of it doesn't count.

        Raises: PictureUnavailable, if there is no room.
        """
        return self.reserve(job_id, index, 0)

    def reserve(self, job_id: str, index: int, size: int) -> int:
        """Keep so much of a result's room, and return what it had. Raises: PictureUnavailable, if there is less."""
        with self._lock:
            left = self._left(job_id, index, max(size, 1))
            if (job_id, str(index)) in self._reserved:  # it is still wanted
                self._reserved[job_id, str(index)] = size
            return left

    def fullness(self) -> float:
        """Return how full the spool is, from 0 to 1."""
        return min(1.0, sum(_size(file) for file, _ in files_of(self._folder)) / self._limits.spool)

    def _left(self, job_id: str, index: int, size: int) -> int:
        sizes = Counter[tuple[str, str]]()
        for file, match in files_of(self._folder):
            sizes[match["job"], match["kind"]] += _size(file)
        sizes |= Counter(self._reserved)
        del sizes[job_id, str(index)]
        total, of_job = sizes.total(), sum(taken for (job, _), taken in sizes.items() if job == job_id)
        if of_job + size > self._limits.job:
            raise PictureUnavailable(f"Picture {index + 1} is one too many: the others have {of_job:,} bytes.")
        if total + size > self._limits.spool:
            raise PictureUnavailable(f"Picture {index + 1} has to wait: the spool has {total:,} bytes.", again=True)
        return min(self._limits.result, self._limits.job - of_job, self._limits.spool - total)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:  # deleted meanwhile
        return 0


@contextmanager
def mapped(body: bytes | Path) -> Iterator[Content]:
    """Give the bytes, mapped into memory if they are in a file. Afterwards it is closed: Windows moves no open file."""
    if isinstance(body, bytes):
        yield body
        return
    with body.open("rb") as opened:
        content = mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        yield content
    finally:
        with suppress(BufferError):  # while an exception passes, its frames may still look at it
            content.close()


def seen(content: Content) -> tuple[str, ImageStructure | None]:
    """Returns the format, and the structure unless the picture is damaged. Raises: NotAnImageError."""
    try:
        structure = inspect(content)
    except NotAnImageError as error:
        form = format_of(content[:HEAD_BYTES])
        if form is None:
            raise
        log.warning("a result is %s; it is delivered as it is", error)
        return form, None
    return structure.format, structure


def make_again(folder: Path) -> None:
    """Make the folder if it was deleted. What else is wrong with it shows when a file is written."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)


def files_of(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    """Yield the files of jobs; none, if the folder is gone or can't be read."""
    try:
        files = list(folder.iterdir())
    except OSError:
        return
    for file in files:
        if match := _FILE.fullmatch(file.name):
            yield file, match


def references_in(folder: Path, job_id: str) -> dict[int, tuple[Path, bool]]:
    """Returns the job's prepared references: each file, and whether its link leads to the same bytes."""
    files = [(file, match) for file, match in files_of(folder) if match["job"] == job_id and file.suffix != ".part"]
    return {int(match["reference"]): (file, bool(match["same"])) for file, match in files if match["reference"]}


def data_url(folder: Path, job_id: str, index: int) -> str:
    """Raises: OSError."""
    file, _ = references_in(folder, job_id).get(index, (folder / f"{job_id}-reference{index}", False))
    return f"data:image/{file.suffix[1:]};base64,{base64.b64encode(file.read_bytes()).decode('ascii')}"


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it is never seen unfinished."""
    part = file.with_name(f"{file.name}.part")
    try:
        part.write_bytes(data)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def delete_files(folder: Path, job_id: str) -> list[str]:
    files = [file for file, match in files_of(folder) if match["job"] == job_id]
    for file in files:
        with suppress(PermissionError):  # Windows deletes no open file; the next sweep tries again
            file.unlink(missing_ok=True)
    return [file.name for file in files]
