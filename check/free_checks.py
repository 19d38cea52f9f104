"""The checks that cost nothing: settings, database, Discord, network, API key, and what is known of the service."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import discord

from check.env_file import env_file_results
from check.error_advice import advice_for, web_page_advice
from check.machine import check_machine
from check.network import Host, check_network, web_page_problem
from check.plan import Plan, plan_for
from check.recorder import Recorder
from check.results import CheckResult, CheckStatus, counted, unexpected_error
from check.service_knowledge import delivery_results, model_results
from check.storage import check_database, check_spool
from cogs.client.connect_error import ConnectError, reading_answers
from cogs.client.discord_clock import CLOCK_ADVICE, TOLERATED_SECONDS, DiscordClock, compared
from cogs.client.message_content import content_words, has_content
from cogs.client.registration import entry_points, installs_of, limitation
from cogs.client.session_starts import SessionStarts
from cogs.delivery.discord_errors import discord_refusal
from cogs.delivery.odd_answers import refuse_odd_answers
from infra.config.ceiling import ceiling_sentence
from seedream import SeeDreamClient
from seedream.errors import SeeDreamError
from seedream.proxies import ProxiedConnector
from seedream.troubles import describe
from studio.jobs.api_profile import ApiProfile
from studio.jobs.paths import Delivery
from studio.jobs.states import Path as DeliveryPath

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from infra.config.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeReport:
    """The results of the free checks. profile: what the database knows about the service."""

    results: list[CheckResult]
    plan: Plan
    profile: ApiProfile = field(default_factory=ApiProfile)

    @property
    def live_test(self) -> CheckResult:
        """What a live test would make, for an operator who hasn't asked for one."""
        return CheckResult.ok("live test", f"--check --spend would make {self.plan.sentence()}")


async def run_free_checks(settings: Settings) -> FreeReport:
    """Run all of them."""
    database, profile, used = await check_database(settings)
    plan = plan_for(settings.provider, profile.ids, settings.ceilings.prices, reachable=bool(settings.public_url))
    now = time.time()
    results = [
        CheckResult.ok("settings", f"model {settings.default_model}, size {settings.default_size}"),
        *(CheckResult.note("settings", note) for note in settings.notes),
        _ceiling_result(settings, used),
        *env_file_results(Path(".env")),
        database,
        check_spool(settings),
        *await check_network(
            _hosts(settings),
            allow_local=settings.allow_local_urls,
            proxies=settings.proxies,
            trusted=settings.trust_resolver,
        ),
        *await check_machine(settings),
        *await _results("discord", _check_discord(settings)),
        *await _results("seedream", _check_key(settings)),
        *model_results(profile.ids, settings.provider, now),
        *delivery_results(_delivery(settings), settings.default_model, profile, now),
    ]
    return FreeReport(results=results, plan=plan, profile=profile)


async def _results(name: str, check: Awaitable[list[CheckResult]]) -> list[CheckResult]:
    try:
        return await check
    except Exception as error:  # noqa: BLE001 - the other checks can still run
        return [unexpected_error(name, error)]


def _hosts(settings: Settings) -> list[Host]:
    """List what must be reachable. Behind a proxy of Discord's API or a local one, the real CDN may not be."""
    names = ("discord_api_url", "discord_gateway_url", "discord_cdn_url")
    pairs = ((getattr(settings, name), type(settings).model_fields[name].default) for name in names)
    api, gateway, cdn = (Host.of(address, own=address != default) for address, default in pairs)
    files = [cdn] if cdn.own or not api.own else []
    return [Host.of(settings.api_address, own=bool(settings.seedream_base_url)), api, gateway, *files]


def _delivery(settings: Settings) -> Delivery:
    forced = None if settings.delivery == "auto" else DeliveryPath(settings.delivery)
    return Delivery(provider=settings.provider, reachable=bool(settings.public_url), forced=forced)


def _ceiling_result(settings: Settings, used: int | None) -> CheckResult:
    """Say what the bot may spend in a day. `used`: credits of today; None if that isn't known."""
    today = "" if used is None else f" Used today: {counted(used, 'credit')}."
    status = CheckStatus.NOTE if settings.operator_daily_limit is None else CheckStatus.OK
    return CheckResult("daily limit", status, f"{ceiling_sentence(settings)}{today}".removesuffix("."))


