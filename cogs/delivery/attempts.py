"""One attempt at a call to Discord, with its answer as what follows from it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.discord_errors import Refusal, refusal_of
from cogs.delivery.single_request import ServerFaultError, single_request
from studio.jobs.errors import DeliveryDelayedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_UNAVAILABLE = 503  # HTTP's


class RefusedError(Exception):
    """Discord does not take it so; `refusal` says what follows."""

    def __init__(self, refusal: Refusal, told: str) -> None:
        super().__init__(told)
        self.refusal = refusal


class AnswerLostError(DeliveryDelayedError):
    """Whether Discord has carried it out is not known: the connection broke, it took too long, or a server failed."""


@asynccontextmanager
async def attempt() -> AsyncIterator[None]:
    """Raises: RefusedError, DeliveryDelayedError."""
    try:
        async with single_request():
            yield
    except discord.HTTPException as error:
        refusal = refusal_of(error.status, error.code)
        if refusal is Refusal.LATER:
            raise DeliveryDelayedError(f"Discord answers {error.status}") from error
        raise RefusedError(refusal, f"{error.status} {error.code}: {error.text}") from error
    except ServerFaultError as error:  # unless it says that it can't take it now, it may have carried it out
        kind = DeliveryDelayedError if error.status == _UNAVAILABLE else AnswerLostError
        raise kind(str(error)) from error
    except aiohttp.ClientConnectorError as error:  # no connection was made
        raise DeliveryDelayedError(f"Discord is not reached: {error}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise AnswerLostError(f"Discord's answer was lost: {error or type(error).__name__}") from error
