"""Draws what /quota-admin answers: changes and what comes of them, questions, lists and the log. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import discord
from discord import ui

from cogs.i18n.translate import _, marked, ngettext
from cogs.texts.common import labelled
from cogs.texts.limits import by_target, entry_line, limit_words, target_name
from cogs.texts.quota import meter_line, relative
from studio.quota.limits import SERVER, Who

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet

    from studio.guilds.audit import AuditEntry
    from studio.quota.admin import Count, Stand
    from studio.quota.decide import Standing
    from studio.quota.limits import Limit, Target

View = ui.LayoutView

PATTERN = r"sd:qa:(?P<verb>[a-z]{1,16}):(?P<argument>[\w.:-]{0,64})"
TARGETS_A_PAGE = 10
ENTRIES_A_PAGE = 10
LONGEST_PAGE = 3_400  # of the 4,000 characters that a message's texts may have together
_DONE, _ASKS, _PLAIN = 0x2FA56B, 0xD83C3E, None

_HOLDS = {
    Who.EVERYONE: marked("Each member by themselves. A limit of a role, or of a member's own, takes its place."),
    Who.ROLE: marked(
        "Each member with this role by themselves; of several roles the most generous counts. A member's own limit "
        "takes its place."
    ),
    Who.MEMBER: marked("It takes the place of everyone's limit and of their roles'."),
    Who.SERVER: marked("All members together, besides each one's own."),
}
UNKNOWN = marked("How many have used it up could not be counted: Discord did not say in time who has which role.")


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
    return f"-# {_(_HOLDS[target.who])}"


def not_here() -> str:
    return _("⚠️ They are not in this server: it counts when they come back.")


def over_words(found: Count | None, ends: float) -> str:
    """Of a limit for many."""
    if found is None:
        return _(UNKNOWN)
    if not found.number:
        return _("Nobody is over it.") if found.whole else _("Nobody of those who use most is over it.")
    when = relative(ends)
    if found.whole:
        # Translators: "it" is a limit; {when} is said by Discord: "in 5 hours"
        return ngettext(
            "**{n} member is now at or over it**: there is more for them {when}, or what you grant.",
            "**{n} members are now at or over it**: there is more for them {when}, or what you grant.",
            found.number,
            when=when,
        )
    # Translators: "it" is a limit; {when} is said by Discord: "in 5 hours"
    return ngettext(
        "**At least {n} member is now at or over it**: there is more for them {when}, or what you grant.",
        "**At least {n} members are now at or over it**: there is more for them {when}, or what you grant.",
        found.number,
        when=when,
    )


def freed_words(found: Count | None) -> str:
    """Of those who could not go on until now."""
    if found is None:
        return _(UNKNOWN)
    if not found.number:
        return _("Nobody had used it up.") if found.whole else _("Nobody of those who use most had used it up.")
    if found.whole:
        # Translators: "it" is a limit that holds no more
        return ngettext(
            "It had stopped **{n} member**, who had used it up.",
            "It had stopped **{n} members**, who had used it up.",
            found.number,
        )
    # Translators: "it" is a limit that holds no more
    return ngettext(
        "It had stopped **at least {n} member**, who had used it up.",
        "It had stopped **at least {n} members**, who had used it up.",
        found.number,
    )


def stand_words(standing: Standing) -> str:
    """Of a window's limit that one member has, or the server."""
    # Translators: "it" is a limit
    return "\n".join([meter_line(standing), *([] if standing.left else [_("**It is used up now.**")])])


# --- lists ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """All limits of a server, those of one target together. `gone`: targets that there are no more."""

    limits: Sequence[Limit]
    server: Sequence[Standing]
    gone: AbstractSet[Target]
    zone: str


def draw_list(listed: Listed, page: int) -> Screen:
    groups = list(by_target(listed.limits).items())
    pages = max(1, -(-len(groups) // TARGETS_A_PAGE))
    page = min(max(page, 0), pages - 1)
    here = groups[page * TARGETS_A_PAGE : (page + 1) * TARGETS_A_PAGE]
    lines = [_listed(target, limits, listed) for target, limits in here]
    if not lines:
        lines = [_("Nothing is limited here. `/quota-admin set` limits everyone, a role, a member or the server.")]
    title = _("Limits")
    which_holds = _(
        "A member has their own limit, else the most generous of their roles', else everyone's. The server's holds "
        "besides. Days, weeks and months are those of {zone}.",
        zone=listed.zone,
    )
    parts: list[str | ui.Item[View]] = [f"### {title}", "\n".join(lines), f"-# {which_holds}"]
    if gone := len(listed.gone):
        # Translators: a button, which clears the limits of roles that were deleted; at most 80 characters
        label = ngettext("Clear those of {n} deleted role", "Clear those of {n} deleted roles", gone)
        parts.append(ui.ActionRow(button(label, "gone")))
    if pages > 1:
        # Translators: between the buttons that turn pages; at most 80 characters
        place = _("{page} of {pages}", page=page + 1, pages=pages)
        parts.append(
            ui.ActionRow(
                button("◀", "list", str(page - 1), disabled=page == 0),
                button(place, "list", "here", disabled=True),
                button("▶", "list", str(page + 1), disabled=page == pages - 1),
            )
        )
    return screen(*parts)


def _listed(target: Target, limits: Sequence[Limit], listed: Listed) -> str:
    name = target_name(target)
    if target in listed.gone:
        name = _("{role} (a role that was deleted)", role=name)
    lines = [labelled(name, " · ".join(map(limit_words, limits)))]
    lines += [f"> {meter_line(one)}" for one in listed.server if target == SERVER and one.rule.amount]
    return "\n".join(lines)


def draw_member(user_id: int, stand: Stand) -> Screen:
    """Where a member stands, as an admin looks at it."""
    lines = list(map(standing_lines, stand.standings)) or [_("Nothing limits them here.")]
    grants = (
        ngettext(
            "🎁 **{n} credit** left of what was granted", "🎁 **{n} credits** left of what was granted", stand.grants
        )
        if stand.grants
        else _("No grants left.")
    )
    return screen(f"### <@{user_id}>", "\n".join(lines), grants)


def standing_lines(standing: Standing) -> str:
    """A limit as admins look at it: whose and what it is, and what of a window's is used."""
    rule = standing.rule
    line = labelled(target_name(rule.by), limit_words(rule))
    return f"{line}\n{meter_line(standing)}" if rule.kind.window and rule.amount else line


# --- the log --------------------------------------------------------------------------------------------------------


def draw_log(entries: Sequence[AuditEntry], *, newest: bool) -> Screen:
    """A page of the audit log, and the way to what is older: one entry more than fits is given."""
    lines: list[str] = []
    for entry in entries[:ENTRIES_A_PAGE]:
        line = f"<t:{int(entry.at)}:f> {entry_line(entry)}"
        if lines and len("\n".join([*lines, line])) > LONGEST_PAGE:
            break
        lines.append(line)
    shown = len(lines)
    title = _("What admins have changed")
    parts: list[str | ui.Item[View]] = [f"### {title}", "\n".join(lines or [_("Nothing yet.")])]
    older = shown < len(entries)
    if older or not newest:
        last = str(entries[shown - 1].id) if shown else "0"
        parts.append(
            ui.ActionRow(
                # Translators: a button: back to the newest entries of the log; at most 20 characters
                button(_("Newest"), "log", "0", disabled=newest),
                # Translators: a button: on to older entries of the log; at most 20 characters
                button(_("Older ▶"), "log", last, disabled=not older),
            )
        )
    return screen(*parts)
