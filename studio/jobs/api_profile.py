"""Holds what was learned about the service: accepted model ids, paths that work, how long pictures take. Pure.

Profiles can be merged, so all processes share one row of `shared_state`: each reads it at every heartbeat, merges it
with its own, and swaps it in.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping  # noqa: TC003 - pydantic reads the annotations
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from seedream.wire_ids import KnownIds
from studio.jobs.states import Path  # noqa: TC001 - likewise

MOST_RUNS = 20  # kept per kind: the latest predict the next
LONGEST_RUN_SECONDS = 30 * 60.0  # anything longer was measured wrongly: a clock jumped, or no process was running
FAILED_SECONDS = 24 * 3600.0  # how long a path that failed is avoided


class Observation(NamedTuple):
    """Whether something worked, and when (seconds since the epoch)."""

    works: bool
    at: float


def kind_of(model: str, pictures: int = 1) -> str:
    """Return the kind of a run: a set's time says nothing about a single picture's, nor about a larger set's."""
    return model if pictures == 1 else f"{model} x{pictures}"


class Run(NamedTuple):
    """How long a request took, and when it was finished."""

    seconds: float
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiProfile:
    """`runs`: the latest of each kind (see `kind_of`), oldest first."""

    ids: KnownIds = field(default_factory=KnownIds)
    paths: Mapping[Path, Observation] = field(default_factory=dict)
    runs: Mapping[str, tuple[Run, ...]] = field(default_factory=dict)

    def works(self, path: Path, now: float) -> bool | None:
        """Whether this path works; None if that is unknown, or it failed more than a day ago."""
        seen = self.paths.get(path)
        if seen is None or (not seen.works and abs(now - seen.at) >= FAILED_SECONDS):
            return None
        return seen.works

    def usual_seconds(self, kind: str) -> float | None:
        """Return the median of the latest runs of a kind."""
        runs = self.runs.get(kind)
        return statistics.median(run.seconds for run in runs) if runs else None

    def with_path(self, path: Path, *, works: bool, now: float) -> ApiProfile:
        known = self.paths.get(path)
        if known and known.works is works and (works or abs(now - known.at) < FAILED_SECONDS / 2):
            return self
        return replace(self, paths={**self.paths, path: Observation(works, now)})

    def with_run(self, kind: str, seconds: float, now: float) -> ApiProfile:
        if not 0 < seconds <= LONGEST_RUN_SECONDS:
            return self
        return replace(self, runs={**self.runs, kind: (*self.runs.get(kind, ()), Run(seconds, now))[-MOST_RUNS:]})

    def until(self, latest: float) -> ApiProfile:
        """Drop what is dated later than `latest`, by a clock that was wrong, and runs of impossible length."""
        runs = {model: tuple(run for run in runs if _is_plausible(run, latest)) for model, runs in self.runs.items()}
        return ApiProfile(
            ids=self.ids.until(latest),
            paths={path: seen for path, seen in self.paths.items() if seen.at <= latest},
            runs={model: kept for model, kept in runs.items() if kept},
        )

    def merged(self, other: ApiProfile) -> ApiProfile:
        """Combine two profiles; of each fact the newer counts."""
        paths = dict(self.paths)
        for path, seen in other.paths.items():
            paths[path] = max(seen, paths.get(path, seen), key=lambda observation: observation.at)
        models = dict.fromkeys((*self.runs, *other.runs))
        runs = {model: _last({*self.runs.get(model, ()), *other.runs.get(model, ())}) for model in models}
        return ApiProfile(ids=self.ids.merged(other.ids), paths=paths, runs=runs)


def _is_plausible(run: Run, latest: float) -> bool:
    return run.at <= latest and 0 < run.seconds <= LONGEST_RUN_SECONDS


def _last(runs: set[Run]) -> tuple[Run, ...]:
    return tuple(sorted(runs, key=lambda run: (run.at, run.seconds))[-MOST_RUNS:])
