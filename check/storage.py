"""Checks what the bot writes to: the database and the folder for pictures in transit."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from check.results import CheckResult
from infra.config.display import shown
from infra.db.access import connected
from infra.db.opening import UnusableDatabaseError, usable_database
from infra.db.postgresql import is_pooled
from infra.db.shared_state import SqlSharedState
from infra.folders import SPOOL_ROOM, FolderError, try_folder
from infra.stores.operations import usage_since
from seedream.wire_ids import WireIds
from studio.errors import UnavailableError
from studio.jobs.api_memory import ApiMemory
from studio.jobs.api_profile import ApiProfile
from studio.patience import waiting
from studio.quota.limits import UTC
from studio.quota.windows import Window, window_bounds

if TYPE_CHECKING:
    from infra.config.settings import Settings

READ_SECONDS = 5.0


async def check_database(settings: Settings) -> tuple[CheckResult, ApiProfile, int | None]:
    """Check that the database can be used, and read what it knows about the service, and the credits used today."""
    try:
        async with usable_database(settings.database_url) as engine:
            ids = WireIds(settings.provider)
            memory = ApiMemory(SqlSharedState(engine), ids, time.time, address=settings.api_address)
            with waiting(READ_SECONDS):
                await memory.refresh()
                async with connected(engine) as connection:
                    today = await usage_since(connection, window_bounds(Window.DAY, time.time(), UTC).start)
            way = ", through a pooler" if is_pooled(engine) else ""
    except (UnusableDatabaseError, UnavailableError) as error:
        return CheckResult.failed("database", str(error)), ApiProfile(), None
    address = shown(settings.database_url)
    return CheckResult.ok("database", f"{address}{way}, tables up to date"), memory.profile, today.credits


def check_spool(settings: Settings) -> CheckResult:
    """Check that pictures in transit can be kept."""
    folder = settings.data_dir / "spool"
    try:
        try_folder(folder, room=SPOOL_ROOM)
    except FolderError as error:
        return CheckResult.failed("spool", f"results could only be linked: {error.strerror}")
    return CheckResult.ok("spool", f"{folder} is writable")
