"""Refuses answers that come in Discord's place: discord.py would take their text for a user, or for a message."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp
from discord.http import Route

from seedream.troubles import outside_text

if TYPE_CHECKING:
    from aiohttp import TraceConfig, TraceRequestEndParams

_JSON = "application/json"  # what discord.py parses


class OddAnswerError(aiohttp.ClientConnectionError):
    """Something else answered in Discord's place: a login page, or a proxy."""


def refuse_odd_answers(trace: TraceConfig) -> TraceConfig:
    """Add a hook that raises OddAnswerError for a success without JSON."""
    trace.on_request_end.append(_ended)
    return trace


async def _ended(_session: Any, _context: Any, params: TraceRequestEndParams) -> None:
    response = params.response
    has_body = (
        HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES and response.status != HTTPStatus.NO_CONTENT
    )
    if has_body and response.headers.get("Content-Type") != _JSON and str(response.url).startswith(Route.BASE):
        response.close()
        kind = outside_text(response.headers.get("Content-Type", "something without a type"))
        raise OddAnswerError(
            f"{kind} came in place of JSON: a login page, a proxy or a firewall is in the way, or DISCORD_API_URL is "
            "wrong"
        )
