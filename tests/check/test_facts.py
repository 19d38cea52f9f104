"""What the bot relies on, held against what a service did."""

from __future__ import annotations

import pytest

from check import facts
from check.rows import State
from check.spending import Spending
from infra.images.imaging import Header
from seedream import ImageReady, Result, TaskStatus, Usage
from seedream.errors import BalanceUsedUp, ModelRefused, ResponseLost
from studio.jobs.job import Path

ONE = Result(images=(ImageReady(0, "https://x.example/1.jpeg"),))
OK, NOTE, FAILED, UNTRIED = State.OK, State.NOTE, State.FAILED, State.UNTRIED


def look(state="running", **times):
    return TaskStatus(id="task-1", state=state, **times)


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (facts.unknown_model_row(ModelRefused(), ("a-1",), complete=True), OK),
        (facts.unknown_model_row(ModelRefused(), (), complete=False), NOTE),
        (facts.ids_row(Result(task_id="t", trace_id="u")), OK),
        (facts.ids_row(Result(task_id="t")), NOTE),
        (facts.usage_row(ONE), NOTE),
        (facts.usage_row(Result(images=ONE.images, usage=Usage(generated_images=1))), OK),
        (facts.usage_row(Result(images=ONE.images, usage=Usage(generated_images=2))), NOTE),
        (facts.sizes_row([]), UNTRIED),
        (facts.sizes_row([("960x960", Header("jpeg", 960, 960))]), OK),
        (facts.sizes_row([("960x960", Header("jpeg", 1024, 1024))]), NOTE),
        (facts.links_row([], []), UNTRIED),
        (facts.links_row(["https://x.example/1"], []), OK),
        (facts.links_row(["https://x.example/1"], ["404"]), FAILED),
        (facts.early_row([]), UNTRIED),
        (facts.early_row([1.0]), UNTRIED),
        (facts.early_row([1.0, 2.0]), OK),
        (facts.early_row([2.0, 2.0]), NOTE),
        (facts.finished_row([look(), look("succeeded", finished_at=2.0)]), OK),
        (facts.finished_row([look(), look("succeeded")]), NOTE),
        (facts.finished_row([look(finished_at=1.0), look("succeeded", finished_at=2.0)]), FAILED),
        (facts.pictures_row({Path.PLAIN: True}, ["SeeDream 4.5"]), OK),
        (facts.pictures_row({Path.PLAIN: False}, ["SeeDream 4.5"]), FAILED),
        (facts.pictures_row({Path.PLAIN: True}, []), FAILED),
    ],
)
def test_each_fact_is_judged(row, state):
    assert row.state is state
    assert row.detail


def test_spending_counts_what_was_made_and_what_nobody_knows():
    spending = Spending()
    with spending.request(2, 3) as made:
        assert spending.sentence().endswith(
            "Up to 2 pictures more may be billed: nobody knows how those requests ended."
        )
        made(1)
    assert (spending.pictures, spending.credits, spending.unknown) == (1, 3, 0)


@pytest.mark.parametrize(
    ("error", "unknown"), [(BalanceUsedUp(403, "used_up"), 0), (ResponseLost(), 2), (OSError(), 2)]
)
def test_a_refusal_costs_nothing_and_a_lost_answer_may(error, unknown):
    spending = Spending()
    with pytest.raises(type(error)), spending.request(2, 1):
        raise error
    assert (spending.pictures, spending.unknown) == (0, unknown)
