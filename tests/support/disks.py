"""Small disks, mounted for a test. Only root may do that, and not in every container."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    """A disk in memory at `folder`, with these options of tmpfs."""
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    umount = ["umount", "--lazy", str(folder)]
    subprocess.run(mount, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(umount, check=True, capture_output=True)


@lru_cache
def _may_mount() -> bool:
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("mount"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            with mounted(Path(folder), "size=64k"):
                return True
        except subprocess.CalledProcessError:
            return False


needs_mounts = pytest.mark.skipif(not _may_mount(), reason="needs root, to mount a small disk")
