"""What the live test has found so far, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from check.results import CheckResult, CheckStatus

if TYPE_CHECKING:
    from check.callback_listener import CallbackListener
    from check.plan import Plan
    from check.recorder import Recorder
    from check.spending import Spending
    from check.tasks import TaskTests, WaitLimits
    from infra.images.fetching import Fetcher
    from seedream import SeeDreamClient
    from seedream.images import ImageStructure
    from seedream.providers import Provider
    from studio.jobs.states import Path


@dataclass(slots=True)
class Findings:
    """The results, and the facts behind them.

    paths: the ways of delivery that worked (True) or aren't offered (False). runs: (model, seconds) of single pictures.
    working_models: labels of the models that made a picture. pictures: (requested size, picture that came).
    links: the links of pictures; link_problems: why some of them can't be downloaded.
    """

    results: list[CheckResult] = field(default_factory=list)
    paths: dict[Path, bool] = field(default_factory=dict)
    runs: list[tuple[str, float]] = field(default_factory=list)
    working_models: list[str] = field(default_factory=list)
    pictures: list[tuple[str, ImageStructure]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    link_problems: list[str] = field(default_factory=list)

    def add(self, name: str, status: CheckStatus, detail: str) -> None:
        """Add a result."""
        self.results.append(CheckResult(name, status, detail))

    def has(self, name: str) -> bool:
        """Return whether there is a result of this name."""
        return any(result.name == name for result in self.results)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveTestContext:
    """What the parts of the live test share. tasks, listener: None if the provider or PUBLIC_URL rules them out."""

    provider: Provider
    plan: Plan
    api: SeeDreamClient
    fetcher: Fetcher
    recorder: Recorder
    spending: Spending
    wait_limits: WaitLimits
    tasks: TaskTests | None
    listener: CallbackListener | None
