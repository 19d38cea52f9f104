"""The check from the command line: what costs nothing, then, if that is wanted, the question and the live test."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from check.free import check_free
from check.live import Live
from check.memory import is_in_use
from check.rows import lines, passed
from cogs.client.bot import use_discord_at
from infra.logging import REDACTED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from check.free import Free
    from infra.config.settings import Settings

OK, FAILED, UNANSWERED = 0, 1, 2
_YES = {"y", "yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """spend: make the live test. channel: a Discord channel to try. yes: do not ask. out: where samples go."""

    spend: bool = False
    channel: int | None = None
    yes: bool = False
    out: Path | None = None


async def check(settings: Settings, options: Options) -> int:
    """Print what was found, and return the exit status: 0 if all that the bot relies on holds."""
    use_discord_at(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
    say = partial(_say, [one.get_secret_value() for one in settings.secrets])
    free = await check_free(settings)
    for line in lines(free.rows if options.spend else [*free.rows, free.live_test]):
        say(line)
    if not options.spend:
        return OK if passed(free.rows) else FAILED
    say("")
    if not passed(free.rows):
        say("Nothing was spent. Fix what failed first.")
        return FAILED
    return await _spend(settings, options, free, say)


async def _spend(settings: Settings, options: Options, free: Free, say: Callable[[str], None]) -> int:
    say(f"This makes {free.plan.sentence()}.")
    say(f"They are paid from the account at {settings.provider.label} ({settings.api_address}).")
    if is_in_use(settings):
        say("A bot is using this SQLite file, so what is learned won't be remembered. Stop the bot first to keep it.")
    if options.channel is not None:
        say(f"In the Discord channel {options.channel} a message is posted, changed and deleted.")
    if not options.yes and not sys.stdin.isatty():
        say("Nothing was spent: there is no terminal to ask on. Add --yes to go on without asking.")
        return UNANSWERED
    if not options.yes and not await _agreed(say):
        return FAILED
    return OK if await Live(settings, free.plan, options.out, say).run(options.channel) else FAILED


async def _agreed(say: Callable[[str], None]) -> bool:
    """Ask on the terminal, and leave Ctrl-C to the loop while nobody answers."""
    agreed = False
    try:
        agreed = await _answer() in _YES
    finally:
        if not agreed:
            say("Nothing was spent.")
    return agreed


async def _answer() -> str:
    print("Go on? [y/N] ", end="", flush=True)
    loop, answered = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), answered.set)
    try:
        await answered.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower()


def _say(secrets: Iterable[str], text: str) -> None:
    """Print a line, whatever a service has put into it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, REDACTED)
    print(text, flush=True)
