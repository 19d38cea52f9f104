"""Prometheus metrics. Like messages, they are a projection of job rows: counted where a row is written.

Every label has few values, known beforehand: no ids, and no text from outside.
"""

from __future__ import annotations

from collections import Counter as Counted
from typing import TYPE_CHECKING, Any

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from infra.web.callbacks import Outcome
from seedream.error_table import CODES
from seedream.errors import ApiError
from studio.jobs.states import JobState

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
    """This process's metrics, in `registry`; a `studio.jobs.metrics.MetricsSink`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, help_text: str, *labels: str) -> Counter:
            return Counter(name, help_text, labels, namespace="seedream", registry=registry)

        def seconds(name: str, help_text: str) -> Histogram:
            labels = ("path", "model")
            return Histogram(name, help_text, labels, namespace="seedream", registry=registry, buckets=_SECONDS)

        def gauge(name: str, help_text: str) -> Gauge:
            return Gauge(name, help_text, namespace="seedream", registry=registry)

        self._jobs = counter("jobs", "Jobs that entered a state", "state", "path", "model")
        self._first = seconds("first_image_seconds", "Seconds from acceptance to the first picture")
        self._last = seconds("last_image_seconds", "Seconds from acceptance to the end of jobs that are done")
        self._queue_length = gauge("queue_length", "Jobs waiting in this process's queue")
        self._in_flight = gauge("in_flight", "Jobs running in this process")
        self._api_errors = counter(
            "api_errors", "Errors of the SeeDream API, connection errors included", "error", "code"
        )
        self._discord_calls = counter("discord_calls", "Requests to Discord's REST API", "method", "status")
        self._rate_limits = counter("discord_rate_limits", "Requests that Discord answered with 429", "scope")
        self._refusals = counter("quota_refusals", "Requests refused by a limit", "limit")
        self._callbacks = counter("callbacks", "Callback requests by outcome", "outcome")
        for outcome in Outcome:
            self._callbacks.labels(outcome.value)  # present from the start, so that the first one shows as an increase

    def watch(self, *, queue_length: Callable[[], int], in_flight: Callable[[], int]) -> None:
        """Read these gauges on every scrape."""
        self._queue_length.set_function(queue_length)
        self._in_flight.set_function(in_flight)

    # --- studio.jobs.metrics.MetricsSink ------------------------------------------------------------------------------

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
        self._api_errors.labels(type(error).__name__, _known_or_other(CODES, code or _NONE)).inc()

    def api_errors(self) -> dict[str, int]:
        """Returns how often each API error occurred."""
        counts: Counted[str] = Counted()
        for metric in self._api_errors.collect():
            for sample in metric.samples:
                if sample.name.endswith("_total"):
                    counts[sample.labels["error"]] += int(sample.value)
        return dict(counts.most_common())

    def quota_refused(self, limit: Limit) -> None:
        self._refusals.labels(limit).inc()

    # --- the web server and Discord -----------------------------------------------------------------------------

    def callback(self, outcome: Outcome) -> None:
        self._callbacks.labels(outcome.value).inc()

    def discord_trace(self) -> aiohttp.TraceConfig:
        """For `http_trace` of a discord.py client: counts each of its requests, retries included."""
        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(self._discord_answered)
        trace.on_request_exception.append(self._discord_failed)
        return trace

    async def _discord_answered(self, _session: Any, context: Any, call: aiohttp.TraceRequestEndParams) -> None:
        context.answered = True
        status = call.response.status
        self._discord_calls.labels(_known_or_other(_METHODS, call.method), f"{status // 100}xx").inc()
        if status == 429:  # noqa: PLR2004 - Too Many Requests
            scope = call.response.headers.get("X-RateLimit-Scope", _NONE)
            self._rate_limits.labels(_known_or_other(_SCOPES, scope)).inc()

    async def _discord_failed(self, _session: Any, context: Any, call: aiohttp.TraceRequestExceptionParams) -> None:
        """A request that was answered is counted already."""
        if not getattr(context, "answered", False):
            self._discord_calls.labels(_known_or_other(_METHODS, call.method), "failed").inc()


def _has_picture(job: Job) -> bool:
    return any(image.picture is not None for image in job.own_images)


def _known_or_other(known: frozenset[str], value: str) -> str:
    return value if value in known or value == _NONE else _OTHER
