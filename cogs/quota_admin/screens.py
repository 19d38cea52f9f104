"""Renders the answers of /quota-admin: changes and their effects, questions, lists and the log. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import discord
from discord import ui

from cogs.i18n.translate import N_, _, ngettext
from cogs.quota_admin.log_text import entry_line
from cogs.requests.cards import View, button, card
from cogs.texts.common import dotted, labelled
from cogs.texts.limits import by_target, limit_words, target_name
from cogs.texts.quota import lead, relative, small_lines, tightest
from studio.quota.limits import Who

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from studio.guilds.audit import AuditEntry
    from studio.quota.admin import MemberCount, MemberStatus
    from studio.quota.decide import LimitStatus
    from studio.quota.limits import Limit, Target

PATTERN = r"sd:qa:(?P<verb>[a-z]{1,16}):(?P<argument>[\w.:-]{0,64})"
TARGETS_A_PAGE = 10
ENTRIES_A_PAGE = 10
LONGEST_PAGE = 3_400  # of the 4,000 characters that all texts of a message may have
_DONE, _QUESTION = 0x2FA56B, 0xD83C3E

_APPLIES_TO = {
    Who.EVERYONE: N_("Applies to each member separately. A role's or a member's own limit overrides it."),
    Who.ROLE: N_(
        "Applies to each member with this role separately. For members with several roles, the most "
        "generous limit applies. A member's own limit overrides it."
    ),
    Who.MEMBER: N_("Overrides everyone's limit and the limits of the member's roles."),
    Who.SERVER: N_("Shared by all members, in addition to their own limits."),
}
UNKNOWN = N_("I couldn't count who has reached the limit: Discord didn't send the members' roles in time.")


class Screen(NamedTuple):
    """A message, and the files that it refers to."""

    view: View
    files: tuple[discord.File, ...] = ()


def screen(*items: str | ui.Item[View], colour: int | None = None) -> Screen:
    return Screen(card(*items, colour=colour))


def done(title: str, *lines: str) -> Screen:
    return screen("\n".join([f"✅ {title}", *filter(None, lines)]), colour=_DONE)


def question(text: str, confirm: str, verb: str, argument: str) -> Screen:
    """Ask before something that can't be undone; `confirm` is the label of the button that does it."""
    # Translators: a button that leaves everything as it is; at most 20 characters
    cancel = button(_("Cancel"), "qa", "keep", "")
    confirmed = button(confirm, "qa", verb, argument, style=discord.ButtonStyle.danger)
    return screen(f"⚠️ {text}", ui.ActionRow(confirmed, cancel), colour=_QUESTION)


# --- effects of a change --------------------------------------------------------------------------------------------


def holds_for(target: Target) -> str:
    return f"-# {_(_APPLIES_TO[target.who])}"


def not_here() -> str:
    return _("⚠️ They aren't in this server. This applies when they come back.")


def over_words(count: MemberCount | None, ends: float) -> str:
    """Say how many members have reached a new limit for many."""
    if count is None:
        return _(UNKNOWN)
    if not count.number:
        return (
            _("Nobody has reached it yet.") if count.whole else _("None of the most active members has reached it yet.")
        )
    when = relative(ends)
    if count.whole:
        # Translators: "it" is a limit; {when} is said by Discord: "in 5 hours"
        return ngettext(
            "**{n} member has already reached it.** It resets {when}; you can grant extra credits.",
            "**{n} members have already reached it.** It resets {when}; you can grant extra credits.",
            count.number,
            when=when,
        )
    # Translators: "it" is a limit; {when} is said by Discord: "in 5 hours"
    return ngettext(
        "**At least {n} member has already reached it.** It resets {when}; you can grant extra credits.",
        "**At least {n} members have already reached it.** It resets {when}; you can grant extra credits.",
        count.number,
        when=when,
    )


def cleared_words(count: MemberCount | None) -> str:
    """Say how many members had reached a limit that was cleared."""
    if count is None or not count.number:
        return _nobody_words(count)
    if count.whole:
        return ngettext("**{n} member** had reached a limit.", "**{n} members** had reached a limit.", count.number)
    return ngettext(
        "**At least {n} member** had reached a limit.", "**At least {n} members** had reached a limit.", count.number
    )


def freed_words(count: MemberCount | None) -> str:
    """Say how many members can make pictures again after a reset."""
    if count is None or not count.number:
        return _nobody_words(count)
    if count.whole:
        return ngettext("**{n} member** can create again.", "**{n} members** can create again.", count.number)
    return ngettext(
        "**At least {n} member** can create again.", "**At least {n} members** can create again.", count.number
    )


