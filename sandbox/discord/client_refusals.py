"""What a member's client refuses before anything reaches the bot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.file_types import takes

if TYPE_CHECKING:
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json


class ClientRefusal(Exception):  # noqa: N818 - what the client shows
    """The message that a member's client shows instead of sending."""


def require_file_type(field: Json, upload: Upload) -> None:
    """Raise ClientRefusal if the field does not accept a file of that name."""
    if not takes(field.get("file_types"), upload.name):
        raise ClientRefusal(f"{upload.name}: only {', '.join(field['file_types'])} files are allowed.")


def an_object(name: str, value: Any) -> Json:
    """Return an optional object, empty if it is missing. Raises: ClientRefusal."""
    if value is not None and not isinstance(value, dict):
        raise ClientRefusal(f"{name} is {value!r}: it takes an object.")
    return value or {}


def a_list(name: str, value: Any) -> list[Any]:
    """Return an optional list, empty if it is missing. Raises: ClientRefusal."""
    if value is not None and not isinstance(value, list):
        raise ClientRefusal(f"{name} is {value!r}: it takes a list.")
    return value or []
