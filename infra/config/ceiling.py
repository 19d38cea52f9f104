"""Words for the operator's log: what the bot may spend in a day, and which line changes that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from infra.config.checks import UNLIMITED

if TYPE_CHECKING:
    from infra.config.settings import Settings

HOW_TO_RAISE = f"Another number in OPERATOR_DAILY_LIMIT changes that, {UNLIMITED} removes the limit"


def is_chosen(settings: Settings) -> bool:
    """Whether the operator has set the limit, rather than having the default."""
    return "operator_daily_limit" in settings.model_fields_set


def ceiling_sentence(settings: Settings) -> str:
    limit = settings.operator_daily_limit
    if limit is None:
        return f"OPERATOR_DAILY_LIMIT is {UNLIMITED}: nothing limits what the bot spends in a day."
    most = f"the whole bot makes pictures for at most {limit} credits a day (UTC)"
    why = "OPERATOR_DAILY_LIMIT" if is_chosen(settings) else "OPERATOR_DAILY_LIMIT isn't set, so its default applies"
    return f"{why}: {most}. {HOW_TO_RAISE}."
