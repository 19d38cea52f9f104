"""Builds the sticker and poll fields of a message.

Source: Discord API reference, "Sticker Item Structure", "Poll Object Structure" and "Poll Create Request Object".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from sandbox.discord import errors
from sandbox.discord.world import timestamp

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

_OF_A_STICKER_ITEM = ("id", "name", "format_type")
_DEFAULT_HOURS, _HOUR_SECONDS = 24, 3600


def stickers_and_poll(state: State, payload: Json) -> Json:
    """Return the message's fields for stickers and a poll. Raises: DiscordError for an unknown sticker."""
    fields: Json = {}
    if payload.get("sticker_ids"):
        fields["sticker_items"] = [_sticker_item(state, str(sticker_id)) for sticker_id in payload["sticker_ids"]]
    if payload.get("poll"):
        fields["poll"] = _poll(payload["poll"])
    return fields


def _sticker_item(state: State, identity: str) -> Json:
    sticker = state.world.sticker(identity)
    if sticker is None:
        raise errors.invalid_sticker()
    return {key: sticker[key] for key in _OF_A_STICKER_ITEM}


def _poll(poll: Json) -> Json:
    """Describe a new poll without votes."""
    answers = [{"answer_id": n, "poll_media": option["poll_media"]} for n, option in enumerate(poll["answers"], 1)]
    ends = time.time() + (poll.get("duration") or _DEFAULT_HOURS) * _HOUR_SECONDS
    return {
        "question": poll["question"], "answers": answers, "expiry": timestamp(ends),
        "allow_multiselect": bool(poll.get("allow_multiselect")), "layout_type": poll.get("layout_type") or 1,
        "results": {"is_finalized": False, "answer_counts": []},
    }  # fmt: skip
