"""What is checked at no cost: settings, database, Discord, network, key, and what is known of the service."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import aiohttp
import discord
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from check.knowledge import delivery_rows, model_rows
from check.network import Host, check_network, explained, page_in_place_of
from check.plan import Plan, plan_for
from check.recorder import Recorder
from check.rows import Row, State, unexpected
from check.trouble import page_at, trouble
from cogs.client.bot import discord_refusal
from cogs.client.message_content import content_words, has_content
from cogs.client.registration import entry_points, installs_of, limitation
from infra.db.engine import migrate, open_engine
from infra.db.errors import explain
from infra.db.shared_state import SharedState
from seedream import SeeDreamClient
from seedream.errors import SeeDreamError
from seedream.wire_ids import WireIds
from studio.jobs.api_memory import ApiMemory
from studio.jobs.api_profile import ApiProfile
from studio.jobs.job import Path
from studio.jobs.paths import Delivery

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from infra.config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """What the free check has found. profile: what the database knows of the service."""

    rows: list[Row]
    plan: Plan
    profile: ApiProfile = field(default_factory=ApiProfile)

    @property
    def live_test(self) -> Row:
        """What a live test would make, to who has not asked for one."""
        return Row("live test", State.OK, f"--check --spend would make {self.plan.sentence()}")


async def check_free(settings: Settings) -> Free:
    database, profile = await _check_database(settings)
    plan = plan_for(settings.provider, profile.ids, settings.ceilings.prices, reachable=bool(settings.public_url))
    now = time.time()
    rows = [
        Row("settings", State.OK, f"model {settings.default_model}, size {settings.default_size}"),
        database,
        *await check_network(_hosts(settings), os.environ, allow_local=settings.allow_local_urls),
        *await _rows("discord", _check_discord(settings)),
        *await _rows("seedream", _check_key(settings)),
        *model_rows(profile.ids, settings.provider, now),
        *delivery_rows(_delivery(settings), settings.default_model, profile, now),
    ]
    return Free(rows=rows, plan=plan, profile=profile)


async def _rows(name: str, check: Awaitable[list[Row]]) -> list[Row]:
    try:
        return await check
    except Exception as error:  # noqa: BLE001 - the other rows have something to say too
        return [unexpected(name, error)]


def _hosts(settings: Settings) -> list[Host]:
    default = type(settings).model_fields["discord_api_url"].default
    return [
        Host.of(settings.api_address, own=bool(settings.seedream_base_url)),
        Host.of(settings.discord_api_url, own=settings.discord_api_url != default),
    ]


def _delivery(settings: Settings) -> Delivery:
    forced = None if settings.delivery == "auto" else Path(settings.delivery)
    return Delivery(provider=settings.provider, reachable=bool(settings.public_url), forced=forced)


async def _check_database(settings: Settings) -> tuple[Row, ApiProfile]:
    """Whether it can be used, and what it knows of the service."""
    try:
        engine = open_engine(settings.database_url)
        try:
            await migrate(engine)
            memory = ApiMemory(SharedState(engine), WireIds(settings.provider), time.time, address=settings.api_address)
            await memory.refresh()
        finally:
            await engine.dispose()
    except (SQLAlchemyError, CommandError, OSError) as error:
        return Row("database", State.FAILED, explain(error, settings.database_url)), ApiProfile()
    return Row("database", State.OK, f"{engine.url.render_as_string()}, tables up to date"), memory.profile


async def _check_discord(settings: Settings) -> list[Row]:
    async with discord.Client(intents=discord.Intents(guilds=True)) as client:
        try:
            await client.login(settings.discord_token.get_secret_value())
            found = Row("discord", State.OK, f"{client.user}, application {client.application_id}")
            return [found, await _check_commands(client), _check_content(client)]
        except discord.LoginFailure:
            detail = "DISCORD_TOKEN: Discord does not take it; copy it again from the page Bot."
        except discord.HTTPException as error:
            detail = discord_refusal(error)
        except (aiohttp.ClientError, OSError) as error:
            detail = f"DISCORD_API_URL: can't be reached: {explained(error)}"
        return [Row("discord", State.FAILED, detail)]


async def _check_commands(client: discord.Client) -> Row:
    """Which of the bot's commands the application can't have, and which of its own stays."""
    limited = limitation(installs_of(await client.http.application_info()))
    registered: list[Any] = list(await client.http.get_global_commands(client.application_id or 0))
    kept = [f"The Entry Point command {one['name']} is kept." for one in entry_points(registered)]
    detail = " ".join([limited or "all can be registered.", *kept]).removesuffix(".")
    return Row("commands", State.NOTE if limited else State.OK, detail)


def _check_content(client: discord.Client) -> Row:
    on = client.application is not None and has_content(client.application.flags)
    return Row("message content", State.OK if on else State.NOTE, f"{'on' if on else 'off'}. {content_words(on=on)}")


async def _check_key(settings: Settings) -> list[Row]:
    """Whether the service takes the key."""
    answers = Recorder()
    key = settings.seedream_api_key.get_secret_value()
    client = SeeDreamClient(
        api_key=key, provider=settings.provider, base_url=settings.api_address, retries=0, record=answers
    )
    async with client:
        try:
            await client.check_key()
        except SeeDreamError as error:
            page = page_in_place_of(answers.last)
            return [Row("seedream", State.FAILED, page_at(settings, page) if page else trouble(error, settings))]
    if page := page_in_place_of(answers.last):
        return [Row("seedream", State.FAILED, page_at(settings, page))]
    return [Row("seedream", State.OK, f"{settings.api_address} takes the key")]
