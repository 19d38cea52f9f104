"""Runs the bot's web server to receive one callback."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from infra.web.callbacks import Callbacks
from infra.web.metrics import Metrics
from infra.web.server import WebServer
from seedream.callbacks import callback_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from check.recorder import Recorder
    from infra.config.settings import Settings
    from seedream.callbacks import Callback


class CallbackListener:
    """Receives the callback of one job. url: where the service has to post it."""

    def __init__(self, recorder: Recorder) -> None:
        self.job = f"check-{secrets.token_hex(8)}"
        self.url = ""
        self._recorder = recorder
        self._callback: asyncio.Future[Callback] = asyncio.get_running_loop().create_future()

    async def on_callback(self, job_id: str, body: bytes, callback: Callback) -> bool:
        """Accept the job's callback; False for any other job."""
        if job_id != self.job:
            return False
        if not self._callback.done():
            self._recorder.add_posted("callback", body)
            self._callback.set_result(callback)
        return True

    async def wait(self, seconds: float) -> Callback | None:
        """Return the callback; None if it doesn't come within that time."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._callback), seconds)
        except TimeoutError:
            return None


@asynccontextmanager
async def listen_for_callback(settings: Settings, recorder: Recorder) -> AsyncIterator[CallbackListener]:
    """Listen at the bot's address and port. Raises: OSError if that isn't possible."""
    listener = CallbackListener(recorder)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    listener.url = callback_url(settings.public_url, listener.job, secret)
    callbacks = Callbacks(listener, secret=secret, count=lambda _outcome: None)
    port = settings.listens_at or 0
    async with WebServer(settings.web_host, port, metrics=Metrics(time.time), probes={}, callbacks=callbacks):
        yield listener
