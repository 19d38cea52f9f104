"""Runs `--check`: the free checks and, with `--spend`, the live test after asking."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from check.findings_store import database_in_use
from check.free_checks import run_free_checks
from check.live import LiveTest
from check.results import format_results, passed
from cogs.client.bot import use_discord_at
from infra.logging import REDACTED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from check.free_checks import FreeReport
    from infra.config.settings import Settings

OK, FAILED, UNANSWERED = 0, 1, 2
_YES = {"y", "yes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """spend: run the live test. channel: a Discord channel to test. yes: don't ask. out: the folder for samples."""

    spend: bool = False
    channel: int | None = None
    yes: bool = False
    out: Path | None = None


async def check(settings: Settings, options: Options) -> int:
    """Print the results and return the exit status: 0 if everything that the bot relies on holds."""
    use_discord_at(settings.discord_api_url, settings.discord_gateway_url, settings.discord_cdn_url)
    print_line = Printer(secret.get_secret_value() for secret in settings.secrets)
    free = await run_free_checks(settings)
    for line in format_results(free.results if options.spend else [*free.results, free.live_test]):
        print_line(line)
    if not options.spend:
        return OK if passed(free.results) else FAILED
    print_line("")
    if not passed(free.results):
        print_line("Nothing was spent. Fix what failed first.")
        return FAILED
    return await _spend(settings, options, free, print_line)


async def _spend(settings: Settings, options: Options, free: FreeReport, print_line: Printer) -> int:
    print_line(f"This makes {free.plan.sentence()}.")
    print_line(f"They are charged to the account at {settings.provider.label} ({settings.api_address}).")
    if database_in_use(settings):
        print_line(
            "A bot is using this SQLite file, so the findings can't be stored. To store them, stop the bot first."
        )
    if options.channel is not None:
        print_line(f"It also posts, edits and deletes a message in the Discord channel {options.channel}.")
    if not options.yes and not sys.stdin.isatty():
        print_line("Nothing was spent: there is no terminal to ask on. Add --yes to continue without asking.")
        return UNANSWERED
    if not options.yes and not await _agreed(print_line):
        return FAILED
    return OK if await LiveTest(settings, free.plan, options.out, print_line).run(options.channel) else FAILED


async def _agreed(print_line: Printer) -> bool:
    """Ask on the terminal. Ctrl-C works while waiting for the answer."""
    agreed = False
    try:
        agreed = await _answer() in _YES
    finally:
        if not agreed:
            print_line("Nothing was spent.")
    return agreed


async def _answer() -> str:
    print("Continue? [y/N] ", end="", flush=True)
    loop, answered = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin.fileno(), answered.set)
    except NotImplementedError:  # Windows' loops wait for sockets alone
        return sys.stdin.readline().strip().lower()
    try:
        await answered.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    return sys.stdin.readline().strip().lower()


class Printer:
    """Prints lines without secrets, whatever a service has put into them."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = sorted(secrets, key=len, reverse=True)

    def __call__(self, text: str) -> None:
        for secret in self._secrets:
            text = text.replace(secret, REDACTED)
        print(text, flush=True)
