"""Draws what /quota-admin answers: changes and what comes of them, questions, lists and the log. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import discord
from discord import ui

from cogs.ui.limit_texts import at_head, capital, entry_line, limits_words, who, words
from cogs.ui.quota_texts import bar, relative
from cogs.ui.texts import count
from studio.limits import SERVER, Kind, Who

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from studio.audit import AuditEntry
    from studio.limits import Limit, Target
    from studio.quota_admin import Count, Stand
    from studio.quotas import Standing

View = ui.LayoutView

PATTERN = r"sd:qa:(?P<verb>[a-z]{1,16}):(?P<argument>[\w.:-]{0,64})"
TARGETS_A_PAGE = 12
ENTRIES_A_PAGE = 10
LONGEST_PAGE = 3_400  # of the 4,000 characters that a message's texts may have together
_DONE, _ASKS, _PLAIN = 0x2FA56B, 0xD83C3E, None

_HOLDS = {
    Who.EVERYONE: "Each member by themselves. A limit of a role, or of a member's own, takes its place.",
    Who.ROLE: "Each member with this role by themselves; of several roles the most generous counts. A member's own "
    "limit takes its place.",
    Who.MEMBER: "It takes the place of everyone's limit and of their roles'.",
    Who.SERVER: "All members together, besides each one's own.",
}
_NOW = {Kind.DAY: "today", Kind.WEEK: "this week", Kind.MONTH: "this month"}
UNKNOWN = "How many have used it up could not be counted: Discord did not say in time who has which role."
NOT_HERE = "⚠️ They are not in this server: it counts when they come back."


class Screen(NamedTuple):
    """A message: what it shows, and the files that it refers to."""

    view: View
    files: tuple[discord.File, ...] = ()


def custom_id(verb: str, argument: str = "") -> str:
    return f"sd:qa:{verb}:{argument}"


def button(
    label: str,
    verb: str,
    argument: str = "",
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    *,
    disabled: bool = False,
) -> ui.Button[View]:
    return ui.Button(label=label, custom_id=custom_id(verb, argument), style=style, disabled=disabled)


def screen(*items: str | ui.Item[View], colour: int | None = _PLAIN) -> Screen:
    """One card; texts that are empty are left out."""
    view = View(timeout=None)
    shown = [ui.TextDisplay[View](item) if isinstance(item, str) else item for item in items if item]
    view.add_item(ui.Container(*shown, accent_colour=colour))
    view.stop()
    return Screen(view)


def done(title: str, *lines: str) -> Screen:
    return screen("\n".join([f"✅ {title}", *filter(None, lines)]), colour=_DONE)


def question(asked: str, yes: str, no: str, verb: str, argument: str) -> Screen:
    """What can't be undone is asked for first."""
    buttons = button(yes, verb, argument, discord.ButtonStyle.danger), button(no, "keep")
    return screen(f"⚠️ {asked}", ui.ActionRow(*buttons), colour=_ASKS)


# --- what comes of a change -----------------------------------------------------------------------------------------


def holds_for(target: Target) -> str:
    return f"-# {_HOLDS[target.who]}"


def over_words(found: Count | None, ends: float) -> str:
    """Of a limit for many."""
    if found is None:
        return UNKNOWN
    if not found.number:
        return "Nobody is over it." if found.whole else "Nobody of those who use most is over it."
    least = "" if found.whole else "At least "
    are = "is" if found.number == 1 else "are"
    return (
        f"**{least}{count(found.number, 'member')} {are} now at or over it**: there is more for them "
        f"{relative(ends)}, or what you grant."
    )


def freed_words(found: Count | None) -> str:
    """Of those who could not go on until now."""
    if found is None:
        return UNKNOWN
    if not found.number:
        return "Nobody had used it up." if found.whole else "Nobody of those who use most had used it up."
    least = "" if found.whole else "at least "
    return f"It had stopped **{least}{count(found.number, 'member')}**, who had used it up."


def standing_words(standing: Standing, subject: str) -> str:
    """Of a limit that one member has, or the server: `subject` is "They" or "The server"."""
    rule = standing.rule
    if rule.amount is None or rule.kind.window is None:
        return ""
    used, amount, left = int(standing.used), rule.amount, int(standing.left)
    have, are = ("have", "are") if subject == "They" else ("has", "is")
    part = f"{used:,} of {amount:,} {_NOW[rule.kind]}"
    if left:
        return f"{subject} {have} used {part}: {left:,} left until {relative(rule.ends)}."
    return f"**{subject} {are} now at or over it**, with {part}: there is more {relative(rule.ends)}."


