"""Completes components and embeds as Discord returns them, and resolves the files that they refer to.

Source: Discord, "Component Reference", and the API reference, "Embed Structure".
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from sandbox.discord.rules.filenames import SCHEME, cleansed
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.world import Json

TEXT_DISPLAY = 10
LOADING = 1
_NULLABLE = {"accent_color", "description"}


def render_components(components: list[Any] | None, attachments: list[Json]) -> list[Json]:  # noqa: C901 - a table of kinds
    """The components of a message, numbered from 1 where they have no number of their own."""
    taken = {component.get("id") for component in walk(components or [])}
    numbers = (number for number in count(1) if number not in taken)
    by_name = {file["filename"]: file for file in attachments}

    def media(given: Json) -> Json:
        held = _attached(given["url"], by_name)
        if held is None:
            return {"id": snowflake(), "url": given["url"], "proxy_url": given["url"], "loading_state": LOADING}
        sides = {key: held[key] for key in ("width", "height", "content_type") if key in held}
        return {"id": held["id"], "url": held["url"], "proxy_url": held["url"], "attachment_id": held["id"]} | sides

    def complete(component: Json) -> Json:
        given = dict(component)
        given["id"] = component.get("id") or next(numbers)
        kind = given["type"]
        if given.get("emoji"):  # one of Unicode's has no id, and is answered without
            given["emoji"] = {key: value for key, value in given["emoji"].items() if value is not None}
        if "components" in given:
            given["components"] = [complete(child) for child in given["components"]]
        match kind:
            case 3 | 5 | 6 | 7 | 8:
                given = {"min_values": 1, "max_values": 1} | given | _default_values(given)
            case 9:
                given["accessory"] = complete(given["accessory"])
            case 11:
                given = {"description": None, "spoiler": False} | given | {"media": media(given["media"])}
            case 12:
                given["items"] = [
                    {"description": None, "spoiler": False} | item | {"media": media(item["media"])}
                    for item in given["items"]
                ]
            case 13:
                held = _attached(given["file"]["url"], by_name) or {}
                described = {"name": held.get("filename", ""), "size": held.get("size", 0), "spoiler": False}
                given = described | given | {"file": media(given["file"])}
            case 14:
                given = {"divider": True, "spacing": 1} | given
            case 17:
                given = {"accent_color": None, "spoiler": False} | given
        return {key: value for key, value in given.items() if value is not None or key in _NULLABLE}

    return [complete(component) for component in components or ()]


def _default_values(select: Json) -> Json:
    """Convert the ids of default values to strings: clients also send numbers."""
    given = select.get("default_values")
    return {} if given is None else {"default_values": [value | {"id": str(value["id"])} for value in given]}


def walk(components: list[Json]) -> Iterator[Json]:
    """Iterate over every component of a message, outer before inner."""
    for component in components:
        accessory = component.get("accessory")
        yield component
        yield from walk([*component.get("components", []), *([accessory] if accessory else [])])


def texts(components: list[Json]) -> Iterator[str]:
    """Iterate over the contents of the text displays."""
    return (component["content"] for component in walk(components) if component["type"] == TEXT_DISPLAY)


def render_embeds(embeds: list[Json] | None, attachments: list[Json]) -> list[Json]:
    """Complete the embeds that a bot sends: they are rich embeds."""
    by_name = {file["filename"]: file for file in attachments}
    return [
        {"type": "rich"} | {key: _part(key, value, by_name) for key, value in embed.items() if value is not None}
        for embed in embeds or ()
    ]


def _part(key: str, value: Any, by_name: dict[str, Json]) -> Any:
    """Complete a part of an embed: URL and size of a picture, or the icon of an author or footer."""
    if key not in {"image", "thumbnail", "author", "footer"} or not isinstance(value, dict):
        return value
    link, through = ("icon_url", "proxy_icon_url") if key in {"author", "footer"} else ("url", "proxy_url")
    if not value.get(link):
        return value
    held = _attached(value[link], by_name)
    found = held["url"] if held else value[link]
    sides = {side: held[side] for side in ("width", "height") if side in held} if held and link == "url" else {}
    return value | {link: found, through: found} | sides


def _attached(url: str, by_name: dict[str, Json]) -> Json | None:
    """Find the attachment of an `attachment://` URL."""
    return by_name.get(cleansed(url.removeprefix(SCHEME))) if url.startswith(SCHEME) else None
