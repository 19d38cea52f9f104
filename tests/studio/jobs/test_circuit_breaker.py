"""The circuit: when requests are sent, and when not."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.jobs.advance import advance
from studio.jobs.circuit_breaker import (
    BLOCKING,
    FIRST_PAUSE_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PROBE_SECONDS,
    WARN_SECONDS,
    CircuitBreaker,
    enter,
    hastened,
    key_taken,
    learned,
    refusal,
    released,
    succeeded,
    tripped,
)
from studio.jobs.events import Broke, Cancelled, Finished, Started, Submitted
from studio.jobs.states import Failure, Path, Reason
from tests.support.jobs import a_job, arrived

NOW = 1000.0
OPEN = tripped(CircuitBreaker(), Reason.USED_UP, "first", sent_at=NOW - 1, now=NOW)


def failing(reason, sent_at=NOW):
    """A job that was sent then and came to this."""
    return advance(advance(a_job(), Started(Path.STREAM, sent_at)), Broke(Failure(reason=reason), sent_at + 1))


def half_open(reason=Reason.USED_UP):
    return replace(OPEN, reason=reason), OPEN.until


def test_a_closed_circuit_lets_everybody_through_and_is_not_changed_by_it():
    circuit = CircuitBreaker()
    assert refusal(circuit, NOW) is None
    assert enter(circuit, "job", NOW) is circuit


OPENS = [
    Reason.USED_UP, Reason.OVERDUE, Reason.QUOTA_SPENT, Reason.BAD_KEY, Reason.DISABLED, Reason.WRONG_ADDRESS,
]  # fmt: skip


@pytest.mark.parametrize("reason", OPENS)
def test_what_only_the_operator_can_mend_opens_it(reason):
    circuit = learned(CircuitBreaker(), failing(reason), NOW)
    assert refusal(circuit, NOW) is reason
    assert enter(circuit, "job", NOW) is None


@pytest.mark.parametrize("reason", sorted(set(Reason) - set(OPENS)))
def test_nothing_else_opens_it(reason):
    circuit = CircuitBreaker()
    assert learned(circuit, failing(reason), NOW) is circuit


def test_what_opens_it_is_the_operator_s_alone():
    assert set(OPENS) == BLOCKING


def test_an_address_that_takes_tasks_and_does_not_know_look_ups_stops_nobody():
    job = reduce(advance, (Started(Path.POLL, NOW), Submitted("task-1", None)), a_job())
    broke = advance(job, Broke(Failure(reason=Reason.WRONG_ADDRESS), NOW + 1))
    assert learned(CircuitBreaker(), broke, NOW) == CircuitBreaker()
    used_up = advance(job, Broke(Failure(reason=Reason.BAD_KEY), NOW + 1))
    assert refusal(learned(CircuitBreaker(), used_up, NOW), NOW) is Reason.BAD_KEY


def test_a_job_that_was_refused_before_it_was_sent_says_nothing():
    refused = advance(a_job(), Broke(Failure(reason=Reason.USED_UP), NOW))
    assert learned(CircuitBreaker(), refused, NOW) == CircuitBreaker()


def test_after_the_pause_one_may_try_and_nobody_else():
    circuit, due = half_open()
    assert refusal(circuit, due) is None
    trying = enter(circuit, "probe", due)
    assert enter(trying, "probe", due) is trying
    assert refusal(trying, due) is Reason.USED_UP
    assert enter(trying, "another", due) is None
    assert enter(trying, "another", due + PROBE_SECONDS).probe == "another"


def test_a_probe_that_makes_a_picture_closes_it():
    circuit, due = half_open()
    job = advance(advance(a_job(), Started(Path.STREAM, due)), arrived())
    closed = learned(enter(circuit, job.id, due), job, due + 1)
    assert closed.reason is None
    assert closed.failures == 0


def test_each_probe_that_fails_makes_the_pause_twice_as_long_up_to_a_limit():
    circuit, pauses = OPEN, []
    for _ in range(20):
        now = circuit.until
        circuit = tripped(enter(circuit, "probe", now), Reason.USED_UP, "probe", sent_at=now, now=now)
        pauses.append(circuit.until - now)
    assert pauses[:3] == [FIRST_PAUSE_SECONDS * 2, FIRST_PAUSE_SECONDS * 4, FIRST_PAUSE_SECONDS * 8]
    assert pauses[-1] == LONGEST_PAUSE_SECONDS


def test_those_that_were_under_way_when_it_opened_say_nothing_new():
    assert tripped(OPEN, Reason.USED_UP, "second", sent_at=NOW + 1, now=NOW + 2) is OPEN
    assert succeeded(OPEN, sent_at=NOW - 1, now=NOW + 2) is OPEN


def test_a_failure_from_before_it_closed_does_not_open_it_again():
    closed = succeeded(OPEN, sent_at=NOW + 5, now=NOW + 10)
    assert tripped(closed, Reason.USED_UP, "late", sent_at=NOW + 9, now=NOW + 11) is closed
    assert tripped(closed, Reason.USED_UP, "new", sent_at=NOW + 11, now=NOW + 12).reason is Reason.USED_UP


@pytest.mark.parametrize("end", [Broke(Failure(reason=Reason.SERVICE), NOW), Finished(NOW)])
def test_a_probe_that_says_nothing_either_way_leaves_it_to_the_next(end):
    circuit, due = half_open()
    job = advance(advance(a_job(), Started(Path.STREAM, due)), end)
    after = learned(enter(circuit, job.id, due), job, due)
    assert after.reason is Reason.USED_UP
    assert enter(after, "next", due).probe == "next"


def test_a_probe_that_is_cancelled_leaves_it_to_the_next():
    circuit, due = half_open()
    job = advance(a_job(), Cancelled(due))
    assert learned(enter(circuit, job.id, due), job, due).probe == ""


def test_a_key_that_is_taken_closes_it_but_another_failure_is_not_the_first():
    circuit, due = half_open(Reason.BAD_KEY)
    closed = key_taken(circuit, sent_at=due, now=due)
    assert closed.reason is None
    again = tripped(closed, Reason.BAD_KEY, "job", sent_at=due + 1, now=due + 2)
    assert again.until - (due + 2) == FIRST_PAUSE_SECONDS * 2
    assert key_taken(OPEN, sent_at=due, now=due) is OPEN


def test_the_operator_may_have_it_tried_at_once():
    assert refusal(hastened(OPEN), NOW) is None
    assert hastened(CircuitBreaker()) == CircuitBreaker()


def test_the_operator_is_told_at_most_once_an_hour_of_the_same():
    assert OPEN.warned == {Reason.USED_UP: NOW}
    closed = succeeded(OPEN, sent_at=NOW + 1, now=NOW + 2)
    soon = tripped(closed, Reason.USED_UP, "job", sent_at=NOW + 3, now=NOW + 4)
    assert soon.warned == {Reason.USED_UP: NOW}
    other = tripped(closed, Reason.BAD_KEY, "job", sent_at=NOW + 3, now=NOW + 4)
    assert other.warned == {Reason.USED_UP: NOW, Reason.BAD_KEY: NOW + 4}
    later = tripped(closed, Reason.USED_UP, "job", sent_at=NOW + 3, now=NOW + WARN_SECONDS)
    assert later.warned == {Reason.USED_UP: NOW + WARN_SECONDS}


# --- what holds always ------------------------------------------------------------------------------------------------


@dataclass
class Service:
    """A service that is in order or not, the circuit before it, and those who are under way."""

    now: float = NOW
    well: bool = True
    circuit: CircuitBreaker = field(default_factory=CircuitBreaker)
    sent: dict[str, tuple[float, bool]] = field(default_factory=dict)
    warned_at: list[float] = field(default_factory=list)
    asked: int = 0

    def ask(self):
        self.asked += 1
        who = f"job {self.asked}"
        if refusal(self.circuit, self.now):
            return
        entered = enter(self.circuit, who, self.now)
        assert entered is not None  # whoever is not refused at the door may enter
        self.circuit = entered
        self.sent[who] = (self.now, self.well)

    def answer(self, which):
        if not self.sent:
            return
        who = sorted(self.sent)[which % len(self.sent)]
        sent_at, well = self.sent.pop(who)
        before = self.circuit
        if well:
            self.circuit = succeeded(self.circuit, sent_at=sent_at, now=self.now)
        else:
            self.circuit = tripped(self.circuit, Reason.USED_UP, who, sent_at=sent_at, now=self.now)
        self.circuit = released(self.circuit, who)
        if self.circuit.warned != before.warned:
            self.warned_at.append(self.now)


steps = st.lists(
    st.tuples(st.just("ask"), st.none())
    | st.tuples(st.just("answer"), st.integers(0, 9))
    | st.tuples(st.just("wait"), st.floats(0.001, 2000))
    | st.tuples(st.just("well"), st.booleans()),
    max_size=60,
)


def played(doings):
    service = Service()
    for what, value in doings:
        service.now += 0.001
        match what:
            case "ask":
                service.ask()
            case "answer":
                service.answer(value)
            case "wait":
                service.now += value
            case "well":
                service.well = value
        yield service


@given(steps)
def test_while_it_is_open_at_most_one_is_sent_in_each_pause_or_probe(doings):
    for service in played(doings):
        if service.circuit.reason is not None:
            tries = sorted(at for at, _ in service.sent.values() if at > service.circuit.known_at)
            assert all(later - sooner >= PROBE_SECONDS for sooner, later in itertools.pairwise(tries))


@given(steps)
def test_the_operator_is_never_told_twice_within_an_hour(doings):
    for service in played(doings):
        told = service.warned_at
        assert all(later - sooner >= WARN_SECONDS for sooner, later in itertools.pairwise(told))


@given(steps)
def test_however_it_came_to_be_open_it_closes_once_the_service_is_well_again(doings):
    service = Service()
    for service in played(doings):  # noqa: B007 - the last one is wanted
        pass
    service.well = True
    service.now += LONGEST_PAUSE_SECONDS + PROBE_SECONDS
    service.sent.clear()
    service.ask()
    service.now += 1
    service.answer(0)
    assert service.circuit.reason is None
    assert refusal(service.circuit, service.now) is None


@given(steps)
def test_nobody_is_kept_waiting_longer_than_the_longest_pause_and_a_probe(doings):
    for service in played(doings):
        assert refusal(service.circuit, service.now + LONGEST_PAUSE_SECONDS + PROBE_SECONDS) is None


def test_a_clock_that_jumps_back_neither_refuses_for_long_nor_hides_what_comes():
    earlier = NOW - 10_000
    assert refusal(OPEN, earlier) is None
    assert succeeded(OPEN, sent_at=earlier, now=earlier + 1).reason is None
    closed = CircuitBreaker(known_at=NOW)
    assert tripped(closed, Reason.USED_UP, "job", sent_at=earlier, now=earlier + 1).reason is Reason.USED_UP