async def _check_discord(settings: Settings) -> list[CheckResult]:
    connector = ProxiedConnector(settings.proxies, limit=0)
    clock = DiscordClock()
    trace = refuse_odd_answers(clock.watch(aiohttp.TraceConfig()))
    async with discord.Client(intents=discord.Intents(guilds=True), connector=connector, http_trace=trace) as client:
        try:
            with reading_answers():
                await client.login(settings.discord_token.get_secret_value())
                found = CheckResult.ok("discord", f"{client.user}, application {client.application_id}")
                starts = await _check_starts(client, len(settings.shard_ids or ()) or settings.shard_count)
                commands = await _check_commands(client)
            return [found, commands, _check_content(client), starts, _clock_result(clock.ahead)]
        except discord.LoginFailure:
            detail = "DISCORD_TOKEN: Discord doesn't accept it. Copy it again from the page Bot"
        except ConnectError as error:
            detail = str(error).removesuffix(".")
        except (discord.HTTPException, discord.GatewayNotFound) as error:
            refusal = error if isinstance(error, discord.HTTPException) else error.__cause__
            detail = discord_refusal(refusal) if isinstance(refusal, discord.HTTPException) else str(error)
        except (aiohttp.ClientError, OSError) as error:
            detail = f"DISCORD_API_URL can't be reached: {describe(error)}"
        return [CheckResult.failed("discord", detail)]


def _clock_result(ahead: float) -> CheckResult:
    if abs(ahead) <= TOLERATED_SECONDS:
        return CheckResult.ok("clock", f"within {TOLERATED_SECONDS:.0f} s of Discord's")
    return CheckResult.note("clock", f"this machine's is {compared(ahead)}. {CLOCK_ADVICE}")


async def _check_starts(client: discord.Client, shards: int | None) -> CheckResult:
    """Check that as many sessions may start as there are shards; None: as many as Discord recommends."""
    recommended, _, limit = await client.http.get_bot_gateway()
    starts = SessionStarts.of(limit, time.time())
    if refusal := starts.refusal(shards or recommended):
        return CheckResult.failed("session starts", refusal)
    return CheckResult("session starts", CheckStatus.NOTE if starts.are_few else CheckStatus.OK, str(starts))


async def _check_commands(client: discord.Client) -> CheckResult:
    """Check which commands the application can't have, and which of its own are kept."""
    limited = limitation(installs_of(await client.http.application_info()))
    registered: list[Any] = list(await client.http.get_global_commands(client.application_id or 0))
    kept = [f"The Entry Point command {command['name']} is kept." for command in entry_points(registered)]
    detail = " ".join([limited or "all can be registered.", *kept]).removesuffix(".")
    return CheckResult("commands", CheckStatus.NOTE if limited else CheckStatus.OK, detail)


def _check_content(client: discord.Client) -> CheckResult:
    on = client.application is not None and has_content(client.application.flags)
    return CheckResult(
        "message content",
        CheckStatus.OK if on else CheckStatus.NOTE,
        f"{'on' if on else 'off'}. {content_words(on=on)}",
    )


async def _check_key(settings: Settings) -> list[CheckResult]:
    """Check that the service accepts the API key."""
    answers = Recorder()
    key = settings.seedream_api_key.get_secret_value()
    client = SeeDreamClient(
        api_key=key,
        provider=settings.provider,
        base_url=settings.api_address,
        retries=0,
        record=answers,
        proxies=settings.proxies,
    )
    async with client:
        try:
            await client.check_key()
        except SeeDreamError as error:
            page = web_page_problem(answers.last)
            return [
                CheckResult.failed("seedream", web_page_advice(settings, page) if page else advice_for(error, settings))
            ]
    if page := web_page_problem(answers.last):
        return [CheckResult.failed("seedream", web_page_advice(settings, page))]
    return [CheckResult.ok("seedream", f"{settings.api_address} accepts the key")]
