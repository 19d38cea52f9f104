"""Writes the recorded answers into a folder, for reports, in the form of the tests' own samples."""

from __future__ import annotations

import json
import shutil
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from check.scrubbing import Scrubber

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from check.recorder import Recording

INDEX, TABLE = "index.json", "table.txt"


def sample_files(recordings: Sequence[Recording], secrets: Iterable[str], *, table: Iterable[str]) -> dict[str, bytes]:
    """Return file names and contents: each answer, an index with their statuses, and the table of results. Pure."""
    scrubber, files, index = Scrubber(secrets), dict[str, bytes](), dict[str, dict[str, object]]()
    for recording in recordings:
        extension, body = scrubber.body(bytes(recording.body))
        name = _free_name(recording.name, extension, files)
        files[name] = body
        index[name] = {"status": recording.status, "content_type": scrubber.text(recording.content_type)}
    notes = "".join(f"{scrubber.text(line)}\n" for line in table)
    return files | {INDEX: json.dumps(index, indent=1).encode() + b"\n", TABLE: notes.encode()}


def _free_name(name: str, extension: str, taken: Iterable[str]) -> str:
    names = (f"{name}{'' if number == 1 else f'_{number}'}.{extension}" for number in count(1))
    return next(candidate for candidate in names if candidate not in taken)


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """Write all files, or none, into a new folder and return its path. Raises: OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        temporary.chmod(0o755)
        return _rename_to_free(temporary, folder)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def _rename_to_free(temporary: Path, folder: Path) -> Path:
    """Rename to the first free name. A folder that another program creates meanwhile isn't overwritten either."""
    for number in count(1):
        target = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        if target.exists():
            continue
        temporary.rename(target)  # fails if the target exists and isn't empty
        return target
    raise AssertionError  # count never ends
