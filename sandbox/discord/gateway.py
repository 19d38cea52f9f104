"""The gateway: one WebSocket a shard. Source: Discord API reference, "Gateway", version 10."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from collections import deque
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.discord.state import STATE
from sandbox.discord.world import DM

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Guild, Json

try:
    import zstandard
except ImportError:  # it comes with discord.py[speed]; without it nobody is promised zstd
    zstandard = None  # type: ignore[assignment]

DISPATCH, HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS = 0, 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK, SOUNDBOARD = 9, 10, 11, 31
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, AUTHENTICATION_FAILED, ALREADY_AUTHENTICATED = range(4001, 4006)
INVALID_SEQUENCE, INVALID_SHARD, INVALID_INTENTS, DISALLOWED_INTENTS = 4007, 4010, 4013, 4014

GUILDS, GUILD_MEMBERS, GUILD_MESSAGES, DIRECT_MESSAGES, MESSAGE_CONTENT = 1, 1 << 1, 1 << 9, 1 << 12, 1 << 15
_ALL_INTENTS = (1 << 26) - 1
_NEEDS = {
    "GUILD_CREATE": GUILDS, "GUILD_DELETE": GUILDS, "GUILD_UPDATE": GUILDS, "CHANNEL_CREATE": GUILDS,
    "CHANNEL_UPDATE": GUILDS, "CHANNEL_DELETE": GUILDS, "GUILD_ROLE_CREATE": GUILDS, "GUILD_ROLE_UPDATE": GUILDS,
    "GUILD_MEMBER_ADD": GUILD_MEMBERS,
}  # fmt: skip
_MESSAGE_EVENTS = {"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"}
_NO_CONTENT: Json = {"content": "", "embeds": [], "attachments": [], "components": []}
_KEPT_EVENTS = 1000
_MISSED_HEARTBEATS = 2.5


class Session:
    """What a client has identified as; it outlives its connection, to be resumed."""

    def __init__(self, state: State, intents: int, shard: tuple[int, int]) -> None:
        self.id = secrets.token_hex(16)
        self._state = state
        self._intents = intents
        self._shard = shard
        self._sequence = 0
        self._events: deque[tuple[int, Json]] = deque(maxlen=_KEPT_EVENTS)
        self.connection: Connection | None = None

    def wants(self, name: str, guild_id: str | None) -> bool:
        number, of = self._shard
        if (int(guild_id) >> 22) % of != number if guild_id else number != 0:
            return False
        if name in _MESSAGE_EVENTS:
            return bool(self._intents & (GUILD_MESSAGES if guild_id else DIRECT_MESSAGES))
        needed = _NEEDS.get(name, 0)
        return not needed or bool(self._intents & needed)

    def send_event(self, name: str, data: Json) -> None:
        if "author" in data and name in _MESSAGE_EVENTS and not self._intents & MESSAGE_CONTENT:
            data = without_content(data, self._state.world.application_id)
        if self._state.on_event:
            self._state.on_event(name, data)
        self._sequence += 1
        payload = {"op": DISPATCH, "t": name, "s": self._sequence, "d": data}
        self._events.append((self._sequence, payload))
        if self.connection:
            self.connection.send(payload)

    def replay(self, after: int) -> bool:
        """Send again what came after this sequence number; False when it is not kept any more."""
        if after > self._sequence or (self._events and self._events[0][0] > after + 1):
            return False
        for number, payload in list(self._events):
            if number > after and self.connection:
                self.connection.send(payload)
        return True

    def guilds(self) -> list[Guild]:
        bot, (number, of) = self._state.world.application_id, self._shard
        mine = (guild for guild in self._state.world.guilds.values() if bot in guild.members)
        return [guild for guild in mine if (int(guild.id) >> 22) % of == number]


class Connection:
    """One WebSocket. What is sent is queued, so that nobody who dispatches has to wait."""

    def __init__(self, state: State, socket: web.WebSocketResponse, compression: str | None) -> None:
        self._state = state
        self._socket = socket
        self._outgoing: asyncio.Queue[Json | None] = asyncio.Queue()
        self._compress = _compressor(compression)
        self._session: Session | None = None

    def send(self, payload: Json) -> None:
        self._outgoing.put_nowait(payload)

    async def close(self, code: int) -> None:
        await self._socket.close(code=code)

    async def serve(self) -> None:
        interval = self._state.settings.heartbeat_interval
        writing = asyncio.create_task(self._write())
        self.send(
            {"op": HELLO, "d": {"heartbeat_interval": int(interval * 1000), "_trace": ["local"]}, "s": None, "t": None}
        )
        try:
            while True:
                message = await self._socket.receive(timeout=interval * _MISSED_HEARTBEATS)
                if message.type not in {WSMsgType.TEXT, WSMsgType.BINARY}:
                    break
                if code := await self._received(message.data):
                    await self.close(code)
                    break
        except TimeoutError:
            await self.close(WSCloseCode.GOING_AWAY)
        finally:
            writing.cancel()
            if self._session and self._session.connection is self:
                self._session.connection = None
            self._state.emit("gateway", {"connected": False})

    async def _write(self) -> None:
        while (payload := await self._outgoing.get()) is not None:
            text = json.dumps(payload, separators=(",", ":"))
            if self._socket.closed:
                return
            if self._compress:
                await self._socket.send_bytes(self._compress(text.encode()))
            else:
                await self._socket.send_str(text)

    async def _received(self, text: str | bytes) -> int | None:
        """Do what the client asks; the close code if it may not."""
        try:
            payload = json.loads(text)
            operation, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return DECODE_ERROR
        match operation:
            case 1:
                self.send({"op": HEARTBEAT_ACK, "d": None, "s": None, "t": None})
            case 2:
                return self._identify(data)
            case 6:
                return self._resume(data)
            case _ if self._session is None:
                return NOT_AUTHENTICATED
            case 8:
                self._send_members(data)
            case 3 | 4 | 31:
                pass
            case _:
                return UNKNOWN_OPCODE
        return None

    def _identify(self, data: Any) -> int | None:
        if self._session:
            return ALREADY_AUTHENTICATED
        if not isinstance(data, dict) or data.get("token", "").removeprefix("Bot ") != self._state.token:
            return AUTHENTICATION_FAILED
        intents, shard = data.get("intents"), data.get("shard", [0, 1])
        if isinstance(intents, int) and intents & MESSAGE_CONTENT and not self._state.settings.message_content:
            return DISALLOWED_INTENTS
        if not isinstance(intents, int) or intents & ~_ALL_INTENTS:
            return INVALID_INTENTS
        if not (isinstance(shard, list) and len(shard) == 2 and 0 <= shard[0] < shard[1]):  # noqa: PLR2004
            return INVALID_SHARD
        session = Session(self._state, intents, (shard[0], shard[1]))
        self._attach(session)
        self._state.sessions[session.id] = session
        session.send_event("READY", self._ready(session, shard if "shard" in data else None))
        for guild in session.guilds():
            if session.wants("GUILD_CREATE", guild.id):
                session.send_event("GUILD_CREATE", guild_create(self._state, guild))
        self._state.emit("gateway", {"connected": True, "session": session.id})
        return None

    def _resume(self, data: Any) -> int | None:
        session = self._state.sessions.get(data.get("session_id", "")) if isinstance(data, dict) else None
        if session is None or data.get("token", "").removeprefix("Bot ") != self._state.token:
            self.send({"op": INVALID_SESSION, "d": False, "s": None, "t": None})
            return None
        if not isinstance(data.get("seq"), int):
            return INVALID_SEQUENCE
        self._attach(session)
        if not session.replay(data["seq"]):
            return INVALID_SEQUENCE
        session.send_event("RESUMED", {"_trace": ["local"]})
        self._state.emit("gateway", {"connected": True, "session": session.id, "resumed": True})
        return None

    def _attach(self, session: Session) -> None:
        self._session = session
        session.connection = self

    def _ready(self, session: Session, shard: list[int] | None) -> Json:
        world = self._state.world
        ready: Json = {
            "v": 10, "user": world.bot | {"mfa_enabled": False, "verified": True, "email": None},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in session.guilds()],
            "session_id": session.id, "session_type": "normal", "resume_gateway_url": self._state.gateway_url,
            "application": {"id": world.application_id, "flags": self._state.flags}, "private_channels": [],
            "relationships": [], "user_settings": {}, "presences": [], "guild_join_requests": [],
            "geo_ordered_rtc_regions": [], "_trace": ["local"],
        }  # fmt: skip
        return ready | ({"shard": shard} if shard else {})

    def _send_members(self, data: Any) -> None:
        guild = self._state.world.guilds.get(str(data.get("guild_id"))) if isinstance(data, dict) else None
        if guild is None or self._session is None:
            return
        wanted, query = data.get("user_ids"), data.get("query")
        ids = {wanted} if isinstance(wanted, str) else set(map(str, wanted or []))
        members = [
            member
            for user_id, member in guild.members.items()
            if (user_id in ids if ids else member["user"]["username"].startswith(query or ""))
        ]
        chunk = {"guild_id": guild.id, "members": members, "chunk_index": 0, "chunk_count": 1, "not_found": []}
        nonce = {"nonce": data["nonce"]} if data.get("nonce") else {}
        self._session.send_event("GUILD_MEMBERS_CHUNK", chunk | nonce)


def guild_create(state: State, guild: Guild) -> Json:
    """A guild as it is sent to a client that has just become ready."""
    world = state.world
    return guild.data | {
        "joined_at": guild.members[world.application_id]["joined_at"], "large": False, "unavailable": False,
        "member_count": len(guild.members), "voice_states": [], "members": list(guild.members.values()),
        "channels": list(guild.channels.values()), "threads": [], "presences": [], "stage_instances": [],
        "guild_scheduled_events": [], "soundboard_sounds": [], "application_id": None,
    }  # fmt: skip


def without_content(message: Json, bot: str) -> Json:
    """A message for an application that may not read what is in other people's.

    Its own, direct ones and those that mention it are whole; a message replied to is judged by itself.
    Source: Discord, "Message Content Intent".
    """
    replied = message.get("referenced_message")
    if replied:
        # It has no guild_id of its own; where the reply is, it is as well.
        judged = without_content({"guild_id": message.get("guild_id"), **replied}, bot)
        message = message | {"referenced_message": {key: judged[key] for key in replied if key in judged}}
    mine = message["author"]["id"] == bot or any(user["id"] == bot for user in message["mentions"])
    if mine or not message.get("guild_id"):
        return message
    return {key: value for key, value in message.items() if key != "message_snapshots"} | _NO_CONTENT


def message_event(state: State, message: Json) -> Json:
    """A message as the gateway tells of it: with the server and the author's membership."""
    channel = state.world.channels[message["channel_id"]]
    if channel["type"] == DM:
        return message | {"channel_type": DM}
    guild = state.world.guilds[channel["guild_id"]]
    member = guild.members.get(message["author"]["id"])
    known = {"member": {key: value for key, value in member.items() if key != "user"}} if member else {}
    return message | {"guild_id": guild.id} | known


def _compressor(kind: str | None) -> Any:
    """One continuous stream a connection, flushed after each message."""
    if kind == "zlib-stream":
        stream = zlib.compressobj()
        return lambda data: stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH)
    if kind == "zstd-stream" and zstandard:
        frames = zstandard.ZstdCompressor().compressobj()
        return lambda data: frames.compress(data) + frames.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    return None


async def handle(request: web.Request) -> web.WebSocketResponse:
    """`GET /gateway?v=10&encoding=json[&compress=zlib-stream|zstd-stream]`."""
    socket = web.WebSocketResponse(max_msg_size=1 << 20)
    await socket.prepare(request)
    await Connection(request.app[STATE], socket, request.query.get("compress")).serve()
    return socket
