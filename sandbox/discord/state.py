"""The state of the local Discord: its world, settings, sessions, interactions, faults and logs."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from sandbox.discord.connection import INVALID_SESSION
from sandbox.discord.default_world import default_world
from sandbox.discord.message_content import without_content
from sandbox.discord.nonces import Nonces
from sandbox.discord.rate_limits import DiscordRateLimits
from sandbox.discord.session_limits import SessionLimits
from sandbox.discord.sessions import MESSAGE_CONTENT, MESSAGE_EVENTS
from sandbox.discord.settings import DiscordSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.discord.sessions import Session
    from sandbox.discord.world import Json, World

MOST_LOGGED = 20_000
PRESENCE_LIMITED, GUILD_MEMBERS_LIMITED, EMBEDDED, MESSAGE_CONTENT_LIMITED = 1 << 13, 1 << 15, 1 << 17, 1 << 19
MOST_INTERACTIONS = 10_000
MOST_SESSIONS = 500
AUTHENTICATION_FAILED = 4004


@dataclass(frozen=True)
class Exchange:
    """A request of a bot and its response. Bodies are decoded JSON, or None if there was none."""

    method: str
    route: str
    path: str
    request_body: Any
    status: int
    response_body: Any


@dataclass
class Interaction:
    """A member's command, button press or modal submission, and how the bot answered it."""

    data: Json
    user: str
    created: float
    acknowledged: bool = False
    private: bool = False  # every response is ephemeral
    follow_ups: int = 0
    dead: bool = False
    original: str | None = None
    answer: Json | None = None
    opened_by: Interaction | None = None

    @property
    def id(self) -> str:
        return str(self.data["id"])

    @property
    def token(self) -> str:
        return str(self.data["token"])

    @property
    def channel_id(self) -> str:
        return str(self.data["channel_id"])


@dataclass
class DiscordFault:
    """Replaces the response to the next `times` requests (None: all) whose method and path match.

    With `carried_out`, the request takes effect, but the bot gets the error.
    """

    route: str
    method: str | None = None
    status: int | None = None
    code: int = 0
    message: str = "Injected fault"
    retry_after: float | None = None
    delay: float = 0.0
    close: bool = False
    carried_out: bool = False
    times: int | None = 1


class Supervised(Protocol):
    """A bot whose process can be killed and started."""

    @property
    def running(self) -> bool: ...
    async def start(self) -> None: ...
    async def kill(self) -> None: ...
    async def restart(self) -> None: ...


