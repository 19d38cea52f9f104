"""The bot's own web server, for as long as one callback is waited for."""

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


class Inbox:
    """Takes the callback of one job. `url` is where it is to be posted."""

    def __init__(self, recorder: Recorder) -> None:
        self.job = f"check-{secrets.token_hex(8)}"
        self.url = ""
        self._recorder = recorder
        self._callback: asyncio.Future[Callback] = asyncio.get_running_loop().create_future()

    async def on_callback(self, job_id: str, body: bytes, callback: Callback) -> bool:
        if job_id != self.job:
            return False
        if not self._callback.done():
            self._recorder.posted("callback", body)
            self._callback.set_result(callback)
        return True

    async def wait(self, seconds: float) -> Callback | None:
        """What was posted; None if nothing was within that time."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._callback), seconds)
        except TimeoutError:
            return None


@asynccontextmanager
async def open_inbox(settings: Settings, recorder: Recorder) -> AsyncIterator[Inbox]:
    """Listens where the bot does. Raises: OSError where it can't."""
    inbox = Inbox(recorder)
    secret = settings.secret_key.get_secret_value() if settings.secret_key else ""
    inbox.url = callback_url(settings.public_url, inbox.job, secret)
    callbacks = Callbacks(inbox, secret=secret, count=lambda _outcome: None)
    port = settings.listens_at or 0
    async with WebServer(settings.web_host, port, metrics=Metrics(time.time), probes={}, callbacks=callbacks):
        yield inbox
