"""Writes what the service has answered into a folder: for reports, and in the form of the tests' own samples."""

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
    """Name -> content: a file for each answer, an index that says with which status it came, and the table. Pure."""
    scrubber, files, index = Scrubber(secrets), dict[str, bytes](), dict[str, dict[str, object]]()
    for one in recordings:
        ending, body = scrubber.body(bytes(one.body))
        name = _free(one.name, ending, files)
        files[name] = body
        index[name] = {"status": one.status, "content_type": scrubber.text(one.content_type)}
    notes = "".join(f"{scrubber.text(line)}\n" for line in table)
    return files | {INDEX: json.dumps(index, indent=1).encode() + b"\n", TABLE: notes.encode()}


def _free(name: str, ending: str, taken: Iterable[str]) -> str:
    names = (f"{name}{'' if number == 1 else f'_{number}'}.{ending}" for number in count(1))
    return next(one for one in names if one not in taken)


def write_folder(folder: Path, files: dict[str, bytes]) -> Path:
    """Write all of it or nothing, into a folder that is not there yet. Returns its path. Raises: OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        for name, content in files.items():
            (part / name).write_bytes(content)
        part.chmod(0o755)
        return _moved(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _moved(part: Path, folder: Path) -> Path:
    """Under the first free name; a folder that somebody makes meanwhile is not overwritten either."""
    for number in count(1):
        wanted = folder if number == 1 else folder.with_name(f"{folder.name}-{number}")
        if wanted.exists():
            continue
        part.rename(wanted)  # fails where there is a folder with something in it
        return wanted
    raise AssertionError  # count never ends