def _nobody_words(count: MemberCount | None) -> str:
    if count is None:
        return _(UNKNOWN)
    if count.whole:
        return _("Nobody had reached a limit.")
    return _("None of the most active members had reached a limit.")


def standing_lines(limit_statuses: Sequence[LimitStatus]) -> str:
    """Lead with what is left by the tightest limit; the others follow small. Empty without limits."""
    first = tightest(limit_statuses)
    others = small_lines([status for status in limit_statuses if status is not first], target_name)
    return "\n".join([*([lead(first, target_name)] if first else []), *others])


# --- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All limits of a server. server: the status of its own limits. gone: deleted roles. zone: its time zone."""

    limits: Sequence[Limit]
    server: Sequence[LimitStatus]
    gone: AbstractSet[Target]
    zone: str


def render_list(listed: Listed, page: int) -> Screen:
    """Render a page of limits, grouped by target."""
    groups = list(by_target(listed.limits).items())
    pages = max(1, -(-len(groups) // TARGETS_A_PAGE))
    page = min(max(page, 0), pages - 1)
    here = groups[page * TARGETS_A_PAGE : (page + 1) * TARGETS_A_PAGE]
    lines = [_listed(target, limits, listed) for target, limits in here]
    if not lines:
        lines = [_("This server has no limits. Use `/quota-admin set` to add one.")]
    title = _("Limits")
    which_holds = _(
        "A member's own limit applies first, then the most generous of their roles' limits, then "
        "everyone's. The server's limit applies as well. Limits reset in the time zone {zone}.",
        zone=listed.zone,
    )
    limits = [f"### {title}", "\n".join(lines), f"-# {which_holds}"]
    parts: list[str | ui.Item[View]] = [standing_lines(listed.server), *limits]
    if gone := len(listed.gone):
        # Translators: a button, which clears the limits of roles that were deleted; at most 80 characters
        label = ngettext("Clear limits of {n} deleted role", "Clear limits of {n} deleted roles", gone)
        parts.append(ui.ActionRow(button(label, "qa", "gone", "")))
    if pages > 1:
        parts.append(_pager(page, pages))
    # Translators: a button that shows the server's settings; at most 20 characters
    parts.append(ui.ActionRow(button(_("Settings"), "set", "tab", "overview", 0)))
    return screen(*parts)


def _pager(page: int, pages: int) -> ui.ActionRow[View]:
    # Translators: between the buttons that turn pages; at most 80 characters
    position = _("{page} of {pages}", page=page + 1, pages=pages)
    return ui.ActionRow(
        button("◀", "qa", "list", page - 1, disabled=page == 0),
        button(position, "qa", "list", "here", disabled=True),
        button("▶", "qa", "list", page + 1, disabled=page == pages - 1),
    )


def _listed(target: Target, limits: Sequence[Limit], listed: Listed) -> str:
    name = target_name(target)
    if target in listed.gone:
        name = _("{role} (deleted role)", role=name)
    return labelled(name, dotted(map(limit_words, limits)))


def render_member(user_id: int, status: MemberStatus) -> Screen:
    """Render a member's limits and usage for an admin."""
    standing = standing_lines(status.limit_statuses) or _("They have no limits here.")
    grants = (
        ngettext("🎁 **{n} extra credit** left", "🎁 **{n} extra credits** left", status.grants)
        if status.grants
        else _("No extra credits left.")
    )
    return screen(f"<@{user_id}>\n{standing}", grants)


# --- the log --------------------------------------------------------------------------------------------------------


def render_log(entries: Sequence[AuditEntry], *, newest: bool) -> Screen:
    """Render a page of the audit log. `entries` has one more than fits if there are older ones."""
    lines: list[str] = []
    for entry in entries[:ENTRIES_A_PAGE]:
        line = f"- <t:{int(entry.at)}:f> {entry_line(entry)}"
        if lines and len("\n".join([*lines, line])) > LONGEST_PAGE:
            break
        lines.append(line)
    shown = len(lines)
    title = _("What admins changed")
    parts: list[str | ui.Item[View]] = [f"### {title}", "\n".join(lines or [_("No changes yet.")])]
    older = shown < len(entries)
    if older or not newest:
        last = entries[shown - 1].id if shown else 0
        parts.append(
            ui.ActionRow(
                # Translators: a button: back to the newest entries of the log; at most 20 characters
                button(_("Newest"), "qa", "log", 0, disabled=newest),
                # Translators: a button: on to older entries of the log; at most 20 characters
                button(_("Older ▶"), "qa", "log", last, disabled=not older),
            )
        )
    return screen(*parts)
