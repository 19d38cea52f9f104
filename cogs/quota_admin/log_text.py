"""What admins changed, in words: for the server's log channel and for `/quota-admin log`. Pure.

Each line begins with the admin who made the change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, ngettext, number
from cogs.settings.change_text import change_line
from cogs.texts.common import escaped
from cogs.texts.limits import MOST_LINES, limits_line, set_line, target_name, target_of
from studio.guilds.changes import ACTION as SETTING
from studio.quota.limits import Limit, LimitKind, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.guilds.audit import AuditEntry

_LONGEST = 120


def set_entry(admin: str, before: Limit | None, after: Limit) -> str:
    # Translators: of the log of what admins have changed; the limit itself follows: "Everyone: 5 credits a day"
    done = _("{admin} set a limit", admin=admin)
    return f"{done} · {set_line(before, after)}"


def cleared_entries(admin: str, limits: Sequence[Limit]) -> list[str]:
    """Return one line per cleared limit, MOST_LINES at most; the audit log has all of them."""
    # Translators: of the log of what admins have changed; the limit itself follows: "Everyone: 5 credits a day"
    done = _("{admin} cleared a limit", admin=admin)
    lines = [f"{done} · {limits_line(limit.target, [limit])}" for limit in limits[:MOST_LINES]]
    if more := len(limits) - len(lines):
        lines.append(ngettext("{admin} cleared {n} other limit", "{admin} cleared {n} other limits", more, admin=admin))
    return lines


def grants_entry(admin: str, target: Target, before: int, after: int) -> str:
    """Describe a grant, or credits taken back."""
    values = {"admin": admin, "member": target_name(target), "before": number(before), "after": number(after)}
    if after > before:
        return ngettext(
            "{admin} granted {member} **{n} credit** (extra credits left: {before} → {after})",
            "{admin} granted {member} **{n} credits** (extra credits left: {before} → {after})",
            after - before,
            **values,
        )
    return ngettext(
        "{admin} took **{n} credit** from {member} (extra credits left: {before} → {after})",
        "{admin} took **{n} credits** from {member} (extra credits left: {before} → {after})",
        before - after,
        **values,
    )


def reset_entry(admin: str, target: Target) -> str:
    # Translators: of the log of what admins have changed; to whom follows: "Everyone", or a role or a member
    done = _("{admin} reset usage", admin=admin)
    return f"{done} · {target_name(target)}"


def entry_line(entry: AuditEntry) -> str:
    """Describe an entry of the audit log, without its time."""
    admin = f"<@{entry.by_user_id}>"
    if entry.action == SETTING:
        # Translators: {change} is a setting and what it is now: "Time zone: UTC → Europe/Berlin"
        return _("{admin} changed {change}", admin=admin, change=change_line(entry, short=True))
    target = target_of(entry.target)
    if target is not None:
        before, after = _limit(target, entry.before), _limit(target, entry.after)
        if entry.action == "limit" and after:
            return set_entry(admin, before, after)
        if entry.action == "limit" and before:
            return cleared_entries(admin, [before])[0]
        if entry.action in {"grant", "take"}:
            return grants_entry(admin, target, _number(entry.before), _number(entry.after))
        if entry.action == "reset":
            return reset_entry(admin, target)
    change = escaped(f"{entry.action} {entry.target}: {entry.before} → {entry.after}", _LONGEST)
    return f"{admin} {change}"


def _limit(target: Target, text: str | None) -> Limit | None:
    """Parse a limit such as "day 5" from the audit log; None if it isn't one."""
    kind, _space, amount = (text or "").partition(" ")
    try:
        return Limit(target, LimitKind(kind), None if amount == "unlimited" else int(amount))
    except ValueError:
        return None


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() else 0
