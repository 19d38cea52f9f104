"""What an error of the service means to the operator, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from check.network import explained
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

if TYPE_CHECKING:
    from infra.config.settings import Settings


def page_at(settings: Settings, page: str) -> str:
    return f"SEEDREAM_BASE_URL: at {settings.api_address} {page}."


def trouble(error: SeeDreamError, settings: Settings) -> str:
    """What an error means to the operator, and what to do about it."""
    label, console = settings.provider.label, settings.provider.console
    match error:
        case AuthenticationFailed():
            what = f"SEEDREAM_API_KEY: {label} rejects the key. Copy it again, or make a new one, at {console}."
        case BalanceUsedUp():
            what = f"The account's balance at {label} is used up. Top it up at {console}."
        case AccountOverdue():
            what = f"A bill of the account is overdue, or its plan has expired. Pay it at {console}."
        case AccountDisabled():
            what = f"{label} has disabled the account. Ask why at {console}."
        case QuotaSpent():
            what = f"The account's usage quota is spent. Raise it at {console}, or wait until it resets."
        case WrongAddress():
            what = (
                f"SEEDREAM_BASE_URL, SEEDREAM_PROVIDER: there is no such API at {settings.api_address}. Correct them."
            )
        case RateLimited():
            what = f"{label} asks to slow down. Check again in a minute."
        case _ if error.__cause__ is not None:
            return f"{settings.api_address}: {explained(error)}"
        case _:
            return f"SEEDREAM_BASE_URL: {error}"
    return f"{what} ({error})" if str(error) else what
