"""What the parts of the control API share: reading what they are given, and showing what they found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sandbox.discord import member_actions, messages
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.rest import answer

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.guild import Guild
    from sandbox.discord.state import Interaction, State
    from sandbox.discord.world import Json, Stored

LONGEST_WAIT = 120.0


async def given(request: web.Request) -> Json:
    """The JSON of a control call; none is an empty object."""
    try:
        data = await request.json() if request.can_read_body else {}
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ClientRefusal("The body is no JSON object.")
    return data


def number_of(name: str, given: Any) -> float:
    try:
        number = math.nan if isinstance(given, bool) else float(given)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ClientRefusal(f"{name} is {given!r}: it takes a number of at least 0.")
    return number


def place_of(state: State, data: Any) -> tuple[Json, Json]:
    return member_actions.place(state, str(data.get("user")), data.get("channel"))


def message_named(state: State, message_id: Any) -> Stored:
    stored = state.world.find_message(str(message_id))
    if stored is None:
        raise ClientRefusal(f"There is no message {message_id}.")
    return stored


def guild_named(state: State, name: Any) -> Guild:
    found = state.world.guild(str(name))
    if found is None:
        raise ClientRefusal(f"There is no server {name}.")
    return found


def channel_named(state: State, name: Any) -> Json:
    found = state.world.channel(str(name))
    if found is None:
        raise ClientRefusal(f"There is no channel {name}.")
    return found


async def begun_answer(state: State, interaction: Interaction, data: Json) -> web.Response:
    """The interaction; with `wait`, also how the bot answered it, or that it did not in time."""
    result: Json = {"interaction": interaction.id}
    if data.get("wait"):
        window = state.settings.interaction_window
        found = await state.until(lambda: interaction.answer, min(window, LONGEST_WAIT))
        if not found:
            return answer(result | {"failed": "The application did not respond"})
        result["answer"] = found
        if found["message_id"] and (stored := state.world.find_message(found["message_id"])):
            result["message"] = shown(state, stored)
    return answer(result)


def shown(state: State, stored: Stored) -> Json:
    return messages.known(state, stored) | {"ephemeral": stored.seen_by is not None, "seen_by": stored.seen_by}
