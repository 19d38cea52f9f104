"""Collects the objects that an interaction names by id, in Discord's partial form.

Source: Discord API reference, "Resolved Data Structure".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import interactions, messages
from sandbox.discord.client_refusals import ClientRefusal
from sandbox.discord.uploads import attach

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json, Stored

_NOT_IN_A_MEMBER = {"user", "deaf", "mute"}
_OF_A_CHANNEL = (
    "id", "type", "guild_id", "name", "parent_id", "nsfw", "topic", "position", "flags", "last_message_id",
    "rate_limit_per_user", "thread_metadata",
)  # fmt: skip


class Resolved:
    """The resolved data of one interaction. Its methods accept names as well as ids."""

    def __init__(self, state: State, user: Json, channel: Json) -> None:
        self._state = state
        self._user = user
        self._channel = channel
        self._guild = state.world.guild_of(channel)
        self.data: Json = {}

    def user(self, user_id: Any) -> str:
        """Add a user; by id also one outside the server, without membership data.

        Raises: ClientRefusal, as all of these methods do for an unknown name.
        """
        user = self._state.world.user(str(user_id))
        away = user is not None and self._guild is not None and user["id"] not in self._guild.members
        if user is None or (away and user_id != user["id"]):
            raise ClientRefusal(f"There is no user {user_id} here.")
        self._put("users", user["id"], user)
        if self._guild and not away:
            member = self._guild.members[user["id"]]
            shown = {key: value for key, value in member.items() if key not in _NOT_IN_A_MEMBER}
            permissions = str(self._guild.permissions(user["id"], self._channel))
            self._put("members", user["id"], shown | {"permissions": permissions})
        return str(user["id"])

    def role(self, name: Any) -> str:
        roles = self._guild.roles if self._guild else []
        role = next((known for known in roles if str(name).removeprefix("@") in {known["id"], known["name"]}), None)
        if role is None:
            raise ClientRefusal(f"There is no role {name} here.")
        self._put("roles", role["id"], role)
        return str(role["id"])

    def mentionable(self, name: Any) -> str:
        try:
            return self.role(name)
        except ClientRefusal:
            return self.user(name)

    def channel(self, name: Any, kinds: list[int] | None = None) -> str:
        channels = self._state.world.channels_of(self._guild) if self._guild else []
        channel = next(
            (known for known in channels if str(name).removeprefix("#") in {known["id"], known["name"]}), None
        )
        if channel is None or (kinds and channel["type"] not in kinds):
            raise ClientRefusal(f"There is no such channel {name} here.")
        shown = {key: channel[key] for key in _OF_A_CHANNEL if key in channel}
        permissions = str(self._state.world.permissions(self._user["id"], channel))
        self._put("channels", channel["id"], shown | {"permissions": permissions} | self._app_permissions(channel))
        return str(channel["id"])

    def _app_permissions(self, channel: Json) -> Json:
        """Return the bot's permissions, if it is in the server. Source: Discord's change log, 2026-07-16."""
        if self._guild is None or self._state.world.application_id not in self._guild.members:
            return {}
        return {"app_permissions": str(interactions.app_permissions(self._state, channel))}

    def attachment(self, upload: Upload) -> str:
        described = attach(self._state, self._channel["id"], upload, {}, ephemeral=True)
        self._put("attachments", described["id"], described)
        return str(described["id"])

    def message(self, stored: Stored) -> str:
        self._put("messages", stored.data["id"], messages.seen(self._state, stored))
        return str(stored.data["id"])

    def _put(self, kind: str, identity: str, value: Json) -> None:
        self.data.setdefault(kind, {})[identity] = value
