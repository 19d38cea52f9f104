"""The operator's screens, drawn from any values."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.operator.screens import PER_PAGE, Api, ServerUsage, ranked, render_drain, render_servers, render_stats
from cogs.texts.common import out_of_service, warning
from seedream import MODELS
from seedream.providers import DEFAULT_PROVIDER
from studio.jobs.admission import Drain
from studio.jobs.circuit_breaker import CircuitBreaker, tripped
from studio.jobs.operations import BotStatus, ProcessStatus
from studio.jobs.states import JobState, Reason
from studio.quota.ledger import PERSONAL, UsageTotals
from tests.support.world import walk

NOW = 1000.0
LONGEST = 4000  # characters of a message's texts together
WHOLE = BotStatus(
    processes=2,
    open_jobs={JobState.QUEUED: 1, JobState.RUNNING: 3},
    jobs_today={JobState.DONE: 40, JobState.FAILED: 2},
    today=UsageTotals(50, 60),
    week=UsageTotals(1, 1),
    database="PostgreSQL 17",
    revision="0005",
    size=3 * 2**30,
    answers=0.0012,
)
HERE = ProcessStatus(
    started_at=NOW - 60, waiting=1, running=2, api_errors={"RateLimited": 3}, versions={"Python": "3.11"}
)
API = Api(DEFAULT_PROVIDER, frozenset(MODELS) - {"doubao-seedream-3.0-t2i"})
OPEN = tripped(CircuitBreaker(), Reason.USED_UP, "job", sent_at=NOW, now=NOW)


def stats(*values, reads_content=False):
    return render_stats(*values, reads_content=reads_content)


def drawn(view):
    parts = walk(view.to_components())
    texts = "\n".join(one["content"] for one in parts if one["type"] == 10)
    return texts, [one["label"] for one in parts if one["type"] == 2]


async def test_the_stats_show_everything():
    texts, labels = drawn(stats(WHOLE, HERE, Drain.OFF, CircuitBreaker(), API, NOW))
    for words in (
        "**Processes** 2 alive", "1 waiting, 3 running", "40 done, 2 failed", "50 pictures, 60 credits",
        "1 picture, 1 credit", "3 × RateLimited", "PostgreSQL 17, revision 0005, 3.00 GiB, responds in 1.2 ms",
        "started <t:940:R>; 1 waiting, 2 running", "API working", "Accepting requests", "Python 3.11",
        "**API** XHuoAPI", "**Models offered** SeeDream 5.0 lite, SeeDream 4.5",
        "**Unavailable at the API** SeeDream 3.0 t2i;",
    ):  # fmt: skip
        assert words in texts
    assert labels == ["Refresh", "Servers"]


@pytest.mark.parametrize(
    ("reads_content", "words"), [(True, "replies need no ping"), (False, "page Bot, and restart the bot")]
)
async def test_the_stats_say_whether_messages_can_be_read_and_what_that_means(reads_content, words):
    texts, _ = drawn(stats(WHOLE, HERE, Drain.OFF, CircuitBreaker(), API, NOW, reads_content=reads_content))
    assert f"**Message Content** {'on' if reads_content else 'off'}\n-# " in texts
    assert words in texts


async def test_each_state_has_a_button_to_change_it():
    assert drawn(stats(WHOLE, HERE, Drain.ALL, CircuitBreaker(), API, NOW))[1][2:] == ["Accept requests again"]
    texts, labels = drawn(stats(WHOLE, HERE, Drain.OFF, OPEN, API, NOW))
    assert "rejects every request** (`used_up`) since <t:1000:R>; next attempt <t:1005:R>" in texts
    assert labels[2:] == ["Retry the API now"]
    assert (
        "a job is trying it now"
        in drawn(stats(WHOLE, HERE, Drain.OFF, replace(OPEN, probe_until=NOW + 9), API, NOW))[0]
    )
    assert "the next job will try it" in drawn(stats(WHOLE, HERE, Drain.OFF, OPEN, API, NOW + 5))[0]


@pytest.mark.parametrize(
    ("reason", "remedy"),
    [
        (Reason.USED_UP, "Top it up at <https://platform.xhuoapi.ai>"),
        (Reason.OVERDUE, "Pay it at <https://platform.xhuoapi.ai>"),
        (Reason.QUOTA_SPENT, "Raise the limit at <https://platform.xhuoapi.ai>"),
        (Reason.BAD_KEY, "Create a new one at <https://platform.xhuoapi.ai>"),
        (Reason.DISABLED, "Contact the provider's support"),
        (Reason.WRONG_ADDRESS, "`SEEDREAM_BASE_URL`"),
    ],
)
async def test_an_alert_says_what_to_do(reason, remedy):
    texts, _ = drawn(stats(WHOLE, HERE, Drain.OFF, replace(OPEN, reason=reason), API, NOW))
    assert f"(`{reason}`)" in texts
    for told in (texts, warning(reason, API.provider)):
        assert remedy in told
    assert "owner has been notified" in out_of_service(reason)


@pytest.mark.parametrize(
    ("waiting", "running", "words"),
    [(0, 0, "No jobs are running or waiting here."), (2, 3, "Here: 3 running, 2 waiting.")],
)
async def test_a_drain_shows_the_jobs_that_are_left(waiting, running, words):
    assert words in drawn(render_drain(Drain.HERE, waiting=waiting, running=running))[0]


def test_servers_are_ranked_by_use_and_then_by_size():
    names = {1: ("Small", 5), 2: ("Large", 500), 3: ("Busy", 7)}
    used = {3: UsageTotals(2, 2), 9: UsageTotals(5, 5), PERSONAL: UsageTotals(1, 1)}
    assert ranked(names, used) == [
        ServerUsage(9, None, None, UsageTotals(5, 5)), ServerUsage(3, "Busy", 7, UsageTotals(2, 2)),
        ServerUsage(PERSONAL, None, None, UsageTotals(1, 1)),
        ServerUsage(2, "Large", 500, UsageTotals()), ServerUsage(1, "Small", 5, UsageTotals()),
    ]  # fmt: skip


async def test_a_servers_name_is_escaped():
    texts, _ = drawn(
        render_servers([ServerUsage(1, "**@everyone** [x](http://y)", 1, UsageTotals())], 0, members=1, days=30)
    )
    assert "**@everyone**" not in texts
    assert "[x](" not in texts.replace("\\[x\\](", "")


servers = st.lists(
    st.builds(
        ServerUsage, st.integers(0, 2**63), st.none() | st.text(max_size=100), st.none() | st.integers(0, 10**7),
        st.builds(UsageTotals, st.integers(0, 10**9), st.integers(0, 10**9)),
    ),
    max_size=35,
)  # fmt: skip


@given(servers, st.integers(0, 9999))
async def test_every_page_of_any_servers_fits_and_leads_to_its_neighbours(found, page):
    view = render_servers(found, page, members=3, days=30)
    texts, _ = drawn(view)
    assert len(texts) <= LONGEST
    last = max(0, (len(found) - 1) // PER_PAGE)
    shown = min(page, last)
    assert f"Page {shown + 1} of {last + 1}." in texts
    back, forth, _ = [one for one in walk(view.to_components()) if one["type"] == 2]
    assert (back["disabled"], forth["disabled"]) == (shown == 0, shown == last)
    assert back["custom_id"] != forth["custom_id"]
    assert json.dumps(view.to_components())
