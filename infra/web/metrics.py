"""Numbers for monitoring, in Prometheus's form.

Every label has few values, known beforehand: no id, and no text from outside as it came.
"""

from __future__ import annotations

from collections import Counter as Counted
from typing import TYPE_CHECKING, Any

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from infra.web.callbacks import Outcome
from seedream.error_table import CODES
from seedream.errors import ApiError
from studio.jobs.job import JobState

if TYPE_CHECKING:
    from collections.abc import Callable

    from seedream import SeeDreamError
    from studio.clock import Clock
    from studio.jobs.job import Job
    from studio.jobs.metrics import Limit

# A picture takes 20 to 120 seconds; a set, or a long queue, minutes.
_SECONDS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_SCOPES = frozenset({"user", "global", "shared"})  # Source: Discord's documentation, "Rate Limits", X-RateLimit-Scope
_OTHER = "other"
_NONE = "none"


class Metrics:
    """The process's numbers, in `registry`; a `studio.jobs.metrics.Meter`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(name, about, labels, namespace="seedream", registry=registry)

        def seconds(name: str, about: str) -> Histogram:
            labels = ("path", "model")
            return Histogram(name, about, labels, namespace="seedream", registry=registry, buckets=_SECONDS)

        def gauge(name: str, about: str) -> Gauge:
            return Gauge(name, about, namespace="seedream", registry=registry)

        self._jobs = counter("jobs", "Jobs that came into a state", "state", "path", "model")
        self._first = seconds("first_image_seconds", "From being accepted to the first picture")
        self._last = seconds("last_image_seconds", "From being accepted to the last picture, of jobs that are done")
        self._queue_length = gauge("queue_length", "Jobs that wait for their turn")
        self._in_flight = gauge("in_flight", "Jobs that are being made")
        self._api_errors = counter("api_errors", "Errors of the SeeDream API, and on the way there", "error", "code")
        self._discord_calls = counter("discord_calls", "Calls of Discord's REST API", "method", "status")
        self._rate_limits = counter("discord_rate_limits", "Calls that Discord answered with 429", "scope")
        self._refusals = counter("quota_refusals", "Requests that were over a limit", "limit")
        self._callbacks = counter("callbacks", "What was posted as a callback", "outcome")
        for outcome in Outcome:
            self._callbacks.labels(outcome.value)  # there from the start: the first one shows as a rise

    def watch(self, *, queue_length: Callable[[], int], in_flight: Callable[[], int]) -> None:
        """Ask these whenever the numbers are read."""
        self._queue_length.set_function(queue_length)
        self._in_flight.set_function(in_flight)

    # --- studio.jobs.metrics.Meter ----------------------------------------------------------------------------------

    def job_changed(self, before: Job | None, after: Job) -> None:
        path = after.path.value if after.path else _NONE
        model = after.request.capabilities.name
        entered = before is None or before.state is not after.state
        if entered:
            self._jobs.labels(after.state.value, path, model).inc()
        if _has_picture(after) and not (before and _has_picture(before)):
            self._first.labels(path, model).observe(self._clock() - after.created_at)
        if entered and after.state is JobState.DONE:
            ended = self._clock() if after.finished_at is None else after.finished_at
            self._last.labels(path, model).observe(ended - after.created_at)

    def api_failed(self, error: SeeDreamError) -> None:
        code = error.code.casefold() if isinstance(error, ApiError) else ""
        self._api_errors.labels(type(error).__name__, _one_of(CODES, code or _NONE)).inc()

    def api_errors(self) -> dict[str, int]:
        """How often each error of the API was met."""
        found: Counted[str] = Counted()
        for metric in self._api_errors.collect():
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    found[sample.labels["error"]] += int(sample.value)
        return dict(found.most_common())

    def quota_refused(self, limit: Limit) -> None:
        self._refusals.labels(limit).inc()

    # --- the web server and Discord -----------------------------------------------------------------------------

    def callback(self, outcome: Outcome) -> None:
        self._callbacks.labels(outcome.value).inc()

    def discord_trace(self) -> aiohttp.TraceConfig:
        """For `http_trace` of a discord.py client: sees each of its calls, those that it makes again too."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._discord_answered)
        trace.on_request_exception.append(self._discord_failed)
        return trace

    async def _discord_answered(self, _session: Any, context: Any, call: aiohttp.TraceRequestEndParams) -> None:
        context.answered = True
        status = call.response.status
        self._discord_calls.labels(_one_of(_METHODS, call.method), f"{status // 100}xx").inc()
        if status == 429:  # noqa: PLR2004 - as everybody calls it
            scope = call.response.headers.get("X-RateLimit-Scope", _NONE)
            self._rate_limits.labels(_one_of(_SCOPES, scope)).inc()

    async def _discord_failed(self, _session: Any, context: Any, call: aiohttp.TraceRequestExceptionParams) -> None:
        """What was answered is counted, whatever is made of the answer."""
        if not getattr(context, "answered", False):
            self._discord_calls.labels(_one_of(_METHODS, call.method), "failed").inc()


def _has_picture(job: Job) -> bool:
    return any(image.picture is not None for image in job.images)


def _one_of(known: frozenset[str], value: str) -> str:
    return value if value in known or value == _NONE else _OTHER
