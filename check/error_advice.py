"""Tells the operator what an error of the SeeDream service means and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedream.errors import (
    AccountDisabled,
    AccountOverdue,
    AuthenticationFailed,
    BalanceUsedUp,
    QuotaSpent,
    RateLimited,
    SeeDreamError,
    WrongAddress,
)
from seedream.troubles import describe

if TYPE_CHECKING:
    from infra.config.settings import Settings


def web_page_advice(settings: Settings, problem: str) -> str:
    """Say that a web page came in place of an answer; problem: as from `web_page_problem`."""
    return f"SEEDREAM_BASE_URL: at {settings.api_address} {problem}."


def advice_for(error: SeeDreamError, settings: Settings) -> str:
    """Return what an error means and what to do about it."""
    label, console = settings.provider.label, settings.provider.console
    match error:
        case AuthenticationFailed():
            advice = f"SEEDREAM_API_KEY: {label} rejects the key. Copy it again, or make a new one, at {console}."
        case BalanceUsedUp():
            advice = f"The account's balance at {label} is used up. Top it up at {console}."
        case AccountOverdue():
            advice = f"A bill of the account is overdue, or its plan has expired. Pay it at {console}."
        case AccountDisabled():
            advice = f"{label} has disabled the account. Ask why at {console}."
        case QuotaSpent():
            advice = f"The account's usage quota is spent. Raise it at {console}, or wait until it resets."
        case WrongAddress():
            advice = (
                f"SEEDREAM_BASE_URL, SEEDREAM_PROVIDER: there is no such API at {settings.api_address}. Correct them."
            )
        case RateLimited():
            advice = f"{label} asks to slow down. Check again in a minute."
        case _ if error.__cause__ is not None:
            return f"{settings.api_address}: {describe(error)}"
        case _:
            return f"SEEDREAM_BASE_URL: {error}"
    return f"{advice} ({error})" if str(error) else advice
