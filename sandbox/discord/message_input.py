"""What a member's client makes of what they write, choose and record: the message that it sends."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from sandbox.discord.client_refusals import ClientRefusal, a_list, an_object
from sandbox.discord.member_actions import upload_of, uploads_in
from sandbox.discord.messages import VOICE
from sandbox.discord.uploads import Upload

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

_RECORDING = Upload("voice-message.ogg", b"OggS" + bytes(60))
_SECONDS, _POINTS = 3.2, 64


def message_from(state: State, data: Json) -> tuple[Json, list[Upload]]:
    """Convert the control API's description of a message to a payload and files. Raises: ClientRefusal."""
    files = uploads_in(data)
    payload: Json = {"content": str(data.get("content", ""))}
    if data.get("stickers"):
        payload["sticker_ids"] = [_sticker(state, name) for name in a_list("stickers", data["stickers"])]
    if data.get("poll"):
        payload["poll"] = _poll(an_object("poll", data["poll"]))
    if not data.get("voice"):
        return payload, files
    if files or payload["content"]:
        raise ClientRefusal("A voice message has no text and no other file.")
    recording = _RECORDING if data["voice"] is True else upload_of("voice", data["voice"])
    waveform = base64.b64encode(bytes(point * 4 % 256 for point in range(_POINTS))).decode()
    described = {"id": 0, "filename": recording.name, "duration_secs": _SECONDS, "waveform": waveform}
    return payload | {"flags": VOICE, "attachments": [described]}, [recording]


def _sticker(state: State, name: Any) -> str:
    sticker = state.world.sticker(str(name))
    if sticker is None:
        raise ClientRefusal(f"There is no sticker {name}.")
    return str(sticker["id"])


def _poll(poll: Json) -> Json:
    """Convert `{"question", "answers": [texts]}`, with `hours` and `multiple`, to Discord's form."""
    answers = [{"poll_media": {"text": str(text)}} for text in a_list("answers", poll.get("answers"))]
    return {
        "question": {"text": str(poll.get("question"))}, "answers": answers, "duration": poll.get("hours"),
        "allow_multiselect": bool(poll.get("multiple")),
    }  # fmt: skip
