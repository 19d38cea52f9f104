"""The bot's own web server: callbacks, health and metrics, and nothing else.

POST /callbacks/{job}/{signature}   from the SeeDream service; the only public route
GET  /healthz                       the process is alive
GET  /readyz                        it can do its work: the state of every probe, 503 if one fails
GET  /metrics                       Prometheus's text format

It closes after the job service, so that callbacks for jobs that end during shutdown are accepted.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Self, cast

from aiohttp import web, web_response
from prometheus_client.aiohttp import make_aiohttp_handler

from infra.web.connections import CONNECTIONS, Connections, one_answer_to_strangers
from infra.web.health import PROBE_SECONDS, examine

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from infra.web.callbacks import Callbacks
    from infra.web.connections import ConnectionLimits
    from infra.web.health import Probe
    from infra.web.metrics import Metrics

log = logging.getLogger(__name__)

KEEPALIVE_SECONDS = 15.0  # between requests, and for the first request's head
LINGERING_SECONDS = 2.0  # unread bodies are drained this long: a sender that is cut off wouldn't see the answer
CLOSE_SECONDS = 5.0  # for requests in progress when the server closes
BACKLOG = 128  # connections that wait to be accepted
MAX_HEADERS = 64
MAX_LINE_BYTES = 4096

# aiohttp puts its name and version into every response, even to malformed requests, which no signal sees. There is no
# option for it.
web_response.SERVER_SOFTWARE = "seedream"  # type: ignore[attr-defined]

# aiohttp logs a traceback for every malformed request from a stranger. Errors of our own handlers are logged below.
_muted = logging.getLogger(f"{__name__}.protocol")
_muted.setLevel(logging.CRITICAL + 1)


class WebServer:
    """An async context manager. With port 0 it takes a free one, see `url`. Raises: OSError if it can't listen.

    Without `callbacks`, their route doesn't exist.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        metrics: Metrics,
        probes: Mapping[str, Probe],
        callbacks: Callbacks | None = None,
        keepalive: float = KEEPALIVE_SECONDS,
        lingering: float = LINGERING_SECONDS,
        probe_within: float = PROBE_SECONDS,
        limits: ConnectionLimits | None = None,
    ) -> None:
        self.url = ""
        self._host = host
        self._port = port
        self._probes = probes
        self._probe_within = probe_within
        self.connections = Connections(limits)
        app = web.Application(middlewares=[one_answer_to_strangers, _short_errors])
        app[CONNECTIONS] = self.connections
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", make_aiohttp_handler(metrics.registry))
        if callbacks is not None:
            app.router.add_post("/callbacks/{job}/{signature}", callbacks.handle)
        self._runner = web.AppRunner(
            app,
            access_log=None,  # callback URLs are secret
            logger=_muted,
            shutdown_timeout=CLOSE_SECONDS,
            keepalive_timeout=keepalive,
            lingering_time=lingering,
            auto_decompress=False,  # so that limits apply to what was sent
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            max_headers=MAX_HEADERS,
        )

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        try:
            self._listener = await self._listen()
        except BaseException:
            await self._runner.cleanup()
            raise
        host, port = self._listener.sockets[0].getsockname()[:2]
        self.url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        log.info("listening at %s", self.url)
        return self

    async def _listen(self) -> asyncio.Server:
        """Listen with our own limits on connections: aiohttp has none."""
        factory = self.connections.factory(cast("web.Server", self._runner.server))
        return await asyncio.get_running_loop().create_server(factory, self._host, self._port, backlog=BACKLOG)

    async def __aexit__(self, *_: object) -> None:
        """Stop listening, and finish the requests in progress."""
        self._listener.close()
        await self._runner.cleanup()
        self.connections.close()

    async def _healthz(self, _request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        states = await examine(self._probes, within=self._probe_within)
        ready = all(state == "ok" for state in states.values())
        return web.json_response(states, status=200 if ready else 503)


@web.middleware
async def _short_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answer every error with one line of text."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        status, reason, allowed = error.status, error.reason, error.headers.get("Allow")
    except Exception:
        log.exception("%s failed", request.match_info.handler.__name__)
        status, reason, allowed = 500, "Internal Server Error", None
    response = web.Response(status=status, text=f"{status} {reason}\n")
    if allowed:
        response.headers["Allow"] = allowed
    return response
