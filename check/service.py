"""The live test of the SeeDream service: its models one after the other, and the first by every way of delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from check import expectations
from check.deliveries import DeliveryTests
from check.error_advice import advice_for
from check.network import web_page_problem
from check.plan import PROMPT
from check.results import CheckResult, CheckStatus, unexpected_error
from check.service_knowledge import DELIVERY_NAMES
from seedream.errors import (
    AccountDisabled,
    AccountOverdue,
    ApiError,
    AuthenticationFailed,
    BadRequest,
    BalanceUsedUp,
    ConnectionNotMade,
    ModelRefused,
    QuotaSpent,
    SeeDreamError,
    UnreadableAnswer,
    WrongAddress,
)
from seedream.responses import parse_result
from studio.jobs.states import Path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from check.findings import Findings, LiveTestContext
    from infra.config.settings import Settings
    from seedream import Model

_T = TypeVar("_T")

_PATH_RESULTS = {
    Path.STREAM: "Streaming works",
    Path.POLL: "Polled tasks work",
    Path.CALLBACK: "Callbacks work",
}
UNKNOWN_MODEL_NAME = "seedream-check-no-such-model"
# After one of these, no request can succeed.
_FATAL = (AuthenticationFailed, BalanceUsedUp, AccountOverdue, AccountDisabled, QuotaSpent, ConnectionNotMade)
# One of these means that a way of delivery isn't offered; other errors may be temporary.
_NOT_OFFERED = (BadRequest, WrongAddress, UnreadableAnswer)


class LiveTestAbortedError(Exception):
    """No further request can succeed; the text says why."""


class ServiceTest:
    """Tests the service; every failure becomes a result in the findings. print_line: shows the progress."""

    def __init__(
        self, settings: Settings, context: LiveTestContext, findings: Findings, print_line: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._context = context
        self._findings = findings
        self._print_line = print_line
        self._deliveries = DeliveryTests(context, findings)

    async def run(self) -> None:
        """Run all tests and add the results."""
        try:
            await self._run_tests()
        except LiveTestAbortedError as error:
            self._findings.add("The service can be used", CheckStatus.FAILED, f"the test ended early: {error}")
        found = self._findings
        found.results += [
            expectations.links_result(found.links, found.link_problems),
            expectations.sizes_result(found.pictures),
            CheckResult.untried(expectations.WATERMARK, "can't be checked from here: look at a picture"),
            expectations.pictures_result(found.paths, found.working_models),
        ]

    async def _run_tests(self) -> None:
        self._print_line("Requesting an unknown model ...")
        await self._guarded(expectations.UNKNOWN_MODEL, self._unknown_model())
        await self._guarded(expectations.NO_TASKS, self._free_look_ups())
        waiting = list(self._context.plan.models)
        while waiting:
            model = waiting.pop(0)
            if await self._model(model):
                await self._other_deliveries(model)
                break
        for model in waiting:
            await self._model(model)

    async def _guarded(self, name: str, step: Awaitable[_T]) -> _T | None:
        """Return what a step returns; an error becomes a result of this name. Raises: LiveTestAbortedError."""
        try:
            return await step
        except _FATAL as error:
            raise LiveTestAbortedError(advice_for(error, self._settings)) from error
        except SeeDreamError as error:
            self._findings.add(name, CheckStatus.FAILED, self._error_text(error))
        except Exception as error:  # noqa: BLE001 - the other steps can still run
            self._findings.results.append(unexpected_error(name, error))
        return None

    def _error_text(self, error: SeeDreamError) -> str:
        page = web_page_problem(self._context.recorder.last)
        return page or (expectations.error_text(error) if isinstance(error, ApiError) else str(error))

    async def _unknown_model(self) -> None:
        """Request a model that doesn't exist: the refusal lists those that do, and costs nothing."""
        self._context.recorder.call_name = "unknown_model"
        body = {"model": UNKNOWN_MODEL_NAME, "prompt": PROMPT}
        with self._context.spending.request(1, 0) as paid:
            try:
                answer = await self._context.api.probe(self._context.provider.images_path, body)
                paid.settle(len(parse_result(answer).images))
            except ModelRefused as error:
                self._context.api.wire_ids.refuse(UNKNOWN_MODEL_NAME, error)
                result = expectations.unknown_model_result(error, error.listed, complete=error.complete)
                self._findings.results.append(result)
            except BadRequest as error:
                detail = f"{expectations.error_text(error)}. The bot can't tell that this is about the model"
                self._findings.add(expectations.UNKNOWN_MODEL, CheckStatus.NOTE, detail)
            else:
                self._findings.add(expectations.UNKNOWN_MODEL, CheckStatus.NOTE, "a picture was made all the same")
                return
            paid.settle(0)

    async def _free_look_ups(self) -> None:
        if self._context.tasks:
            self._findings.results += [
                await self._context.tasks.empty_batch(),
                await self._context.tasks.unknown_task(),
            ]

    async def _model(self, model: Model) -> bool:
        """Test a plain request; return False if the service refuses the model, which is no failure."""
        self._print_line(f"{model.label}, {DELIVERY_NAMES[Path.PLAIN]} ...")
        name = f"{model.label} makes pictures"
        return await self._guarded(name, self._plain(model, name)) is not False

    async def _plain(self, model: Model, name: str) -> bool:
        try:
            detail = await self._deliveries.plain(model)
        except ModelRefused as error:
            detail = f"refused, so members aren't offered it: {expectations.error_text(error)}"
            self._findings.add(name, CheckStatus.NOTE, detail)
            return False
        self._findings.paths[Path.PLAIN] = True
        self._findings.working_models.append(model.label)
        self._findings.add(name, CheckStatus.OK, detail)
        return True

    async def _other_deliveries(self, model: Model) -> None:
        for path in self._deliveries.other_paths(model):
            self._print_line(f"{model.label}, {DELIVERY_NAMES[path]} ...")
            await self._guarded(_PATH_RESULTS[path], self._delivery(path, model))

    async def _delivery(self, path: Path, model: Model) -> None:
        """Test one way of delivery. That it doesn't work is no failure, as long as another one does."""
        try:
            detail = await self._deliveries.run(path, model)
        except _FATAL:
            raise
        except SeeDreamError as error:
            if isinstance(error, _NOT_OFFERED):
                self._findings.paths[path] = False
            self._findings.add(_PATH_RESULTS[path], CheckStatus.NOTE, f"it didn't: {self._error_text(error)}")
        else:
            self._findings.paths[path] = True
            self._findings.add(_PATH_RESULTS[path], CheckStatus.OK, detail)
