"""Loads external pictures in galleries and thumbnails, as Discord does after a message was posted.

Source: discord.py's MediaItemLoadingState; a message's media have no sides until it was updated (api-docs #7831).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sandbox.discord.rendering import LOADING, walk
from sandbox.discord.uploads import content_type, path_of, sides

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

LOADED = 2
_SIDES = {"width": 1024, "height": 1024}  # of pictures on the internet


def resolve(state: State, stored: Stored, notify: Callable[[State, Stored], None]) -> None:
    """Load the message's external pictures at once, or after `media_delay`; then call `notify`."""
    waiting = list(_loading(stored.data["components"]))
    if not waiting:
        return
    if state.settings.media_delay == 0:
        _load(state, waiting)
    else:
        asyncio.get_running_loop().call_later(state.settings.media_delay, _finish, state, stored, waiting, notify)


def _finish(state: State, stored: Stored, waiting: list[Json], notify: Callable[[State, Stored], None]) -> None:
    _load(state, waiting)
    if state.world.message(stored.data["channel_id"], stored.data["id"]) is stored:
        notify(state, stored)


def _loading(components: list[Json]) -> Iterator[Json]:
    for component in walk(components):
        for shown in (component, *component.get("items", [])):
            medium = shown.get("media")
            if medium and medium.get("loading_state") == LOADING:
                yield medium


def _load(state: State, media: list[Json]) -> None:
    for medium in media:
        data = state.files.get(path_of(state, medium["url"]))
        size = sides(data) if data is not None else _SIDES
        kind = content_type(medium["url"].partition("?")[0]) or "image/png"
        medium |= {"loading_state": LOADED, "content_type": kind, **size}
