"""Stores what the live test has learned, for the bot."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from check.results import CheckResult
from infra.db.engine import InUseError, sole_user
from infra.db.errors import explain
from infra.db.opening import OlderTablesError, UnusableDatabaseError, usable_database
from infra.db.shared_state import SqlSharedState
from seedream.wire_ids import WireIds
from studio.errors import UnavailableError
from studio.jobs.api_memory import ApiMemory

if TYPE_CHECKING:
    from check.findings import Findings
    from infra.config.settings import Settings
    from seedream.wire_ids import KnownIds

_NAME = "What was learned is stored for the bot"


def database_in_use(settings: Settings) -> bool:
    """Return whether a running bot uses the SQLite file."""
    if settings.database_file is None:
        return False
    try:
        with sole_user(settings.database_file):
            return False
    except InUseError:
        return True
    except OSError:  # `store_findings` reports problems with the file
        return False


async def store_findings(settings: Settings, learned: KnownIds, findings: Findings) -> CheckResult:
    """Add the findings to what the database knows about the service."""
    try:
        async with AsyncExitStack() as stack:
            if settings.database_file:
                stack.enter_context(sole_user(settings.database_file))
            engine = await stack.enter_async_context(usable_database(settings.database_url, upgrade=False))
            ids = WireIds(settings.provider)
            memory = ApiMemory(SqlSharedState(engine), ids, time.time, address=settings.api_address)
            await memory.refresh()
            ids.learn(learned)
            for path, works in findings.paths.items():
                memory.learn_path(path, works=works)
            for model, seconds in findings.runs:
                memory.learn_run(model, seconds)
            await memory.close()
    except InUseError:
        return CheckResult.note(_NAME, "no: a bot is using this SQLite file. It learns the same while it runs")
    except (UnusableDatabaseError, OlderTablesError, UnavailableError) as error:
        return CheckResult.note(_NAME, f"no: {error}")
    except OSError as error:
        return CheckResult.note(_NAME, f"no: {explain(error, settings.database_url)}")
    return CheckResult.ok(_NAME, "in its database")
