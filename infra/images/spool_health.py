"""Watches whether pictures can be kept in the spool. If not, results are only linked, for as long as links last."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from infra.folders import FolderError, explain_refusal, try_folder

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger(__name__)


class SpoolHealth:
    """Logs once when the folder can't be written to, and once when it can again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_broken = False

    async def probe(self) -> bool:
        """Write a file. Returns whether that works."""
        try:
            await asyncio.to_thread(try_folder, self._folder)
        except FolderError as error:
            self._broke(str(error.strerror))
            return False
        if self._is_broken:
            log.warning("Pictures can be kept in %s again.", self._folder)
        self._is_broken = False
        return True

    def failed(self, error: OSError) -> None:
        """Note that a file couldn't be written."""
        self._broke(explain_refusal(self._folder, error))

    def _broke(self, why: str) -> None:
        if not self._is_broken:
            log.warning("Results are only linked, because they can't be kept until they are delivered: %s.", why)
        self._is_broken = True
