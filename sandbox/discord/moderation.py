"""Blocks messages as AutoMod and Discord's link filter do. Source: the reference, codes 200000, 240000."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.discord import errors

if TYPE_CHECKING:
    from collections.abc import Container

    from sandbox.discord.state import State
    from sandbox.discord.world import Json

_LINKS_ONLY = {"url", "proxy_url", "icon_url", "custom_id"}


def check(state: State, channel: Json, payload: Any, kept: Container[str] = ()) -> None:
    """Raise DiscordError if a message or an edit is blocked. AutoMod works in servers only.

    `kept` are the ids of files that an edit keeps. Their names are not checked again, since an edit can't change them.
    Source: Discord API reference, "Attachment Request Structure".
    """
    settings = state.settings
    everything = json.dumps(payload, ensure_ascii=False).casefold()
    if any(link.casefold() in everything for link in settings.harmful_links):
        raise errors.named("harmful_link")
    words = "\n".join(_texts(_without_kept_names(payload, kept))).casefold() if "guild_id" in channel else ""
    if any(word.casefold() in words for word in settings.blocked_words):
        raise errors.named("automod")


def _without_kept_names(payload: Any, kept: Container[str]) -> Any:
    """Return a message without the names of the files that it keeps."""
    if not isinstance(payload, dict):
        return payload
    files = [
        {key: value for key, value in file.items() if key != "filename"} if str(file["id"]) in kept else file
        for file in payload.get("attachments") or ()
    ]
    return payload | {"attachments": files}


def _texts(part: Any, key: str = "") -> list[str]:
    """List every text of a message that people can read."""
    if isinstance(part, dict):
        return [text for name, value in part.items() for text in _texts(value, name)]
    if isinstance(part, list):
        return [text for item in part for text in _texts(item, key)]
    return [part] if isinstance(part, str) and key not in _LINKS_ONLY else []
