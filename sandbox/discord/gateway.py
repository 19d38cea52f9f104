"""The gateway protocol: identify, resume, heartbeats and closing. Source: API reference, "Gateway", version 10."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from aiohttp import WSCloseCode, WSMsgType, web

from sandbox.discord.connection import HEARTBEAT_ACK, HELLO, INVALID_SESSION, Connection
from sandbox.discord.gateway_events import guild_create, guilds_of, members_chunk
from sandbox.discord.sessions import ALL_INTENTS, MESSAGE_CONTENT, Session
from sandbox.discord.state import AUTHENTICATION_FAILED, STATE

if TYPE_CHECKING:
    from aiohttp import WSMessage

    from sandbox.discord.state import State
    from sandbox.discord.world import Json

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, MEMBERS, SOUNDBOARD = 1, 2, 3, 4, 6, 8, 31
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED, ALREADY_AUTHENTICATED = 4001, 4002, 4003, 4005
INVALID_SEQUENCE, INVALID_SHARD, SHARDING_REQUIRED = 4007, 4010, 4011
INVALID_INTENTS, DISALLOWED_INTENTS = 4013, 4014

_ENDS_SESSION = {1000, 1001}  # a client that closes with one of these does not mean to resume
_MISSED_HEARTBEATS = 2.5
# Seconds. No real network is faster, and discord.py records a heartbeat only after sending it.
_ROUND_TRIP = 0.02


class Gateway:
    """Serves one client over one connection."""

    def __init__(self, state: State, connection: Connection) -> None:
        self._state = state
        self._connection = connection
        self._identified: Session | None = None

    @property
    def _session(self) -> Session | None:
        """The client's session, unless it was invalidated or resumed over another connection."""
        session = self._identified
        return session if session and session.connection is self._connection else None

    async def serve(self) -> None:
        """Serve the client until either side closes the connection."""
        interval = self._state.settings.heartbeat_interval
        writing = asyncio.create_task(self._connection.write())
        self._connection.send_operation(HELLO, {"heartbeat_interval": int(interval * 1000), "_trace": ["local"]})
        try:
            while (message := await self._connection.receive(interval * _MISSED_HEARTBEATS)).type in {
                WSMsgType.TEXT, WSMsgType.BINARY,
            }:  # fmt: skip
                if code := await self._received(message.data):
                    await self._connection.close(code)
                    break
            else:
                self._closed(message)
        except TimeoutError:
            await self._connection.close(WSCloseCode.GOING_AWAY)
        finally:
            writing.cancel()
            if session := self._session:
                session.connection = None
            self._state.emit("gateway", {"connected": False})

    def _closed(self, message: WSMessage) -> None:
        """Forget the session of a client that does not mean to resume."""
        if self._session and message.type is WSMsgType.CLOSE and message.data in _ENDS_SESSION:
            self._state.sessions.pop(self._session.id, None)

    async def _received(self, text: str | bytes) -> int | None:
        """Handle a payload of the client. Return the close code if it is not allowed."""
        try:
            payload = json.loads(text)
            operation, data = payload["op"], payload.get("d")
        except (ValueError, KeyError, TypeError):
            return DECODE_ERROR
        match operation:
            case 1:
                asyncio.get_running_loop().call_later(_ROUND_TRIP, self._connection.send_operation, HEARTBEAT_ACK)
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
        if data.get("compress") is True:
            self._connection.compress_payloads()
        number, count = data.get("shard", (0, 1))
        session = Session(data["intents"], (number, count))
        if len(guilds_of(state, session)) > state.settings.guilds_per_shard:
            return SHARDING_REQUIRED
        if not state.session_limits.count(state.settings):
            state.reset_token()
            self._connection.end(AUTHENTICATION_FAILED)
        elif state.session_limits.take_turn(state.settings, number):
            self._begin(session, data.get("shard"))
        else:
            self._invalidate()
        return None

    def _begin(self, session: Session, shard: list[int] | None) -> None:
        state = self._state
        self._attach(session)
        state.add_session(session)
        state.send_event(session, "READY", self._ready(session, shard))
        for guild in guilds_of(state, session):
            if session.wants("GUILD_CREATE", guild.id):
                state.send_event(session, "GUILD_CREATE", guild_create(state, guild, all_members=session.has_presences))
        state.emit("gateway", {"connected": True, "session": session.id, "shard": session.shard})

    def _has_token(self, data: Any) -> bool:
        return isinstance(data, dict) and str(data.get("token")).removeprefix("Bot ") == self._state.token

    def _resume(self, data: Any) -> int | None:
        session = self._state.sessions.get(str(data.get("session_id"))) if self._has_token(data) else None
        if session is None:
            self._invalidate()
            return None
        if not isinstance(data.get("seq"), int):
            return INVALID_SEQUENCE
        self._attach(session)
        if not session.replay(data["seq"]):
            return INVALID_SEQUENCE
        self._state.send_event(session, "RESUMED", {"_trace": ["local"]})
        self._state.emit("gateway", {"connected": True, "session": session.id, "resumed": True})
        return None

    def _attach(self, session: Session) -> None:
        self._identified = session
        session.connection = self._connection

    def _invalidate(self) -> None:
        """End the session, if one has begun; a new one may begin on this connection."""
        if session := self._session:
            self._state.invalidate(session)
        else:
            self._connection.send_operation(INVALID_SESSION, data=False)

    def _ready(self, session: Session, shard: list[int] | None) -> Json:
        world = self._state.world
        ready: Json = {
            "v": 10, "user": world.bot | {"mfa_enabled": False, "verified": True, "email": None},
            "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds_of(self._state, session)],
            "session_id": session.id, "session_type": "normal", "resume_gateway_url": self._state.gateway_url,
            "application": {"id": world.application_id, "flags": self._state.flags}, "private_channels": [],
            "relationships": [], "user_settings": {}, "presences": [], "guild_join_requests": [],
            "geo_ordered_rtc_regions": [], "_trace": ["local"],
        }  # fmt: skip
        return ready | ({"shard": shard} if shard else {})

    def _send_members(self, data: Any) -> None:
        """Answer "Request Guild Members"; older clients send a list of servers."""
        guild_ids = data.get("guild_id") if isinstance(data, dict) else None
        for guild_id in guild_ids if isinstance(guild_ids, list) else [guild_ids]:
            guild = self._state.world.guilds.get(str(guild_id))
            if guild and self._session:
                self._state.send_event(self._session, "GUILD_MEMBERS_CHUNK", members_chunk(guild, data))


def _refused(state: State, data: Json) -> int | None:
    """Return the close code for an identify with invalid or disallowed intents, or an invalid shard."""
    intents, shard = data.get("intents"), data.get("shard", [0, 1])
    granted = state.settings.message_content and not state.settings.message_content_refused
    if isinstance(intents, int) and intents & MESSAGE_CONTENT and not granted:
        return DISALLOWED_INTENTS
    if not isinstance(intents, int) or intents & ~ALL_INTENTS:
        return INVALID_INTENTS
    well_formed = isinstance(shard, list) and [type(number) for number in shard] == [int, int]
    return None if well_formed and 0 <= shard[0] < shard[1] else INVALID_SHARD


async def handle(request: web.Request) -> web.WebSocketResponse:
    """Serve `GET /gateway?v=10&encoding=json[&compress=zlib-stream|zstd-stream]`."""
    if request.query.get("encoding", "json") != "json":
        raise web.HTTPBadRequest(text="This gateway speaks JSON: connect with encoding=json.")
    socket = web.WebSocketResponse(max_msg_size=1 << 20)
    await socket.prepare(request)
    await Gateway(request.app[STATE], Connection(request, socket)).serve()
    return socket
