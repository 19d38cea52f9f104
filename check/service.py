"""The live test of the SeeDream service: its models one after the other, and the first of them by every way."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from check import facts
from check.knowledge import WAYS
from check.network import page_in_place_of
from check.plan import PROMPT
from check.rows import Row, State, unexpected
from check.trouble import trouble
from check.ways import Ways
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
from studio.jobs.job import Path

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from check.findings import Findings, Tools
    from infra.config.settings import Settings
    from seedream import Model

_T = TypeVar("_T")

_WORKING = {
    Path.STREAM: "Streaming works",
    Path.POLL: "Polled tasks work",
    Path.CALLBACK: "Callbacks work",
}
NO_MODEL = "seedream-check-no-such-model"
# After these no further request can succeed.
_HOPELESS = (AuthenticationFailed, BalanceUsedUp, AccountOverdue, AccountDisabled, QuotaSpent, ConnectionNotMade)
# These say of a way that it is not offered; other errors may pass.
_NOT_OFFERED = (BadRequest, WrongAddress, UnreadableAnswer)


class HopelessError(Exception):
    """Nothing more can be tried; the text says why."""


class ServiceTest:
    """Every failure becomes a row of the findings. `say` tells what is being done."""

    def __init__(self, settings: Settings, tools: Tools, findings: Findings, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._tools = tools
        self._findings = findings
        self._say = say
        self._ways = Ways(tools, findings)

    async def run(self) -> None:
        try:
            await self._tried()
        except HopelessError as error:
            self._findings.add("The service can be used", State.FAILED, f"the test ended early: {error}")
        found = self._findings
        found.rows += [
            facts.links_row(found.links, found.problems),
            facts.sizes_row(found.pictures),
            Row(facts.WATERMARK, State.UNTRIED, "can't be checked from here: look at a picture"),
            facts.pictures_row(found.paths, found.making),
        ]

    async def _tried(self) -> None:
        self._say("Asking for an unknown model ...")
        await self._guarded(facts.UNKNOWN_MODEL, self._unknown_model())
        await self._guarded(facts.NO_TASKS, self._free_look_ups())
        waiting = list(self._tools.plan.models)
        while waiting:
            model = waiting.pop(0)
            if await self._model(model):
                await self._beside_plain(model)
                break
        for model in waiting:
            await self._model(model)

    async def _guarded(self, name: str, step: Awaitable[_T]) -> _T | None:
        """What one step gives; what goes wrong in it is a row under this name. Raises: HopelessError."""
        try:
            return await step
        except _HOPELESS as error:
            raise HopelessError(trouble(error, self._settings)) from error
        except SeeDreamError as error:
            self._findings.add(name, State.FAILED, self._words(error))
        except Exception as error:  # noqa: BLE001 - whatever it is, the other steps have something to say too
            self._findings.rows.append(unexpected(name, error))
        return None

    def _words(self, error: SeeDreamError) -> str:
        page = page_in_place_of(self._tools.recorder.last)
        return page or (facts.told(error) if isinstance(error, ApiError) else str(error))

    async def _unknown_model(self) -> None:
        """Ask for a model that can't exist: the refusal lists those that do, and costs nothing."""
        self._tools.recorder.asking = "unknown_model"
        body = {"model": NO_MODEL, "prompt": PROMPT}
        with self._tools.spending.request(1, 0) as made:
            try:
                made(len(parse_result(await self._tools.api.probe(self._tools.provider.images_path, body)).images))
            except ModelRefused as error:
                self._tools.api.wire_ids.refuse(NO_MODEL, error)
                self._findings.rows.append(facts.unknown_model_row(error, error.listed, complete=error.complete))
            except BadRequest as error:
                detail = f"{facts.told(error)}. The bot can't tell that this means the model"
                self._findings.add(facts.UNKNOWN_MODEL, State.NOTE, detail)
            else:
                self._findings.add(facts.UNKNOWN_MODEL, State.NOTE, "a picture was made all the same")
                return
            made(0)

    async def _free_look_ups(self) -> None:
        if self._tools.tasks:
            self._findings.rows += [await self._tools.tasks.none(), await self._tools.tasks.unknown()]

    async def _model(self, model: Model) -> bool:
        """A picture by a plain request; False if the service does not take the model, which is no failure."""
        self._say(f"{model.label}, {WAYS[Path.PLAIN]} ...")
        name = f"{model.label} makes pictures"
        return await self._guarded(name, self._plain(model, name)) is not False

    async def _plain(self, model: Model, name: str) -> bool:
        try:
            detail = await self._ways.plain(model)
        except ModelRefused as error:
            self._findings.add(name, State.NOTE, f"refused, so members are not offered it: {facts.told(error)}")
            return False
        self._findings.paths[Path.PLAIN] = True
        self._findings.making.append(model.label)
        self._findings.add(name, State.OK, detail)
        return True

    async def _beside_plain(self, model: Model) -> None:
        for path, way in self._ways.beside_plain(model).items():
            self._say(f"{model.label}, {WAYS[path]} ...")
            name = _WORKING[path]
            await self._guarded(name, self._by(path, way(model), name))

    async def _by(self, path: Path, way: Awaitable[str], name: str) -> None:
        """That one way does not work is no failure, as long as another does."""
        try:
            detail = await way
        except _HOPELESS:
            raise
        except SeeDreamError as error:
            if isinstance(error, _NOT_OFFERED):
                self._findings.paths[path] = False
            self._findings.add(name, State.NOTE, f"it didn't: {self._words(error)}")
        else:
            self._findings.paths[path] = True
            self._findings.add(name, State.OK, detail)
