"""Helpers of the control API: reading a call, looking up what it names, and describing messages."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeVar

from sandbox.discord import member_actions, messages
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.rest import answer, state_of

if TYPE_CHECKING:
    from aiohttp import web

    from sandbox.discord.guild import Guild
    from sandbox.discord.state import Interaction, State
    from sandbox.discord.world import Json, Stored

LONGEST_WAIT = 120.0
T = TypeVar("T")


async def read_call(request: web.Request) -> tuple[State, Json]:
    """Return the state and the JSON object of a control call, empty if there is no body. Raises: ClientRefusal."""
    try:
        data = await request.json() if request.can_read_body else {}
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ClientRefusal("The body isn't a JSON object.")
    return state_of(request), data


def number_of(name: str, value: Any) -> float:
    """Return a value that must be a number of at least 0. Raises: ClientRefusal."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not 0 <= number < math.inf:
        raise ClientRefusal(f"{name} is {value!r}: it takes a number of at least 0.")
    return number


def place_of(state: State, data: Any) -> tuple[Json, Json]:
    """Return the user and the channel of a call. Raises: ClientRefusal."""
    return member_actions.place(state, str(data.get("user")), data.get("channel"))


def user_named(state: State, name: Any) -> Json:
    return _known(state.world.user(str(name)), "user", name)


def guild_named(state: State, name: Any) -> Guild:
    return _known(state.world.guild(str(name)), "server", name)


def channel_named(state: State, name: Any) -> Json:
    return _known(state.world.channel(str(name)), "channel", name)


def message_named(state: State, message_id: Any) -> Stored:
    return _known(state.world.find_message(str(message_id)), "message", message_id)


def interaction_named(state: State, interaction_id: Any) -> Interaction:
    return _known(state.find_interaction(str(interaction_id)), "interaction", interaction_id)


def _known(value: T | None, kind: str, name: Any) -> T:
    if value is None:
        raise ClientRefusal(f"There is no {kind} {name}.")
    return value


async def interaction_answer(state: State, interaction: Interaction, data: Json) -> web.Response:
    """Describe an interaction; with `wait`, also how the bot answered it, or that it did not in time."""
    result: Json = {"interaction": interaction.id}
    if data.get("wait"):
        window = state.settings.interaction_window
        response = await state.until(lambda: interaction.answer, min(window, LONGEST_WAIT))
        if not response:
            return answer(result | {"failed": "The application did not respond"})
        result["answer"] = response
        if response["message_id"] and (stored := state.world.find_message(response["message_id"])):
            result["message"] = shown(state, stored)
    return answer(result)


def shown(state: State, stored: Stored) -> Json:
    """Describe a message, with who can see it."""
    return messages.known(state, stored) | {"ephemeral": stored.seen_by is not None, "seen_by": stored.seen_by}
