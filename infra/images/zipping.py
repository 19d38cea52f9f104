"""Writes ZIP files reproducibly: the same content gives the same bytes."""

from __future__ import annotations

from shutil import copyfileobj
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_WHEN = (1980, 1, 1, 0, 0, 0)  # the earliest time of the format
_UNIX, _READABLE = 3, 0o100644 << 16


def write_zip(path: Path, files: Mapping[str, Path], texts: Mapping[str, str]) -> None:
    """Write a ZIP of files and texts, each under its name. Files are pictures, already compressed, so only stored."""
    with ZipFile(path, "w") as archive:
        for name, file in files.items():
            with file.open("rb") as source, archive.open(_entry(name, ZIP_STORED), "w") as target:
                copyfileobj(source, target)
        for name, text in texts.items():
            archive.writestr(_entry(name, ZIP_DEFLATED), text)


def _entry(name: str, compression: int) -> ZipInfo:
    entry = ZipInfo(name, _WHEN)
    entry.compress_type = compression
    entry.create_system, entry.external_attr = _UNIX, _READABLE
    return entry
