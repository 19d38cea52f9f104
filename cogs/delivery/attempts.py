"""Makes one attempt at a call to Discord and turns its answer into what delivery has to do next."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
import discord

from cogs.delivery.discord_errors import DiscordRefusal, refusal_of
from cogs.delivery.outage import TurnedAwayError
from cogs.delivery.single_request import ServerFaultError, single_request
from seedream.troubles import describe, outside_text
from studio.jobs.errors import DeliveryDelayedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_UNAVAILABLE = 503


class RefusedError(Exception):
    """Discord refused the call; `refusal` says what to do next."""

    def __init__(self, refusal: DiscordRefusal, message: str) -> None:
        super().__init__(message)
        self.refusal = refusal


class AnswerLostError(DeliveryDelayedError):
    """Discord may have carried the call out: the connection broke, the answer took too long, or its server failed."""


@asynccontextmanager
async def attempt() -> AsyncIterator[None]:
    """Send the calls made in this context once each. Raises: RefusedError, DeliveryDelayedError."""
    try:
        async with single_request():
            yield
    except discord.HTTPException as error:
        refusal = refusal_of(error.status, error.code)
        if refusal is DiscordRefusal.LATER:
            raise DeliveryDelayedError(f"Discord answers {error.status}") from error
        raise RefusedError(refusal, f"{error.status} {error.code}: {outside_text(error.text)}") from error
    except ServerFaultError as error:  # with any status but 503 it may have carried the call out
        kind = DeliveryDelayedError if error.status == _UNAVAILABLE else AnswerLostError
        raise kind(str(error)) from error
    except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError, TurnedAwayError) as error:  # nothing was sent
        raise DeliveryDelayedError(f"Discord can't be reached: {describe(error)}") from error
    except (aiohttp.ClientError, OSError) as error:
        raise AnswerLostError(f"Discord's answer was lost: {describe(error)}") from error
