"""Renders what the bot's owners see: its status, the servers that use it, and whether it accepts requests. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import discord
from discord import ui

from cogs.client.message_content import content_words
from cogs.operator.ceiling_text import share_words
from cogs.requests.cards import View, button, card
from cogs.texts.common import escaped, operators_part
from seedream import MODELS
from studio.jobs.admission import Drain
from studio.jobs.states import JobState
from studio.quota.ledger import PERSONAL, UsageTotals
from studio.quota.limits import UTC
from studio.quota.windows import Window, window_bounds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from seedream.providers import Provider
    from studio.jobs.circuit_breaker import CircuitBreaker
    from studio.jobs.operations import BotStatus, ProcessStatus

PATTERN = r"sd:operator:(?P<what>stats|servers|retry|undrain):(?P<page>\d{1,4})"
PER_PAGE = 10
MOST_ERRORS = 6
LONGEST_NAME = 60
_WORKING, _DRAINED, _BROKEN = 0x2FA56B, 0xE0A030, 0xD83C3E

_DRAINS = {
    Drain.OFF: "✅ Accepting requests",
    Drain.HERE: "🚧 **This process isn't accepting requests** until `/operator drain off` or until it ends.",
    Drain.ALL: "🚧 **No process is accepting requests** until `/operator drain off`, even after a restart.",
}


class ServerUsage(NamedTuple):
    """A server and its usage. name, members: None if another process serves it, or the bot has left."""

    id: int
    name: str | None
    members: int | None
    usage: UsageTotals


class Api(NamedTuple):
    """The image service. `offered`: the names of the models that it accepts."""

    provider: Provider
    offered: AbstractSet[str]


def render_stats(
    whole: BotStatus,
    here: ProcessStatus,
    drain: Drain,
    circuit: CircuitBreaker,
    api: Api,
    now: float,
    *,
    reads_content: bool,
    daily_limit: int | None = None,
) -> View:
    """Render the bot's status.

    `reads_content`: whether the bot can read messages that don't mention it. `daily_limit`: the whole bot's, if any.
    """
    rows = [button("Refresh", "operator", "stats", 0), button("Servers", "operator", "servers", 0)]
    if circuit.reason:
        rows.append(button("Retry the API now", "operator", "retry", 0, style=discord.ButtonStyle.primary))
    if drain is not Drain.OFF:
        rows.append(_undrain_button())
    accent = _BROKEN if circuit.reason else _WORKING if drain is Drain.OFF else _DRAINED
    return _view(
        accent,
        f"## Bot status\n{_DRAINS[drain]}\n{_circuit(circuit, api, now)}",
        _jobs(whole),
        _usages(whole, daily_limit, now),
        _api(api),
        f"**Message Content** {'on' if reads_content else 'off'}\n-# {content_words(on=reads_content)}",
        _process(here),
        f"**Database** {whole.database}, revision {whole.revision}, {_bytes(whole.size)}, "
        f"responds in {whole.answers * 1000:.1f} ms",
        f"-# As of <t:{now:.0f}:T>. Days and weeks are in UTC.",
        buttons=rows,
    )


def render_servers(servers: Sequence[ServerUsage], page: int, *, members: int, days: int) -> View:
    """Render a page of servers; the last one if the page no longer exists."""
    last = max(0, (len(servers) - 1) // PER_PAGE)
    page = min(page, last)
    shown = servers[page * PER_PAGE : (page + 1) * PER_PAGE]
    lines = [f"{number}. {_server(server)}" for number, server in enumerate(shown, page * PER_PAGE + 1)]
    known = sum(server.name is not None and server.id != PERSONAL for server in servers)
    counts = f"{_count(known, 'server')} with {_count(members, 'member')} here"
    head = f"## Servers\n{counts}, most active in the last {days} days first"
    return _view(
        _WORKING,
        head,
        "\n".join(lines) or "No servers yet.",
        f"-# Page {page + 1} of {last + 1}. Names are known only for servers on this process's shards.",
        buttons=[
            button("Back", "operator", "servers", max(0, page - 1), disabled=page == 0),
            button("Next", "operator", "servers", page + 1, disabled=page == last),
            button("Stats", "operator", "stats", 0),
        ],
    )


def render_drain(drain: Drain, *, waiting: int, running: int) -> View:
    """Render whether requests are accepted. waiting, running: jobs of this process."""
    jobs = f"Here: {running} running, {waiting} waiting. They finish as usual."
    if not (waiting or running):
        jobs = "No jobs are running or waiting here."
    note = "" if drain is Drain.OFF else "\nMembers are asked to try again in a few minutes."
    rows = [button("Stats", "operator", "stats", 0)]
    if drain is not Drain.OFF:
        rows.append(_undrain_button())
    accent = _WORKING if drain is Drain.OFF else _DRAINED
    return _view(accent, f"## Drain\n{_DRAINS[drain]}{note}", jobs, buttons=rows)


def _undrain_button() -> ui.Button[View]:
    return button("Accept requests again", "operator", "undrain", 0, style=discord.ButtonStyle.primary)


def _view(accent: int, *texts: str, buttons: Sequence[ui.Button[View]]) -> View:
    items: list[str | ui.Item[View]] = [texts[0]]
    for text in texts[1:]:
        items += [ui.Separator(), text]
    return card(*items, ui.ActionRow(*buttons), colour=accent)


def _circuit(circuit: CircuitBreaker, api: Api, now: float) -> str:
    if circuit.reason is None:
        return "✅ API working"
    state = f"next attempt <t:{circuit.until:.0f}:R>" if now < circuit.until else "the next job will try it"
    if now < circuit.probe_until:
        state = "a job is trying it now"
    return (
        f"⛔ **The API rejects every request** (`{circuit.reason}`) since <t:{circuit.since:.0f}:R>; {state}.\n"
        f"{operators_part(circuit.reason, api.provider)}"
    )


def _jobs(whole: BotStatus) -> str:
    waiting, running = (whole.open_jobs.get(state, 0) for state in (JobState.QUEUED, JobState.RUNNING))
    today = ", ".join(f"{number} {state}" for state, number in whole.jobs_today.items()) or "none"
    return (
        f"**Processes** {whole.processes} alive\n"
        f"**Jobs** {waiting} waiting, {running} running\n"
        f"**Accepted today** {today}"
    )


def _usages(whole: BotStatus, daily_limit: int | None, now: float) -> str:
    share = share_words(whole.today.credits, daily_limit, window_bounds(Window.DAY, now, UTC).end)
    return f"**Today** {_usage(whole.today)}{share}\n**This week** {_usage(whole.week)}"


def _api(api: Api) -> str:
    labels = {name: model.label for name, model in MODELS.items() if model.offered}
    taken = ", ".join(label for name, label in labels.items() if name in api.offered) or "none"
    refused = ", ".join(label for name, label in labels.items() if name not in api.offered)
    gone = f"\n**Unavailable at the API** {refused}; retried after a day" if refused else ""
    return f"**API** {api.provider.label}\n**Models offered** {taken}{gone}"


def _process(here: ProcessStatus) -> str:
    errors = sorted(here.api_errors.items(), key=lambda item: -item[1])[:MOST_ERRORS]
    counts = ", ".join(f"{number} × {name}" for name, number in errors) or "none"
    versions = " · ".join(f"{name} {number}" for name, number in here.versions.items())
    return (
        f"**This process** started <t:{here.started_at:.0f}:R>; {here.waiting} waiting, "
        f"{here.running} running\n**API errors** since then: {counts}\n-# {versions}"
    )


def _server(server: ServerUsage) -> str:
    if server.id == PERSONAL:
        name = "Direct messages and user installs"
    else:
        name = escaped(server.name, LONGEST_NAME) if server.name else f"`{server.id}`"
    members = "" if server.members is None else f" · {_count(server.members, 'member')}"
    return f"**{name}**{members} · {_usage(server.usage)}"


def _usage(usage: UsageTotals) -> str:
    return f"{_count(usage.pictures, 'picture')}, {_count(usage.credits, 'credit')}"


def _bytes(size: int) -> str:
    return f"{size / 2**20:.1f} MiB" if size < 2**30 else f"{size / 2**30:.2f} GiB"


def ranked(names: Mapping[int, tuple[str, int | None]], usages: Mapping[int, UsageTotals]) -> list[ServerUsage]:
    """Join names and usage of all known servers: those with the highest usage first, then the largest."""
    servers = []
    for server_id in dict.fromkeys((*usages, *names)):
        name, members = names.get(server_id, (None, None))
        servers.append(ServerUsage(server_id, name, members, usages.get(server_id, UsageTotals())))
    return sorted(servers, key=lambda server: (-server.usage.credits, -(server.members or 0), server.id))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
