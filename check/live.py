"""Opens what the live test needs, and whatever happens, keeps what it has learned and tells what it has spent."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from check.channel import check_channel
from check.findings import Findings, Tools
from check.inbox import open_inbox
from check.memory import remember
from check.recorder import Recorder
from check.rows import Row, State, counted, lines, passed, unexpected
from check.samples import sample_files, write_folder
from check.service import ServiceTest
from check.spending import Spending
from check.tasks import Patience, TaskTest
from infra.images.fetching import Fetcher
from seedream import SeeDreamClient
from seedream.wire_ids import WireIds
from studio.jobs.job import Path as Way

if TYPE_CHECKING:
    from collections.abc import Callable

    from check.inbox import Inbox
    from check.plan import Plan
    from infra.config.settings import Settings

_HEADER = ("what we rely on", "ok?", "what the real service did")


class Live:
    """The whole live test. `say` prints a line. out: where samples go; None is a folder named after the day."""

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        out: Path | None,
        say: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._out = out or Path("check-samples") / f"{settings.provider.name}-{time.strftime('%Y-%m-%d')}"
        self._say = say
        self._patience = patience or Patience()
        self._findings = Findings()
        self._recorder = Recorder()
        self._spending = Spending()
        self._ids = WireIds(settings.provider)  # what is known already is asked anew

    async def run(self, channel: int | None) -> bool:
        """Whether all that the bot relies on holds."""
        try:
            await self._test_service()
            if channel is not None:
                self._say(f"The Discord channel {channel} ...")
                token = self._settings.discord_token.get_secret_value()
                self._findings.rows += await self._channel(token, channel)
        finally:
            self._findings.rows.append(await remember(self._settings, self._ids.known, self._findings))
            self._report()
        return passed(self._findings.rows)

    async def _channel(self, token: str, channel: int) -> list[Row]:
        try:
            return await check_channel(token, channel)
        except Exception as error:  # noqa: BLE001 - what the service did is reported all the same
            return [unexpected("The Discord channel can be used", error)]

    # --- the test -----------------------------------------------------------------------------------------------------

    async def _test_service(self) -> None:
        settings, key = self._settings, self._settings.seedream_api_key.get_secret_value()
        async with AsyncExitStack() as stack:
            inbox = await self._inbox(stack)
            fetcher = await stack.enter_async_context(Fetcher(allow_local=settings.allow_local_urls))
            client = SeeDreamClient(
                api_key=key,
                provider=settings.provider,
                base_url=settings.api_address,
                wire_ids=self._ids,
                record=self._recorder,
            )
            api = await stack.enter_async_context(client)
            path = settings.provider.tasks_path
            tools = Tools(
                provider=settings.provider,
                plan=self._plan,
                api=api,
                fetcher=fetcher,
                recorder=self._recorder,
                spending=self._spending,
                patience=self._patience,
                tasks=TaskTest(api, path, self._recorder, self._patience) if path else None,
                inbox=inbox,
            )
            await ServiceTest(settings, tools, self._findings, self._say).run()

    async def _inbox(self, stack: AsyncExitStack) -> Inbox | None:
        """The callback's address, if one can be had; where it can't listen, it says so."""
        if Way.CALLBACK not in self._plan.ways:
            return None
        try:
            return await stack.enter_async_context(open_inbox(self._settings, self._recorder))
        except OSError as error:
            where = f"{self._settings.web_host}, port {self._settings.listens_at}"
            detail = f"can't listen at {where}: {error.strerror or error}. Stop the bot that uses it, then check again"
            self._findings.add("Callbacks can be tested", State.UNTRIED, detail)
            return None

    # --- what is kept -------------------------------------------------------------------------------------------------

    def _report(self) -> None:
        table = [*lines(self._findings.rows, header=_HEADER), "", self._summary(), self._spending.sentence()]
        self._say("")
        for line in table:
            self._say(line)
        if self._recorder.recordings:
            self._say(self._written(table))

    def _summary(self) -> str:
        states = [row.state for row in self._findings.rows]
        failed, notes = states.count(State.FAILED), states.count(State.NOTE)
        aside = f" ({counted(notes, 'note')}: not as expected, and the bot copes)" if notes else ""
        if failed:
            return f"The bot relies on {counted(failed, 'thing')} that failed{aside}."
        return f"All that the bot relies on holds{aside}."

    def _written(self, table: list[str]) -> str:
        secrets = [one.get_secret_value() for one in self._settings.secrets]
        try:
            files = sample_files(self._recorder.recordings, secrets, table=table)
            folder = write_folder(self._out, files)
        except OSError as error:
            return f"The answers could not be written to {self._out}: {error.strerror or error}"
        return f"The answers, without keys, links and ids, are in {folder}"
