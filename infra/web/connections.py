"""Limits the connections of a web server, whatever their peers do: their number, and how long an answer stays unread.

When there are too many, the oldest one makes room, so that those who only occupy connections don't keep others out. A
connection that has brought a signed callback is trusted, and never makes room. A reverse proxy has one address for all
of its clients, so only public addresses have a limit of their own.

Only such a connection is kept for further requests: strangers get one answer, however many requests they send at once.

How long a request may take is limited elsewhere: its head by aiohttp's keep-alive timeout, the body by its handler.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from aiohttp import web

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 512
FILES_SHARE = 2  # at most one of so many of the files that this process may open
SEND_BUFFER_BYTES = 64 * 2**10  # the kernel's: it would keep megabytes of answers that nobody reads
REPORT_SECONDS = 60.0  # dropped connections are logged at most this often


def _most_connections() -> int:
    """Leave most of the files that this process may open to the database, Discord and the pictures."""
    if resource is None:
        return MAX_CONNECTIONS
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return MAX_CONNECTIONS if files == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, files // FILES_SHARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """Connections in total, and of one public address; seconds until an answer must have been read."""

    total: int = field(default_factory=_most_connections)
    per_address: int = 128
    unread: float = 10.0
    sweep: float = 1.0


class Connections:
    """The open connections of one server, made by `factory` with the protocols of a `web.Server`."""

    def __init__(self, limits: ConnectionLimits | None = None) -> None:
        self._limits = limits or ConnectionLimits()
        self._open: dict[asyncio.BaseTransport | None, _Connection] = {}  # the oldest first
        self._sweeping: asyncio.TimerHandle | None = None
        self._dropped = 0
        self._reported_at = float("-inf")

    def __len__(self) -> int:
        return len(self._open)

    def factory(self, protocol: Callable[[], asyncio.Protocol]) -> Callable[[], asyncio.Protocol]:
        """Return what makes the protocol of each new connection."""
        return lambda: _Connection(self, protocol())

    def trust(self, transport: asyncio.BaseTransport | None) -> None:
        """Note that this connection is one of the service's: it doesn't make room for others."""
        if transport in self._open:
            self._open[transport].is_trusted = True

    def trusts(self, transport: asyncio.BaseTransport | None) -> bool:
        return transport in self._open and self._open[transport].is_trusted

    def close(self) -> None:
        """Stop watching the connections."""
        if self._sweeping:
            self._sweeping.cancel()

    # --- called by the connections ------------------------------------------------------------------------------------

    def opened(self, connection: _Connection) -> bool:
        """Note a new connection, if there is room for it or can be made."""
        address = _public_address(connection.transport)
        same = [other for other in self._open.values() if address is not None and other.address == address]
        crowd = same if len(same) >= self._limits.per_address else list(self._open.values())
        is_full = crowd is same or len(crowd) >= self._limits.total
        if is_full and not self._make_room(crowd):
            return False
        connection.address = address
        self._open[connection.transport] = connection
        self._watch()
        return True

    def closed(self, connection: _Connection) -> None:
        self._open.pop(connection.transport, None)

    def _make_room(self, crowd: list[_Connection]) -> bool:
        """Drop the oldest connection that isn't trusted. Returns False if there is none."""
        self._dropped += 1
        oldest = next((one for one in crowd if not one.is_trusted), None)
        if oldest is None:
            return False
        del self._open[oldest.transport]
        oldest.transport.abort()
        return True

    # --- unread answers -----------------------------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(self._limits.sweep, self._sweep)

    def _sweep(self) -> None:
        """Drop the connections whose peers don't read. Goes on as long as there are connections."""
        now, self._sweeping = asyncio.get_running_loop().time(), None
        for connection in list(self._open.values()):
            if connection.unread_for(now) > self._limits.unread:
                self._dropped += 1
                connection.transport.abort()
        if self._dropped and now - self._reported_at >= REPORT_SECONDS:
            log.warning("dropped %d connections: there were too many, or they didn't read their answers", self._dropped)
            self._dropped, self._reported_at = 0, now
        if self._open or self._dropped:
            self._watch()


class _Connection(asyncio.Protocol):
    """Passes everything on to the server's own protocol, if the connection is accepted."""

    transport: asyncio.Transport
    address: str | None = None
    is_trusted = False

    def __init__(self, connections: Connections, protocol: asyncio.Protocol) -> None:
        self._connections = connections
        self._protocol = protocol
        self._is_accepted = False
        self._unread_since: float | None = None

    def unread_for(self, now: float) -> float:
        """Return for how many seconds there have been bytes that the peer didn't take."""
        if not self.transport.get_write_buffer_size():
            self._unread_since = None
        elif self._unread_since is None:
            self._unread_since = now
        return 0.0 if self._unread_since is None else now - self._unread_since

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._is_accepted = self._connections.opened(self)
        if not self._is_accepted:
            self.transport.abort()
            return
        self.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self._protocol.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._is_accepted:
            self._protocol.data_received(data)

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received() if self._is_accepted else None

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.closed(self)
        if self._is_accepted:
            self._protocol.connection_lost(exc)


CONNECTIONS = web.AppKey("connections", Connections)
"""Where the application keeps them, for its handlers."""


@web.middleware
async def one_answer_to_strangers(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Close the connection after the answer, unless it is trusted. Errors are answered in the same way to everybody."""
    response = await handler(request)
    if response.status >= HTTPStatus.BAD_REQUEST or not request.app[CONNECTIONS].trusts(request.transport):
        response.force_close()
    return response


def _public_address(transport: asyncio.Transport) -> str | None:
    """Return the peer's address if it is public, of IPv6 its network; None for a proxy's, which is local or private."""
    peer = transport.get_extra_info("peername")
    try:
        address = ipaddress.ip_address(peer[0] if peer else "")
    except ValueError:
        return None
    if not address.is_global:
        return None
    return str(address if isinstance(address, ipaddress.IPv4Address) else ipaddress.ip_network((address, 64), False))