# --- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All limits of a server, those of one target together. `gone`: targets that there are no more."""

    limits: Sequence[Limit]
    server: Sequence[Standing]
    gone: AbstractSet[Target]
    zone: str


def draw_list(listed: Listed, page: int) -> Screen:
    groups = [(target, list(found)) for target, found in groupby(listed.limits, lambda limit: limit.target)]
    pages = max(1, -(-len(groups) // TARGETS_A_PAGE))
    page = min(max(page, 0), pages - 1)
    here = groups[page * TARGETS_A_PAGE : (page + 1) * TARGETS_A_PAGE]
    lines = [_listed(target, limits, listed) for target, limits in here]
    if not lines:
        lines = ["Nothing is limited here. `/quota-admin set` limits everyone, a role, a member or the server."]
    parts: list[str | ui.Item[View]] = ["### Limits", "\n".join(lines)]
    parts.append(
        "-# A member has their own limit, else the most generous of their roles', else everyone's. The server's holds "
        f"besides. Days, weeks and months are those of {listed.zone}."
    )
    if listed.gone:
        parts.append(ui.ActionRow(button(f"Clear those of {count(len(listed.gone), 'deleted role')}", "gone")))
    if pages > 1:
        parts.append(
            ui.ActionRow(
                button("◀", "list", str(page - 1), disabled=page == 0),
                button(f"{page + 1} of {pages}", "list", "here", disabled=True),
                button("▶", "list", str(page + 1), disabled=page == pages - 1),
            )
        )
    return screen(*parts)


def _listed(target: Target, limits: Sequence[Limit], listed: Listed) -> str:
    lost = " (a role that was deleted)" if target in listed.gone else ""
    lines = [f"**{at_head(target)}**{lost} · {limits_words(limits)}"]
    lines += [f"> {_used(one)}" for one in listed.server if target == SERVER and one.rule.amount]
    return "\n".join(lines)


def draw_member(user_id: int, stand: Stand) -> Screen:
    """Where a member stands, as an admin looks at it."""
    lines = [_member_line(standing, user_id) for standing in stand.standings]
    grants = f"🎁 **{count(stand.grants, 'credit')}** left of what was granted" if stand.grants else "No grants left."
    return screen(f"### <@{user_id}>", "\n".join(lines or ["Nothing limits them here."]), grants)


def _member_line(standing: Standing, user_id: int) -> str:
    rule = standing.rule
    line = f"**{capital(words(rule.kind, rule.amount))}** · {_by(rule.by, user_id)}"
    return f"{line}\n{_used(standing)}" if rule.kind.window and rule.amount else line


def _used(standing: Standing) -> str:
    rule = standing.rule
    amount, used = rule.amount or 0, int(standing.used)
    return f"`{bar(used, amount)}` {used:,} of {amount:,} used · resets {relative(rule.ends)}"


def _by(by: Target, user_id: int) -> str:
    match by.who:
        case Who.MEMBER if by.id == user_id:
            return "their own"
        case Who.ROLE:
            return f"by {who(by)}"
        case Who.SERVER:
            return "the whole server together"
        case Who.EVERYONE:
            return "for everyone"
        case _:
            return "by the bot's operator"


# --- the log --------------------------------------------------------------------------------------------------------


def draw_log(entries: Sequence[AuditEntry], *, newest: bool) -> Screen:
    """A page of the audit log, and the way to what is older: one entry more than fits is given."""
    lines: list[str] = []
    shown = 0
    for entry in entries[:ENTRIES_A_PAGE]:
        line = f"<t:{int(entry.at)}:f> <@{entry.by_user_id}> {entry_line(entry)}"
        if lines and len("\n".join([*lines, line])) > LONGEST_PAGE:
            break
        lines.append(line)
        shown += 1
    parts: list[str | ui.Item[View]] = ["### What admins have changed", "\n".join(lines or ["Nothing yet."])]
    older = shown < len(entries)
    if older or not newest:
        last = str(entries[shown - 1].id) if shown else "0"
        parts.append(
            ui.ActionRow(
                button("Newest", "log", "0", disabled=newest), button("Older ▶", "log", last, disabled=not older)
            )
        )
    return screen(*parts)
