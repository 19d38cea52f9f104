"""Runs the live test: opens what it needs and, whatever happens, stores what it learned and reports what it spent."""

from __future__ import annotations

import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from check.callback_listener import listen_for_callback
from check.channel import check_channel
from check.findings import Findings, LiveTestContext
from check.findings_store import store_findings
from check.recorder import Recorder
from check.results import CheckResult, CheckStatus, counted, format_results, passed, unexpected_error
from check.samples import sample_files, write_folder
from check.service import ServiceTest
from check.spending import Spending
from check.tasks import TaskTests, WaitLimits
from infra.images.fetching import Fetcher, Route
from seedream import SeeDreamClient
from seedream.wire_ids import WireIds
from studio.jobs.states import Path as DeliveryPath

if TYPE_CHECKING:
    from collections.abc import Callable

    from check.callback_listener import CallbackListener
    from check.plan import Plan
    from infra.config.settings import Settings

_HEADER = ("what the bot relies on", "ok?", "what the service did")


class LiveTest:
    """The whole live test. out: the folder for samples; None for one named after the day."""

    def __init__(
        self,
        settings: Settings,
        plan: Plan,
        out: Path | None,
        print_line: Callable[[str], None],
        wait_limits: WaitLimits | None = None,
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._out = out or Path("check-samples") / f"{settings.provider.name}-{time.strftime('%Y-%m-%d')}"
        self._print_line = print_line
        self._wait_limits = wait_limits or WaitLimits()
        self._findings = Findings()
        self._recorder = Recorder()
        self._spending = Spending()
        self._ids = WireIds(settings.provider)  # starts empty: what is known already is tested again

    async def run(self, channel: int | None) -> bool:
        """Run the test; return whether everything that the bot relies on holds."""
        try:
            await self._test_service()
            if channel is not None:
                self._print_line(f"The Discord channel {channel} ...")
                token = self._settings.discord_token.get_secret_value()
                self._findings.results += await self._channel(token, channel)
        finally:
            self._findings.results.append(await store_findings(self._settings, self._ids.known, self._findings))
            self._report()
        return passed(self._findings.results)

    async def _channel(self, token: str, channel: int) -> list[CheckResult]:
        try:
            return await check_channel(token, channel, self._settings.proxies)
        except Exception as error:  # noqa: BLE001 - the results of the service are still reported
            return [unexpected_error("The Discord channel can be used", error)]

    # --- the test -----------------------------------------------------------------------------------------------------

    async def _test_service(self) -> None:
        settings, key = self._settings, self._settings.seedream_api_key.get_secret_value()
        async with AsyncExitStack() as stack:
            listener = await self._open_listener(stack)
            route = Route(settings.proxies, settings.trust_resolver)
            fetcher = await stack.enter_async_context(Fetcher(allow_local=settings.allow_local_urls, route=route))
            client = SeeDreamClient(
                api_key=key,
                provider=settings.provider,
                base_url=settings.api_address,
                wire_ids=self._ids,
                record=self._recorder,
                proxies=settings.proxies,
            )
            api = await stack.enter_async_context(client)
            path = settings.provider.tasks_path
            context = LiveTestContext(
                provider=settings.provider,
                plan=self._plan,
                api=api,
                fetcher=fetcher,
                recorder=self._recorder,
                spending=self._spending,
                wait_limits=self._wait_limits,
                tasks=TaskTests(api, path, self._recorder, self._wait_limits) if path else None,
                listener=listener,
            )
            await ServiceTest(settings, context, self._findings, self._print_line).run()

    async def _open_listener(self, stack: AsyncExitStack) -> CallbackListener | None:
        """Listen for callbacks, if the plan has one; a port that can't be opened becomes a result."""
        if DeliveryPath.CALLBACK not in self._plan.paths:
            return None
        try:
            return await stack.enter_async_context(listen_for_callback(self._settings, self._recorder))
        except OSError as error:
            where = f"{self._settings.web_host}, port {self._settings.listens_at}"
            detail = f"can't listen at {where}: {error.strerror or error}. Stop the bot that uses it, then check again"
            self._findings.add("Callbacks can be tested", CheckStatus.UNTRIED, detail)
            return None

    # --- the report -------------------------------------------------------------------------------------------------

    def _report(self) -> None:
        table = [
            *format_results(self._findings.results, header=_HEADER),
            "",
            self._summary(),
            self._spending.sentence(),
        ]
        self._print_line("")
        for line in table:
            self._print_line(line)
        if self._recorder.recordings:
            self._print_line(self._write_samples(table))

    def _summary(self) -> str:
        statuses = [result.status for result in self._findings.results]
        failed, notes = statuses.count(CheckStatus.FAILED), statuses.count(CheckStatus.NOTE)
        aside = f" ({counted(notes, 'note')}: not as expected, but the bot can handle it)" if notes else ""
        if failed:
            return f"The bot relies on {counted(failed, 'thing')} that failed{aside}."
        return f"Everything that the bot relies on holds{aside}."

    def _write_samples(self, table: list[str]) -> str:
        secrets = [secret.get_secret_value() for secret in self._settings.secrets]
        try:
            files = sample_files(self._recorder.recordings, secrets, table=table)
            folder = write_folder(self._out, files)
        except OSError as error:
            return f"The answers can't be written to {self._out}: {error.strerror or error}"
        return f"The answers, without keys, links and ids, are in {folder}"
