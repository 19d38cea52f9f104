"""The local Discord, as tests look at it, change it and make things go wrong in it."""

from __future__ import annotations

import asyncio
import io
import json
from typing import TYPE_CHECKING, Any

from tests.support.members import TIMEOUT, Member, Message, Refused, encoded

if TYPE_CHECKING:
    import aiohttp

    from sandbox.discord.server import LocalDiscord


class DiscordControl:
    """What a world does with its local Discord."""

    _discord: LocalDiscord
    _http: aiohttp.ClientSession
    user_ids: dict[str, str]

    # --- the local Discord --------------------------------------------------------------------------------------

    async def get(self, path: str, **query: str) -> Any:
        async with self._http.get(path, params=query) as answer:
            return await answer.json()

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        content = io.BytesIO(json.dumps(body).encode())  # aiohttp warns of large bodies that are bytes
        async with self._http.post(path, data=content, headers={"Content-Type": "application/json"}) as answer:
            found = await answer.json()
            if answer.status != 200:
                raise Refused(found)
            return found

    async def download(self, url: str) -> bytes:
        async with self._http.get(url) as answer:
            assert answer.status == 200
            return await answer.read()

    async def all_discord_calls(self) -> list[dict[str, Any]]:
        return await self.get("/control/log")

    async def discord_calls(self) -> list[dict[str, Any]]:
        """The calls that showed something: answers, edits, messages."""
        shown = ("/interactions/", "/webhooks/", "/channels/")
        return [call for call in await self.all_discord_calls() if call["path"].startswith(shown)]

    @property
    def uploads(self) -> int:
        """How many files were uploaded to the local Discord, by whomever."""
        return len(self._discord.state.files)

    async def pings(self) -> list[dict[str, Any]]:
        return await self.get("/control/pings")

    async def discord_fault(self, route: str, **fault: Any) -> None:
        await self.post("/control/faults", {"route": route, **fault})

    async def clear_discord_faults(self) -> None:
        async with self._http.delete("/control/faults") as answer:
            assert answer.status == 200

    async def discord_is_asked(self, method: str, status: int, *, times: int = 1) -> None:
        """Wait until so many calls were answered so."""
        async with asyncio.timeout(TIMEOUT):
            while [(c["method"], c["status"]) for c in await self.all_discord_calls()].count((method, status)) < times:
                pass

    async def post_as_bot(self, channel: str, **payload: Any) -> Message:
        """A message of the bot's own that shows no job."""
        _, identity = await self._channel(channel)
        headers = {"Authorization": f"Bot {self._discord.token}"}
        url = f"{self._discord.api_url}/channels/{identity}/messages"
        async with self._http.post(url, json=payload, headers=headers) as answer:
            assert answer.status == 200, await answer.text()
            return Message(self, await answer.json())

    async def guild_of(self, channel: str) -> str:
        return (await self._channel(channel))[0]

    async def channel_id(self, channel: str) -> str:
        return (await self._channel(channel))[1]

    async def _channel(self, name: str) -> tuple[str, str]:
        """The ids of its server and its own."""
        guilds = (await self.get("/control/world"))["guilds"]
        return next((guild["id"], one["id"]) for guild in guilds for one in guild["channels"] if one["name"] == name)

    async def kill_tokens(self) -> None:
        await self.post("/control/kill-tokens", {})

    async def delete_message(self, message_id: str) -> None:
        await self.post("/control/delete-message", {"message": message_id})

    async def is_gone(self, message: Message) -> None:
        """Wait until the message was deleted, wherever it is."""
        async with asyncio.timeout(TIMEOUT):
            while "error" not in await self.get(f"/control/messages/{message.id}"):
                pass

    async def is_reacted_to(self, message: Message) -> list[str]:
        """Wait until somebody has reacted to the message; the names of the emoji."""
        async with asyncio.timeout(TIMEOUT):
            while not (found := (await message.now()).reactions):
                pass
            return found

    async def deny(self, channel: str, *permissions: str, user: str = "SeeDream") -> None:
        await self.post("/control/permissions", {"channel": channel, "deny": permissions, "user": user})

    async def add_role(self, name: str, *permissions: str, guild: str = "Studio") -> None:
        await self.post("/control/role", {"guild": guild, "name": name, "permissions": permissions})

    async def set_roles(self, user: str, *roles: str, guild: str = "Studio") -> None:
        """A member's roles from now on; none are those of somebody who has just joined."""
        await self.post("/control/member-roles", {"guild": guild, "user": user, "roles": roles})

    async def choose_for_command(self, command: str | None, *entries: dict[str, Any]) -> None:
        """What an admin chooses under Server Settings > Integrations, for a command or for all of the bot's."""
        body = {"guild": "Studio", "command": command, "permissions": entries}
        await self.post("/control/command-permissions", body)

    async def set_age_restriction(self, channel: str, *, on: bool = True) -> None:
        await self.post("/control/age-restriction", {"channel": channel, "nsfw": on})

    async def set_upload_limit(self, size: int) -> None:
        await self.post("/control/upload-limit", {"guild": "Studio", "bytes": size})

    async def discord_setting(self, **settings: Any) -> None:
        async with self._http.patch("/control/settings", json=settings) as answer:
            assert answer.status == 200, await answer.text()

    async def gateway(self, action: str, **which: Any) -> None:
        await self.post("/control/gateway", {"action": action, **which})

    async def served_shards(self) -> list[list[int]]:
        """[number, of how many] of every shard that is connected."""
        sessions = (await self.get("/control/gateway"))["sessions"]
        return sorted(one["shard"] for one in sessions if one["connected"])

    async def session_starts(self) -> int:
        """How often a bot has identified."""
        limit = (await self.get("/control/gateway"))["session_start_limit"]
        return limit["total"] - limit["remaining"]

    async def shards_are_served(self, *shards: list[int], after_starts: int = 0) -> None:
        """Wait until just these are connected, after so many starts."""
        async with asyncio.timeout(TIMEOUT):
            while await self.served_shards() != list(shards) or await self.session_starts() < after_starts:
                pass

    # --- who is in a server ---------------------------------------------------------------------------------------

    async def bot_joins(self, guild: str = "Elsewhere") -> str:
        """The bot joins a server, which is made if there is none of that name; its id."""
        return str((await self.post("/control/join", {"guild": guild}))["id"])

    async def remove_bot(self, guild: str) -> None:
        await self.post("/control/remove-bot", {"guild": guild})

    async def another_bot(self, name: str, channel: str = "general") -> Member:
        """Another bot, in the server Studio."""
        await self.post("/control/user", {"name": name, "bot": True, "guild": "Studio"})
        return Member(self, name, channel)

    async def set_system_channel(self, guild: str, channel: str | None, flags: int = 0) -> None:
        await self.post("/control/system-channel", {"guild": guild, "channel": channel, "flags": flags})

    # --- what messages hold, and messages that no member writes ---------------------------------------------------

    async def mention(self, channel: str = "general", *, role: bool = False) -> str:
        """What mentions the bot, or its managed role in that channel's server."""
        return f"<@&{await self.bot_role(channel)}>" if role else f"<@{self.user_ids['SeeDream']}>"

    async def bot_role(self, channel: str = "general") -> str:
        """The id of the bot's managed role in that channel's server."""
        guilds = (await self.get("/control/world"))["guilds"]
        places = [(guild, one) for guild in guilds for one in (*guild["channels"], *guild["threads"])]
        guild = next(guild for guild, one in places if channel in {one["id"], one["name"]})
        tagged = (one for one in guild["roles"] if one.get("tags", {}).get("bot_id") == self.user_ids["SeeDream"])
        return str(next(tagged)["id"])

    async def add_sticker(self, name: str, file_format: str = "png", file: bytes | None = None) -> str:
        """A sticker of the server Studio: png, apng, gif or lottie, drawn where there is no file; its id."""
        body = {"guild": "Studio", "name": name, "format": file_format}
        return str((await self.post("/control/sticker", body | _as_file(file)))["id"])

    async def add_emoji(self, name: str, file: bytes | None = None, *, animated: bool = False) -> str:
        """An emoji of the server Studio, as it is written in a message."""
        body = {"guild": "Studio", "name": name, "animated": animated}
        made = await self.post("/control/emoji", body | _as_file(file))
        return f"<{'a' if animated else ''}:{name}:{made['id']}>"

    async def put_behind_link(self, url: str, kind: str, picture: bytes, **words: str) -> dict[str, Any]:
        """What Discord shows of a link from now on: gifv, image, video or article; its embed."""
        return await self.post("/control/link", {"url": url, "type": kind, **words, **_as_file(picture)})

    async def crosspost(self, message: Message, channel: str) -> Message:
        """The copy of an announcement in a channel that follows it."""
        return Message(self, await self.post("/control/crosspost", {"message": message.id, "channel": channel}))

    async def webhook_says(self, channel: str, **message: Any) -> Message:
        return Message(self, await self.post("/control/webhook-message", {"channel": channel, **message}))

    # --- places of the local Discord ----------------------------------------------------------------------------

    def member_in(self, channel: str, name: str = "ada") -> Member:
        """Somebody in a channel, a thread or a group, by its id or name."""
        return Member(self, name, channel)

    async def make_channel(self, name: str, kind: str = "text", *, guild: str = "Studio", **options: Any) -> str:
        """A channel of a server: text, voice, category, announcement, stage, forum or media; its id."""
        made = await self.post("/control/channel", {"guild": guild, "name": name, "type": kind, **options})
        return str(made["id"])

    async def start_thread(self, by: Member, name: str = "a thread", **options: Any) -> str:
        """A thread, or in a forum a post, where that member is; its id. `private`, or from a `message` by its id."""
        body = {"user": by.name, "channel": by.channel, "name": name, **options}
        return str((await self.post("/control/thread", body))["id"])

    async def set_thread(self, thread: str, **state: bool) -> None:
        """`archived` and `locked`, as a moderator sets them."""
        await self.post("/control/thread-state", {"thread": thread, **state})

    async def add_to_thread(self, thread: str, user: str = "SeeDream") -> None:
        await self.post("/control/thread-member", {"thread": thread, "user": user})

    async def make_group(self, name: str, *users: str) -> str:
        """A group of these people, without the bot; its id."""
        return str((await self.post("/control/group", {"name": name, "users": users}))["id"])

    async def discord_refuses(self, route: str, name: str | int, **fault: Any) -> None:
        """Answer with a refusal of Discord's, by its name or its code."""
        await self.discord_fault(route, name=name, **fault)

    async def send_event(self, name: str | None = None, data: Any = None) -> None:
        """An event of any shape to every session; by itself, one that no client of today can read."""
        await self.post("/control/gateway", {"action": "event", "name": name, "data": data})


def _as_file(content: bytes | None) -> dict[str, Any]:
    return {"file": encoded(("file", content))} if content is not None else {}
