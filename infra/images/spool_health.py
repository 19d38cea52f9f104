"""Watches whether pictures can be kept in the spool. If not, results are only linked, for as long as links last."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from infra.folders import FULL, SPOOL_ROOM, FolderError, explain_refusal, try_folder

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)

PASSING_SECONDS = 60.0  # a disk that is full for longer may stay so


class SpoolHealth:
    """Logs once when the folder can't be written to, and once when it can again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_broken = False
        self._broke_at = 0.0

    async def probe(self) -> bool:
        """Write a file. Returns whether that works."""
        try:
            await asyncio.to_thread(try_folder, self._folder, room=SPOOL_ROOM)
        except FolderError as error:
            self._broke(str(error.strerror))
            return False
        self.worked()
        return True

    def worked(self) -> None:
        """Note that a file could be written."""
        if self._is_broken:
            log.warning("Pictures can be kept in %s again.", self._folder)
        self._is_broken = False

    def failed(self, error: OSError) -> bool:
        """Note that a file couldn't be written. Returns whether that may soon pass: the disk was filled just now."""
        self._broke(explain_refusal(self._folder, error))
        return error.errno in FULL and time.monotonic() - self._broke_at < PASSING_SECONDS

    def _broke(self, why: str) -> None:
        if not self._is_broken:
            self._broke_at = time.monotonic()
            log.warning("Results are only linked, because they can't be kept until they are delivered: %s.", why)
        self._is_broken = True
