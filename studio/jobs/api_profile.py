"""What has been learned of the service: the ids it takes, the ways that work, how long a picture takes. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from seedream.wire_ids import KnownIds
from studio.jobs.job import Path  # noqa: TC001 - likewise

MOST_RUNS = 20  # of a model: the last ones say how long the next will take
LONGEST_RUN_SECONDS = 30 * 60.0  # what seems to take longer was measured wrongly: a clock jumped, or nobody looked
FAILED_SECONDS = 24 * 3600.0  # so long is a way avoided that did not work


class Seen(NamedTuple):
    """Whether something worked, and when that was seen (seconds since the epoch)."""

    works: bool
    at: float


class Run(NamedTuple):
    """How long one picture took, and when it was done."""

    seconds: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiProfile:
    """`runs`: of each model the last ones, the newest last."""

    ids: KnownIds = field(default_factory=KnownIds)
    paths: Mapping[Path, Seen] = field(default_factory=dict)
    runs: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)

    def works(self, path: Path, now: float) -> bool | None:
        """Whether this way of sending was seen to work; None if nobody knows, or it failed more than a day ago."""
        seen = self.paths.get(path)
        if seen is None or (not seen.works and abs(now - seen.at) >= FAILED_SECONDS):
            return None
        return seen.works

    def usual_seconds(self, model: str) -> float | None:
        """The median of the model's last runs."""
        runs = self.runs.get(model)
        return statistics.median(run.seconds for run in runs) if runs else None

    def with_path(self, path: Path, *, works: bool, now: float) -> ApiProfile:
        known = self.paths.get(path)
        if known and known.works is works and (works or abs(now - known.at) < FAILED_SECONDS / 2):
            return self
        return replace(self, paths={**self.paths, path: Seen(works, now)})

    def with_run(self, model: str, seconds: float, now: float) -> ApiProfile:
        if not 0 < seconds <= LONGEST_RUN_SECONDS:
            return self
        return replace(self, runs={**self.runs, model: (*self.runs.get(model, ()), Run(seconds, now))[-MOST_RUNS:]})

    def until(self, latest: float) -> ApiProfile:
        """Without what is dated later, by a clock that was wrong, and without runs that can't be."""
        runs = {model: tuple(run for run in runs if _can_be(run, latest)) for model, runs in self.runs.items()}
        return ApiProfile(
            ids=self.ids.until(latest),
            paths={path: seen for path, seen in self.paths.items() if seen.at <= latest},
            runs={model: kept for model, kept in runs.items() if kept},
        )

    def merged(self, other: ApiProfile) -> ApiProfile:
        """What both know: of each fact the newer."""
        paths = dict(self.paths)
        for path, seen in other.paths.items():
            paths[path] = max(seen, paths.get(path, seen), key=lambda one: one.at)
        models = dict.fromkeys((*self.runs, *other.runs))
        runs = {model: _last({*self.runs.get(model, ()), *other.runs.get(model, ())}) for model in models}
        return ApiProfile(ids=self.ids.merged(other.ids), paths=paths, runs=runs)


def _can_be(run: Run, latest: float) -> bool:
    return run.at <= latest and 0 < run.seconds <= LONGEST_RUN_SECONDS


def _last(runs: set[Run]) -> tuple[Run, ...]:
    return tuple(sorted(runs, key=lambda run: (run.at, run.seconds))[-MOST_RUNS:])
