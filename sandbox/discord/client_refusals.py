"""What a member's own client refuses before anything reaches a bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.file_types import takes

if TYPE_CHECKING:
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json


class ClientRefusal(Exception):  # noqa: N818 - what the client shows
    """What a member's client says, and does not send."""


def require_file_type(field: Json, upload: Upload) -> None:
    """Raise ClientRefusal where an option or an upload does not take a file of that name."""
    if not takes(field.get("file_types"), upload.name):
        raise ClientRefusal(f"{upload.name}: this takes {', '.join(field['file_types'])} only.")


def an_object(name: str, given: Any) -> Json:
    """What was given, or nothing, as an object. Raises: ClientRefusal."""
    if given is not None and not isinstance(given, dict):
        raise ClientRefusal(f"{name} is {given!r}: it takes an object.")
    return given or {}


def a_list(name: str, given: Any) -> list[Any]:
    """What was given, or nothing, as a list. Raises: ClientRefusal."""
    if given is not None and not isinstance(given, list):
        raise ClientRefusal(f"{name} is {given!r}: it takes a list.")
    return given or []
