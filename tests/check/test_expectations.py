"""What the bot relies on, held against what a service did."""

from __future__ import annotations

import pytest

from check import expectations
from check.results import CheckStatus
from check.spending import Spending
from seedream import ImageReady, Result, TaskStatus, Usage
from seedream.errors import BalanceUsedUp, ModelRefused, ResponseLost
from seedream.images import ImageStructure
from studio.jobs.states import Path

ONE = Result(images=(ImageReady(0, "https://x.example/1.jpeg"),))
OK, NOTE, FAILED, UNTRIED = CheckStatus.OK, CheckStatus.NOTE, CheckStatus.FAILED, CheckStatus.UNTRIED


def look(state="running", **times):
    return TaskStatus(id="task-1", state=state, **times)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (expectations.unknown_model_result(ModelRefused(), ("a-1",), complete=True), OK),
        (expectations.unknown_model_result(ModelRefused(), (), complete=False), NOTE),
        (expectations.ids_result(Result(task_id="t", trace_id="u")), OK),
        (expectations.ids_result(Result(task_id="t")), NOTE),
        (expectations.usage_result(ONE), NOTE),
        (expectations.usage_result(Result(images=ONE.images, usage=Usage(generated_images=1))), OK),
        (expectations.usage_result(Result(images=ONE.images, usage=Usage(generated_images=2))), NOTE),
        (expectations.sizes_result([]), UNTRIED),
        (expectations.sizes_result([("960x960", ImageStructure(format="jpeg", width=960, height=960))]), OK),
        (expectations.sizes_result([("960x960", ImageStructure(format="jpeg", width=1024, height=1024))]), NOTE),
        (expectations.links_result([], []), UNTRIED),
        (expectations.links_result(["https://x.example/1"], []), OK),
        (expectations.links_result(["https://x.example/1"], ["404"]), FAILED),
        (expectations.early_result([]), UNTRIED),
        (expectations.early_result([1.0]), UNTRIED),
        (expectations.early_result([1.0, 2.0]), OK),
        (expectations.early_result([2.0, 2.0]), NOTE),
        (expectations.finished_result([look(), look("succeeded", finished_at=2.0)]), OK),
        (expectations.finished_result([look(), look("succeeded")]), NOTE),
        (expectations.finished_result([look(finished_at=1.0), look("succeeded", finished_at=2.0)]), FAILED),
        (expectations.pictures_result({Path.PLAIN: True}, ["SeeDream 4.5"]), OK),
        (expectations.pictures_result({Path.PLAIN: False}, ["SeeDream 4.5"]), FAILED),
        (expectations.pictures_result({Path.PLAIN: True}, []), FAILED),
    ],
)
def test_each_fact_is_judged(row, state):
    assert row.status is state
    assert row.detail


def test_spending_counts_what_was_made_and_what_nobody_knows():
    spending = Spending()
    with spending.request(2, 3) as paid:
        assert spending.sentence().endswith(
            "Up to 2 more pictures may be billed: the outcome of their requests is unknown."
        )
        paid.settle(1)
    assert (spending.pictures, spending.credits, spending.unknown) == (1, 3, 0)


@pytest.mark.parametrize(
    ("error", "unknown"), [(BalanceUsedUp(403, "used_up"), 0), (ResponseLost(), 2), (OSError(), 2)]
)
def test_a_refusal_costs_nothing_and_a_lost_answer_may(error, unknown):
    spending = Spending()
    with pytest.raises(type(error)), spending.request(2, 1):
        raise error
    assert (spending.pictures, spending.unknown) == (0, unknown)
