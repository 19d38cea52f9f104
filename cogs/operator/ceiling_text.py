"""Describes to the bot's owners how much of the whole bot's daily limit is used. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.quota.ceiling import CeilingUse

RAISED = 2  # times the present limit, as an example


def ceiling_alert(use: CeilingUse) -> str:
    """Return the alert as a message, with what to do."""
    sign = "⛔" if use.is_used_up else "⚠️"
    until = f"<t:{use.ends:.0f}:t> (<t:{use.ends:.0f}:R>), when the next day begins (UTC)."
    effect = "Requests are refused until" if use.is_used_up else "Once all are used, requests are refused until"
    return (
        f"{sign} **{use.level}% of today's limit for the whole bot is reached:** {_figures(use)}. {effect} {until}\n"
        f"To allow more, put the line `OPERATOR_DAILY_LIMIT={use.limit * RAISED}` into the bot's settings (`.env`) and "
        "restart the bot. `/operator stats` shows today's use, `/operator servers` where the credits go."
    )


def ceiling_log_line(use: CeilingUse) -> str:
    ends = datetime.fromtimestamp(use.ends, UTC)
    return (
        f"{use.level}% of OPERATOR_DAILY_LIMIT is reached: {_figures(use)}; "
        f"the next day begins at {ends:%Y-%m-%d %H:%M} UTC"
    )


def _figures(use: CeilingUse) -> str:
    rest = f", and the next picture costs {use.needs}" if use.is_used_up and use.used < use.limit else ""
    return f"{use.used} of {use.limit} credits are used{rest}"


def share_words(used: int, limit: int | None, ends: float) -> str:
    """Return what follows today's use: the share of the limit, if there is one."""
    if limit is None:
        return " (no limit)"
    share = f", {used * 100 // limit}%" if limit else ""
    return f" of {limit} (`OPERATOR_DAILY_LIMIT`{share}, until <t:{ends:.0f}:t>)"
