"""What the live test has found so far, and what it works with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from check.rows import Row, State

if TYPE_CHECKING:
    from check.inbox import Inbox
    from check.plan import Plan
    from check.recorder import Recorder
    from check.spending import Spending
    from check.tasks import Patience, TaskTest
    from infra.images.fetching import Fetcher
    from infra.images.imaging import Header
    from seedream import SeeDreamClient
    from seedream.providers import Provider
    from studio.jobs.job import Path


@dataclass(slots=True)
class Findings:
    """paths: the ways that worked, and those that are not offered. runs: (model, seconds) of single pictures.

    making: the labels of the models that made one. pictures: the size that was asked for, and what came.
    """

    rows: list[Row] = field(default_factory=list)
    paths: dict[Path, bool] = field(default_factory=dict)
    runs: list[tuple[str, float]] = field(default_factory=list)
    making: list[str] = field(default_factory=list)
    pictures: list[tuple[str, Header]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def add(self, name: str, state: State, detail: str) -> None:
        self.rows.append(Row(name, state, detail))

    def has(self, name: str) -> bool:
        return any(row.name == name for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """tasks: None where the provider has none. inbox: None where nothing can be posted to us."""

    provider: Provider
    plan: Plan
    api: SeeDreamClient
    fetcher: Fetcher
    recorder: Recorder
    spending: Spending
    patience: Patience
    tasks: TaskTest | None
    inbox: Inbox | None
