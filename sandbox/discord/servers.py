"""Servers and roles, as Discord describes them. Source: Discord API reference, "Guild Resource", "Permissions"."""

from __future__ import annotations

from typing import Any

from sandbox.discord.permissions import EVERYONE

Json = dict[str, Any]
ENGLISH = "en-US"


def role(identity: str, name: str, permissions: int, *, position: int) -> Json:
    return {
        "id": identity, "name": name, "permissions": str(permissions), "position": position, "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None}, "hoist": False,
        "managed": False, "mentionable": False, "icon": None, "unicode_emoji": None, "flags": 0,
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