@dataclass
class State:
    world: World = field(default_factory=default_world)
    token: str = ""
    settings: DiscordSettings = field(default_factory=DiscordSettings)
    rate_limits: DiscordRateLimits = field(default_factory=DiscordRateLimits)
    session_limits: SessionLimits = field(default_factory=SessionLimits)
    on_exchange: Callable[[Exchange], None] | None = None
    on_event: Callable[[str, Any], None] | None = None
    api_url: str = ""
    gateway_url: str = ""
    cdn_url: str = ""
    commands: dict[str, list[Json]] = field(default_factory=dict)
    command_permissions: dict[str, dict[str, list[Json]]] = field(default_factory=dict)  # by server, then by command
    interactions: dict[str, Interaction] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, Json] = field(default_factory=dict)  # URL -> embed of its preview
    external: dict[str, bytes] = field(default_factory=dict)  # media of those embeds, by path
    faults: list[DiscordFault] = field(default_factory=list)
    sessions: dict[str, Session] = field(default_factory=dict)
    log: deque[Json] = field(default_factory=lambda: deque(maxlen=MOST_LOGGED))
    pings: deque[Json] = field(default_factory=lambda: deque(maxlen=MOST_LOGGED))
    bot: Supervised | None = None
    listeners: set[asyncio.Queue[Json]] = field(default_factory=set)
    nonces: Nonces = field(default_factory=Nonces)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.token = self.token or self._new_token()

    def _new_token(self) -> str:
        # Clients read the application's id from the first of a token's three parts.
        application = base64.urlsafe_b64encode(self.world.application_id.encode()).decode().rstrip("=")
        return f"{application}.local.{secrets.token_urlsafe(24)}"

    @property
    def flags(self) -> int:
        """The application's flags, which include the privileged intents that are switched on."""
        content = MESSAGE_CONTENT_LIMITED if self.settings.message_content else 0
        render_embeds = EMBEDDED if self.settings.activities else 0
        return PRESENCE_LIMITED | GUILD_MEMBERS_LIMITED | content | render_embeds

    def emit(self, kind: str, data: Json) -> None:
        """Send an event to the listeners of /control/events, and wake every `until`."""
        if self.listeners:
            event = {"kind": kind, "at": time.time(), "data": json.loads(json.dumps(data))}
            for queue in self.listeners:
                if not queue.full():
                    queue.put_nowait(event)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, condition: Callable[[], Any], timeout: float) -> Any:  # noqa: ASYNC109 - the caller's own
        """Wait until `condition()` is truthy and return its value; after the timeout, return its last value."""
        deadline = time.monotonic() + timeout
        while not (result := condition()):
            changed, left = self._changed, deadline - time.monotonic()
            if left <= 0:
                break
            try:
                async with asyncio.timeout(left):
                    await changed.wait()
            except TimeoutError:
                return condition()
        return result

    def dispatch(self, name: str, data: Json, *, guild_id: str | None = None) -> None:
        """Send a gateway event to every session whose shard and intents include it."""
        for session in list(self.sessions.values()):
            if session.wants(name, guild_id):
                self.send_event(session, name, data)

    def send_event(self, session: Session, name: str, data: Json, *, validate: bool = True) -> None:
        """Send an event to one session. `on_event` is not called for one that is malformed on purpose."""
        if "author" in data and name in MESSAGE_EVENTS and not session.intents & MESSAGE_CONTENT:
            data = without_content(self.world, self.settings, data, data.get("guild_id"))
        if validate and self.on_event:
            self.on_event(name, data)
        session.send(name, data)

    def dispatch_in(self, channel: Json, name: str, data: Json) -> None:
        """Send an event of a channel, if the bot can view it."""
        if self.world.sees(self.world.application_id, channel):
            self.dispatch(name, data, guild_id=channel.get("guild_id"))

    def add_session(self, session: Session) -> None:
        """Keep a new session; if there are too many, drop the oldest one without a connection."""
        self.sessions[session.id] = session
        if len(self.sessions) > MOST_SESSIONS:
            oldest = next((kept for kept in self.sessions.values() if kept.connection is None), None)
            if oldest:
                del self.sessions[oldest.id]

    def invalidate(self, session: Session, *, resumable: bool = False) -> None:
        """Ask the session's client to identify again, or to resume; that may happen on the same connection."""
        connection, session.connection = session.connection, None
        if not resumable:
            self.sessions.pop(session.id, None)
        if connection:
            connection.send_operation(INVALID_SESSION, resumable)

    def reset_token(self) -> None:
        """End every session and replace the token, as Discord does after too many session starts in a day."""
        self.token = self._new_token()
        for session in self.sessions.values():
            if session.connection:
                session.connection.end(AUTHENTICATION_FAILED)
        self.sessions.clear()

    def add_interaction(self, interaction: Interaction) -> None:
        self.interactions[interaction.token] = interaction
        if len(self.interactions) > MOST_INTERACTIONS:
            self.interactions.pop(next(iter(self.interactions)))

    def find_interaction(self, interaction_id: str) -> Interaction | None:
        return next((known for known in reversed(self.interactions.values()) if known.id == interaction_id), None)

    def take_fault(self, method: str, path: str) -> DiscordFault | None:
        """Return the first fault that matches a request, and count it down."""
        for fault in self.faults:
            if fnmatchcase(path, fault.route) and fault.method in {None, method}:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None


# The application's state, the decoded body of a request, and the JSON that the middleware writes as a response.
STATE = web.AppKey("state", State)
REQUEST_BODY: web.RequestKey[Any] = web.RequestKey("request_body", object)
RESPONSE_BODY: web.ResponseKey[Any] = web.ResponseKey("response_body", object)
