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

    def media(medium: Json) -> Json:
        held = _attached(medium["url"], by_name)
        if held is None:
            return {"id": snowflake(), "url": medium["url"], "proxy_url": medium["url"], "loading_state": LOADING}
        sides = {key: held[key] for key in ("width", "height", "content_type") if key in held}
        return {"id": held["id"], "url": held["url"], "proxy_url": held["url"], "attachment_id": held["id"]} | sides

    def complete(component: Json) -> Json:
        completed = dict(component)
        completed["id"] = component.get("id") or next(numbers)
        kind = completed["type"]
        if completed.get("emoji"):  # one of Unicode's has no id, and is answered without
            completed["emoji"] = {key: value for key, value in completed["emoji"].items() if value is not None}
        if "components" in completed:
            completed["components"] = [complete(child) for child in completed["components"]]
        match kind:
            case 3 | 5 | 6 | 7 | 8:
                completed = {"min_values": 1, "max_values": 1} | completed | _default_values(completed)
            case 9:
                completed["accessory"] = complete(completed["accessory"])
            case 11:
                completed = {"description": None, "spoiler": False} | completed | {"media": media(completed["media"])}
            case 12:
                completed["items"] = [
                    {"description": None, "spoiler": False} | item | {"media": media(item["media"])}
                    for item in completed["items"]
                ]
            case 13:
                held = _attached(completed["file"]["url"], by_name) or {}
                described = {"name": held.get("filename", ""), "size": held.get("size", 0), "spoiler": False}
                completed = described | completed | {"file": media(completed["file"])}
            case 14:
                completed = {"divider": True, "spacing": 1} | completed
            case 17:
                completed = {"accent_color": None, "spoiler": False} | completed
        return {key: value for key, value in completed.items() if value is not None or key in _NULLABLE}

    return [complete(component) for component in components or ()]


def _default_values(select: Json) -> Json:
    """Convert the ids of default values to strings: clients also send numbers."""
    defaults = select.get("default_values")
    return {} if defaults is None else {"default_values": [value | {"id": str(value["id"])} for value in defaults]}


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
    url = held["url"] if held else value[link]
    sides = {side: held[side] for side in ("width", "height") if side in held} if held and link == "url" else {}
    return value | {link: url, through: url} | sides


def _attached(url: str, by_name: dict[str, Json]) -> Json | None:
    """Find the attachment of an `attachment://` URL."""
    return by_name.get(cleansed(url.removeprefix(SCHEME))) if url.startswith(SCHEME) else None
