"""Describes a message as text for the terminal. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Json = dict[str, Any]
BUTTON, TEXT, GALLERY = 2, 10, 12
_MENTION = re.compile(r"<@\d+>")


def describe(message: Json, names: Mapping[str, str], number: int, seconds: float) -> str:
    """Describe the message's state `number`, reached after so many seconds; `names` replace mentions."""
    components = _walk(message["components"])
    texts = [message["content"], *(component["content"] for component in components if component["type"] == TEXT)]
    pictures = sum(len(component["items"]) for component in components if component["type"] == GALLERY)
    buttons = [f"[{component['label']}]" for component in components if component["type"] == BUTTON]
    head = f"--- {seconds:5.1f} s  " + ("placeholder" if number == 0 and components else f"stage {number}")
    shown = _MENTION.sub(lambda match: names.get(match[0], match[0]), "\n".join(filter(None, texts)))
    lines = [head, *(f"  {line}" for line in shown.splitlines())]
    if pictures:
        lines.append(f"  ({pictures} picture{'s' if pictures > 1 else ''})")
    if buttons:
        lines.append("  " + " ".join(buttons))
    return "\n".join(lines)


def is_final(message: Json) -> bool:
    """Tell whether the message has a result's buttons, or is only text."""
    labels = {component.get("label") for component in _walk(message["components"])}
    return message["ephemeral"] or not message["components"] or "Details" in labels


def links(message: Json) -> list[str]:
    """Return the links of files that components show: these are not among the message's attachments."""
    components = _walk(message["components"])
    media = [item["media"] for component in components for item in component.get("items", [])]
    files = [component["file"] for component in components if "file" in component]
    return [file["url"] for file in (*media, *files)]


def _walk(components: list[Json]) -> list[Json]:
    """Return every component, outer before inner."""
    inner = (
        (component, [*component.get("components", []), *filter(None, [component.get("accessory")])])
        for component in components
    )
    return [part for component, parts in inner for part in (component, *_walk(parts))]
