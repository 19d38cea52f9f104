"""What the parts of the local Discord share: the world, who is connected, what was logged, who waits for what."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Protocol

from aiohttp import web

from sandbox.discord.default_world import default_world
from sandbox.discord.nonces import Nonces
from sandbox.discord.rate_limits import Limits
from sandbox.discord.session_limits import SessionStarts
from sandbox.discord.settings import Settings

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
    """One request of a bot and its answer; bodies are decoded JSON, None where there was none."""

    method: str
    route: str
    path: str
    request_body: Any
    status: int
    response_body: Any


@dataclass
class Interaction:
    """A member's command, press or submission, and what became of it."""

    data: Json
    user: str
    created: float
    acknowledged: bool = False
    private: bool = False  # whatever answers it is seen by its member alone
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
class Fault:
    """An answer in place of the real one: for requests whose method and path fit, `times` times (None: always).

    `carried_out`: what was asked is done all the same, and nobody learns of it.
    """

    route: str
    method: str | None = None
    status: int | None = None
    code: int = 0
    message: str = "A fault that was asked for"
    retry_after: float | None = None
    delay: float = 0.0
    close: bool = False
    carried_out: bool = False
    times: int | None = 1


class Supervised(Protocol):
    """A bot whose process can be ended and started."""

    @property
    def running(self) -> bool: ...
    async def start(self) -> None: ...
    async def kill(self) -> None: ...
    async def restart(self) -> None: ...


@dataclass
class State:
    world: World = field(default_factory=default_world)
    token: str = ""
    settings: Settings = field(default_factory=Settings)
    limits: Limits = field(default_factory=Limits)
    starts: SessionStarts = field(default_factory=SessionStarts)
    on_exchange: Callable[[Exchange], None] | None = None
    on_event: Callable[[str, Any], None] | None = None
    api_url: str = ""
    gateway_url: str = ""
    cdn_url: str = ""
    commands: dict[str, list[Json]] = field(default_factory=dict)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    links: dict[str, Json] = field(default_factory=dict)  # the embed of what is behind each address
    external: dict[str, bytes] = field(default_factory=dict)  # the media of those embeds
    faults: list[Fault] = field(default_factory=list)
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
        # Clients read the application's id in the first of a token's three parts.
        named = base64.urlsafe_b64encode(self.world.application_id.encode()).decode().rstrip("=")
        return f"{named}.local.{secrets.token_urlsafe(24)}"

    @property
    def flags(self) -> int:
        """The application's flags: which privileged intents are switched on."""
        content = MESSAGE_CONTENT_LIMITED if self.settings.message_content else 0
        embedded = EMBEDDED if self.settings.activities else 0
        return PRESENCE_LIMITED | GUILD_MEMBERS_LIMITED | content | embedded

    def emit(self, kind: str, data: Json) -> None:
        """Tell whoever watches, and wake whoever waits."""
        if self.listeners:
            event = {"kind": kind, "at": time.time(), "data": json.loads(json.dumps(data))}
            for queue in self.listeners:
                if not queue.full():
                    queue.put_nowait(event)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, condition: Callable[[], Any], timeout: float) -> Any:  # noqa: ASYNC109 - the caller's own
        """What `condition` gives as soon as it is truthy; its last value when time is over."""
        deadline = time.monotonic() + timeout
        while not (found := condition()):
            changed, left = self._changed, deadline - time.monotonic()
            if left <= 0:
                break
            try:
                async with asyncio.timeout(left):
                    await changed.wait()
            except TimeoutError:
                return condition()
        return found

    def dispatch(self, name: str, data: Json, *, guild_id: str | None = None) -> None:
        """Send a gateway event to every session that is to have it."""
        for session in list(self.sessions.values()):
            if session.wants(name, guild_id):
                session.send_event(name, data)

    def tell(self, channel: Json, name: str, data: Json) -> None:
        """Send an event of a channel, if the bot sees that."""
        if self.world.sees(self.world.application_id, channel):
            self.dispatch(name, data, guild_id=channel.get("guild_id"))

    def keep(self, session: Session) -> None:
        """A new session; of those that nobody came back to, the oldest goes where there are too many."""
        self.sessions[session.id] = session
        if len(self.sessions) > MOST_SESSIONS:
            left = next((one for one in self.sessions.values() if one.connection is None), None)
            if left:
                del self.sessions[left.id]

    def used_up(self) -> None:
        """More starts than a day has: every session ends, and the token is another from now on."""
        self.token = self._new_token()
        for session in self.sessions.values():
            if session.connection:
                session.connection.end(AUTHENTICATION_FAILED)
        self.sessions.clear()

    def remember(self, interaction: Interaction) -> None:
        self.interactions[interaction.token] = interaction
        if len(self.interactions) > MOST_INTERACTIONS:
            self.interactions.pop(next(iter(self.interactions)))

    def find_interaction(self, interaction_id: str) -> Interaction | None:
        return next((one for one in reversed(self.interactions.values()) if one.id == interaction_id), None)

    def take_fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fnmatchcase(path, fault.route) and fault.method in {None, method}:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self.faults.remove(fault)
                return fault
        return None

    def described(self) -> Json:
        return asdict(self.settings)


# Where the server keeps its state, a request the JSON that came with it, and an answer the JSON to be written.
STATE = web.AppKey("state", State)
GIVEN: web.RequestKey[Any] = web.RequestKey("given", object)
ANSWER: web.ResponseKey[Any] = web.ResponseKey("answer", object)
