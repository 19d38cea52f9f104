"""Servers: their data, roles and permissions.

Source: Discord API reference, "Guild Resource", "Permissions", "Sticker Resource", "Emoji Resource".
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.discord.permissions import ALL_PERMISSIONS, EVERYONE, PERMISSIONS

Json = dict[str, Any]
ENGLISH = "en-US"
MEBIBYTE = 2**20
PNG, APNG, LOTTIE, GIF = 1, 2, 3, 4
STICKER_FORMATS = {"png": PNG, "apng": APNG, "lottie": LOTTIE, "gif": GIF}
_GUILD_STICKER = 2


def role(identity: str, name: str, permissions: int, *, position: int) -> Json:
    return {
        "id": identity, "name": name, "permissions": str(permissions), "position": position, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False,
        "managed": False, "mentionable": False, "icon": None, "unicode_emoji": None, "flags": 0,
    }  # fmt: skip


def sticker(identity: str, guild_id: str, name: str, file_format: int) -> Json:
    return {
        "id": identity, "name": name, "description": None, "tags": name, "type": _GUILD_STICKER,
        "format_type": file_format, "available": True, "guild_id": guild_id,
    }  # fmt: skip


def emoji(identity: str, name: str, *, animated: bool) -> Json:
    return {
        "id": identity, "name": name, "roles": [], "require_colons": True, "managed": False, "animated": animated,
        "available": True,
    }  # fmt: skip


def server(identity: str, name: str, owner_id: str) -> Json:
    return {
        "id": identity, "name": name, "icon": None, "description": None, "home_header": None, "splash": None,
        "discovery_splash": None, "features": [], "banner": None, "owner_id": owner_id, "application_id": None,
        "region": "deprecated", "afk_channel_id": None, "afk_timeout": 300, "system_channel_id": None,
        "system_channel_flags": 0, "widget_enabled": False, "widget_channel_id": None, "verification_level": 0,
        "roles": [role(identity, "@everyone", EVERYONE, position=0)], "default_message_notifications": 0,
        "mfa_level": 0, "explicit_content_filter": 0, "max_presences": None, "max_members": 500000,
        "max_stage_video_channel_users": 50, "max_video_channel_users": 25, "vanity_url_code": None,
        "premium_tier": 0, "premium_subscription_count": 0, "preferred_locale": ENGLISH, "rules_channel_id": None,
        "safety_alerts_channel_id": None, "public_updates_channel_id": None, "premium_progress_bar_enabled": False,
        "nsfw": False, "nsfw_level": 0, "emojis": [], "stickers": [], "incidents_data": None,
    }  # fmt: skip


@dataclass
class Guild:
    """A server. `upload_limit` is in bytes."""

    data: Json
    channels: dict[str, Json] = field(default_factory=dict)
    members: dict[str, Json] = field(default_factory=dict)
    upload_limit: int = 10 * MEBIBYTE

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def roles(self) -> list[Json]:
        roles: list[Json] = self.data["roles"]
        return roles

    def permissions(self, user_id: str, channel: Json | None = None) -> int:
        """Return a member's permissions, in a channel or in general. Source: Discord API reference, "Permissions"."""
        member = self.members.get(user_id)
        if member is None:
            return 0
        if self.data["owner_id"] == user_id:
            return ALL_PERMISSIONS
        held = {self.id, *member["roles"]}
        base = 0
        for role in self.roles:
            if role["id"] in held:
                base |= int(role["permissions"])
        if base & PERMISSIONS["ADMINISTRATOR"]:
            return ALL_PERMISSIONS
        return self._narrowed(base, channel, user_id, held)

    def everyones_permissions(self, channel: Json) -> int:
        """Return the permissions of @everyone in a channel."""
        base = int(next(role["permissions"] for role in self.roles if role["id"] == self.id))
        return self._narrowed(base, channel, "", {self.id})

    def _narrowed(self, base: int, channel: Json | None, user_id: str, held: set[str]) -> int:
        for allow, deny in self._overwrites(channel, user_id, held):
            base = base & ~deny | allow
        return base if channel is None or base & PERMISSIONS["VIEW_CHANNEL"] else 0

    def _overwrites(self, channel: Json | None, user_id: str, held: set[str]) -> list[tuple[int, int]]:
        """Return (allow, deny) of @everyone, of the member's roles combined, and of the member."""
        overwrites = (channel or {}).get("permission_overwrites", [])
        steps = ({self.id}, held - {self.id}, {user_id})
        permissions = []
        for ids in steps:
            allow = deny = 0
            for overwrite in overwrites:
                if overwrite["id"] in ids:
                    allow |= int(overwrite["allow"])
                    deny |= int(overwrite["deny"])
            permissions.append((allow, deny))
        return permissions
