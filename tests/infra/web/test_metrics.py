"""What is counted, and that no label's values come from outside."""

from __future__ import annotations

from dataclasses import replace

import aiohttp
import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import generate_latest

from infra.web.callbacks import Outcome
from infra.web.metrics import Metrics
from sandbox.discord.server import LocalDiscord
from seedream.error_table import CODES
from seedream.errors import ApiError, ConnectionNotMade, RateLimited, ServiceError
from studio.jobs.images import JobImage
from studio.jobs.states import Failure, JobState, Path, Reason
from tests.support.jobs import a_job, a_picture

NOW = 1_000_040.0


@pytest.fixture
def metrics():
    return Metrics(lambda: NOW)


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"seedream_{name}", labels)


def labels_of(metrics: Metrics, family: str) -> set[tuple[str, ...]]:
    return {
        tuple(sample.labels.values())
        for one in metrics.registry.collect()
        if one.name == f"seedream_{family}"
        for sample in one.samples
        if not sample.name.endswith("_created")
    }


def life():
    """A job as it is accepted, running, with a picture, and done."""
    job = replace(a_job(), created_at=NOW - 40)
    running = replace(job, state=JobState.RUNNING, path=Path.STREAM)
    first = replace(running, images=(JobImage(index=0, picture=a_picture()),))
    done = replace(first, state=JobState.DONE, finished_at=NOW + 20)
    return job, running, first, done


def test_a_job_is_counted_in_each_state_that_it_comes_into_and_timed_from_being_accepted(metrics):
    job, running, first, done = life()
    model = job.request.capabilities.name
    before = None
    for after in (job, running, first, replace(first, version=9), done, replace(done, shown_version=9)):
        metrics.job_changed(before, after)
        before = after
    assert value(metrics, "jobs_total", state="queued", path="none", model=model) == 1
    assert value(metrics, "jobs_total", state="running", path="stream", model=model) == 1
    assert value(metrics, "jobs_total", state="done", path="stream", model=model) == 1
    for name, seconds in (("first", 40), ("last", 60)):
        assert value(metrics, f"{name}_image_seconds_count", path="stream", model=model) == 1
        assert value(metrics, f"{name}_image_seconds_sum", path="stream", model=model) == seconds


def test_a_picture_that_is_missing_is_no_first_one_and_a_failed_job_has_no_last(metrics):
    _, running, _, _ = life()
    missed = replace(running, images=(JobImage(index=0, failure=Failure(reason=Reason.PICTURE)),))
    failed = replace(missed, state=JobState.FAILED)
    metrics.job_changed(running, missed)
    metrics.job_changed(missed, failed)
    assert labels_of(metrics, "first_image_seconds") == labels_of(metrics, "last_image_seconds") == set()
    assert {labels[0] for labels in labels_of(metrics, "jobs")} == {"failed"}


@pytest.mark.parametrize(
    ("error", "labels"),
    [
        (RateLimited(), ("RateLimited", "too_many_requests")),
        (ServiceError(500, "API_ERROR"), ("ServiceError", "api_error")),
        (ApiError(500, "Something{New}\n"), ("ApiError", "other")),
        (ApiError(502, ""), ("ApiError", "none")),
        (ConnectionNotMade(), ("ConnectionNotMade", "none")),
    ],
)
def test_an_error_of_the_api_is_counted_by_a_code_that_is_known(metrics, error, labels):
    metrics.api_failed(error)
    assert labels_of(metrics, "api_errors") == {labels}


@given(st.lists(st.text(max_size=20) | st.sampled_from(sorted(CODES)), max_size=20))
def test_whatever_codes_come_those_that_are_counted_are_known(codes):
    metrics = Metrics(lambda: NOW)
    for code in codes:
        metrics.api_failed(ApiError(500, code))
    assert {code for _, code in labels_of(metrics, "api_errors")} <= CODES | {"other", "none"}


def test_the_queue_is_asked_when_the_numbers_are_read(metrics):
    waiting = ["a"]
    metrics.watch(queue_length=lambda: len(waiting), in_flight=lambda: 3)
    assert (value(metrics, "queue_length"), value(metrics, "in_flight")) == (1, 3)
    waiting.append("b")
    assert value(metrics, "queue_length") == 2


def test_refusals_and_callbacks_are_counted(metrics):
    metrics.quota_refused("role")
    metrics.callback(Outcome.FORGED)
    assert value(metrics, "quota_refusals_total", limit="role") == 1
    assert {outcome: value(metrics, "callbacks_total", outcome=outcome.value) for outcome in Outcome} == {
        outcome: float(outcome is Outcome.FORGED) for outcome in Outcome
    }


def test_two_do_not_know_of_each_other(metrics):
    other = Metrics(lambda: NOW)
    metrics.quota_refused("role")
    assert value(other, "quota_refusals_total", limit="role") is None


def test_what_is_read_names_its_purpose(metrics):
    text = generate_latest(metrics.registry).decode()
    assert "# HELP seedream_jobs_total Jobs that entered a state" in text


async def limit_once(local: LocalDiscord, route: str) -> None:
    fault = {"route": route, "status": 429, "retry_after": 0.01, "times": 1}
    async with aiohttp.ClientSession() as session, session.post(f"{local.url}/control/faults", json=fault) as answer:
        assert answer.status == 200, await answer.text()


async def test_discord_s_calls_are_counted_by_what_came_of_them(metrics, monkeypatch):
    async with (
        LocalDiscord() as local,
        discord.Client(intents=discord.Intents(guilds=True), http_trace=metrics.discord_trace()) as client,
    ):
        monkeypatch.setattr(discord.http.Route, "BASE", local.api_url)
        await client.login(local.token)
        assert value(metrics, "discord_calls_total", method="GET", status="2xx") >= 1
        with pytest.raises(discord.NotFound):
            await client.fetch_channel(1)
        assert value(metrics, "discord_calls_total", method="GET", status="4xx") == 1
        await limit_once(local, "/channels/*")
        with pytest.raises(discord.NotFound):
            await client.fetch_channel(1)
        assert value(metrics, "discord_calls_total", method="GET", status="4xx") == 3
        assert value(metrics, "discord_rate_limits_total", scope="user") == 1
    monkeypatch.setattr(discord.http.Route, "BASE", "http://127.0.0.1:9/api/v10")
    async with discord.Client(intents=discord.Intents(guilds=True), http_trace=metrics.discord_trace()) as client:
        with pytest.raises(OSError, match="Cannot connect"):
            await client.login(local.token)
    assert value(metrics, "discord_calls_total", method="GET", status="failed") == 1
