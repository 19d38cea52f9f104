"""The gateway: one WebSocket a shard. Source: Discord API reference, "Gateway", version 10."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.discord.gateway_events import members_chunk
from sandbox.discord.sessions import ALL_INTENTS, MESSAGE_CONTENT, Session
from sandbox.discord.state import AUTHENTICATION_FAILED, STATE

if TYPE_CHECKING:
    from sandbox.discord.state import State
    from sandbox.discord.world import Json

try:
    import zstandard
except ImportError:  # it comes with discord.py[speed]; without it nobody is promised zstd
    zstandard = None  # type: ignore[assignment]

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT, MEMBERS = 1, 2, 3, 4, 6, 7, 8
INVALID_SESSION, HELLO, HEARTBEAT_ACK, SOUNDBOARD = 9, 10, 11, 31
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, ALREADY_AUTHENTICATED = 4001, 4002, 4003, 4005
INVALID_SEQUENCE, INVALID_SHARD, SHARDING_REQUIRED = 4007, 4010, 4011
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014

_ENDS_SESSION = {1000, 1001}  # a client that closes so does not mean to resume
_MISSED_HEARTBEATS = 2.5
# Seconds. No network is faster, and discord.py notes when it has sent a heartbeat only after it was sent.
_ROUND_TRIP = 0.02


class Connection:
    """One WebSocket. What is sent is queued, so that nobody who dispatches has to wait."""

    def __init__(self, request: web.Request, socket: web.WebSocketResponse) -> None:
        self._state = request.app[STATE]
        self._socket = socket
        self._transport = request.transport
        self._outgoing: asyncio.Queue[Json | int] = asyncio.Queue()
        self._compress = _compressor(request.query.get("compress"))
        self._session: Session | None = None

    def send(self, payload: Json) -> None:
        self._outgoing.put_nowait(payload)

    def end(self, code: int) -> None:
        """Close it, after what is to be sent before."""
        self._outgoing.put_nowait(code)

    async def close(self, code: int) -> None:
        await self._socket.close(code=code)

    def abort(self) -> None:
        """Break the connection without a word, as a network does."""
        if self._transport:
            self._transport.abort()

    def invalidate(self, *, resumable: bool = False) -> None:
        """End the session, if one has begun; a new one may begin on this connection."""
        if self._session:
            self._session.connection = None
            if not resumable:
                self._state.sessions.pop(self._session.id, None)
        self._session = None
        self.send({"op": INVALID_SESSION, "d": resumable, "s": None, "t": None})

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
                    if self._session and message.type is WSMsgType.CLOSE and message.data in _ENDS_SESSION:
                        self._state.sessions.pop(self._session.id, None)
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
        while not isinstance(payload := await self._outgoing.get(), int):
            text = json.dumps(payload, separators=(",", ":"))
            if self._socket.closed:
                return
            if self._compress:
                await self._socket.send_bytes(self._compress(text.encode()))
            else:
                await self._socket.send_str(text)
        await self.close(payload)

    async def _received(self, text: str | bytes) -> int | None:
        """Do what the client asks; the close code if it may not."""
        try:
            payload = json.loads(text)
            operation, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return DECODE_ERROR
        match operation:
            case 1:
                acknowledged = {"op": HEARTBEAT_ACK, "d": None, "s": None, "t": None}
                asyncio.get_running_loop().call_later(_ROUND_TRIP, self.send, acknowledged)
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
        state = self._state
        if self._session:
            return ALREADY_AUTHENTICATED
        if not self._has_token(data):
            return AUTHENTICATION_FAILED
        if code := _refused(state, data):
            return code
        if data.get("compress") is True and self._compress is None:
            self._compress = zlib.compress  # each payload by itself
        number, of = data.get("shard", (0, 1))
        session = Session(state, data["intents"], (number, of))
        if len(session.guilds()) > state.settings.guilds_per_shard:
            return SHARDING_REQUIRED
        if not state.starts.count(state.settings):
            state.used_up()
            self.end(AUTHENTICATION_FAILED)
        elif state.starts.take_turn(state.settings, number):
            self._begin(session, data.get("shard"))
        else:
            self.invalidate()
        return None

    def _begin(self, session: Session, shard: list[int] | None) -> None:
        self._attach(session)
        self._state.keep(session)
        session.send_event("READY", self._ready(session, shard))
        for guild in session.guilds():
            if session.wants("GUILD_CREATE", guild.id):
                session.send_event("GUILD_CREATE", session.guild_create(guild))
        self._state.emit("gateway", {"connected": True, "session": session.id, "shard": session.shard})

    def _has_token(self, data: Any) -> bool:
        return isinstance(data, dict) and str(data.get("token")).removeprefix("Bot ") == self._state.token

    def _resume(self, data: Any) -> int | None:
        session = self._state.sessions.get(str(data.get("session_id"))) if self._has_token(data) else None
        if session is None:
            self.invalidate()
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
        """Older clients name the server in a list."""
        asked = data.get("guild_id") if isinstance(data, dict) else None
        for guild_id in asked if isinstance(asked, list) else [asked]:
            guild = self._state.world.guilds.get(str(guild_id))
            if guild and self._session:
                self._session.send_event("GUILD_MEMBERS_CHUNK", members_chunk(guild, data))


def _refused(state: State, data: Json) -> int | None:
    """The close code for an identify that can't be."""
    intents, shard = data.get("intents"), data.get("shard", [0, 1])
    granted = state.settings.message_content and not state.settings.message_content_refused
    if isinstance(intents, int) and intents & MESSAGE_CONTENT and not granted:
        return DISALLOWED_INTENTS
    if not isinstance(intents, int) or intents & ~ALL_INTENTS:
        return INVALID_INTENTS
    whole = isinstance(shard, list) and [type(one) for one in shard] == [int, int]
    return None if whole and 0 <= shard[0] < shard[1] else INVALID_SHARD


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
    if request.query.get("encoding", "json") != "json":
        raise web.HTTPBadRequest(text="This gateway speaks JSON: connect with encoding=json.")
    socket = web.WebSocketResponse(max_msg_size=1 << 20)
    await socket.prepare(request)
    await Connection(request, socket).serve()
    return socket
