"""The clock that goes by Discord's, whatever this machine's says."""

from __future__ import annotations

import logging
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.client.discord_clock import DiscordClock

NOW = 1_800_000_000.0
MOST_SECONDS = 10.0  # that an answer takes


class Machine:
    """`ahead`: of Discord's clock."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead = ahead
        self.real = NOW
        self.clock = DiscordClock(lambda: self.real + self.ahead, lambda: self.real - 1_799_000_000.0)

    def steady(self) -> float:
        return self.real - 1_799_000_000.0

    def ask(self, there: float = 0.01, back: float = 0.01) -> None:
        """Send a request to Discord and get its answer."""
        sent = self.steady()
        self.real += there
        date = formatdate(int(self.real), usegmt=True)
        self.real += back
        self.clock.saw_date(date, sent=sent)

    @property
    def off(self) -> float:
        return self.clock() - self.real


def snowflake(at: float) -> int:
    return (int(at * 1000) - 1_420_070_400_000) << 22


@given(
    st.floats(-1e8, 1e8),
    st.lists(
        st.tuples(st.floats(0, 3600), st.floats(0, MOST_SECONDS), st.floats(0, MOST_SECONDS)), min_size=1, max_size=20
    ),
)
def test_it_is_never_further_off_than_the_quickest_answer_lets_it_be(ahead, answers):
    machine, least = Machine(ahead), float("inf")
    for pause, there, back in answers:
        machine.real += pause
        machine.ask(there, back)
        least = min(least, there + back)
        assert abs(machine.off) <= 1 + least + 1e-3


@given(st.floats(-0.5, 0.5), st.integers(1, 20))
def test_a_clock_that_is_right_stays_as_it_is(ahead, answers):
    machine = Machine(ahead)
    for _ in range(answers):
        machine.real += 0.37
        machine.ask(0.6, 0.6)
    assert abs(machine.off - ahead) < 1e-3


@pytest.mark.parametrize("jump", [-86_400, -7, 7, 400 * 86_400])
def test_it_goes_on_steadily_when_the_machines_clock_jumps(jump):
    machine = Machine()
    machine.ask()
    before = machine.clock()
    machine.ahead = jump
    machine.real += 2
    assert machine.clock() == pytest.approx(before + 2)


def test_a_machine_that_slept_catches_up_with_the_next_answer():
    machine = Machine()
    machine.ask()
    asleep = machine.clock
    asleep._steady = lambda: machine.real - 1_799_000_000.0 - 3600  # the steady clock stands still in sleep
    asleep.saw_date(formatdate(int(machine.real), usegmt=True), sent=asleep._steady())
    assert abs(machine.off) <= 1


def test_an_id_moves_a_clock_that_is_behind():
    machine = Machine(-3600)
    machine.clock.saw_id(snowflake(machine.real))
    assert abs(machine.off) < 0.01


def test_an_old_id_moves_nothing():
    machine = Machine()
    machine.ask()
    before = machine.off
    machine.clock.saw_id(snowflake(machine.real - 86_400))
    assert machine.off == before


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Foo 2026 00:00:00 GMT", "Sat, 28 Nov 999999 18:14:17 GMT", "\0"]
)
def test_what_is_no_date_moves_nothing(date):
    machine = Machine(60)
    machine.clock.saw_date(date, sent=machine.steady())
    assert machine.off == 60


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(3600.5, "1:00:00 ahead of"), (-3600, "1:00:00 behind"), (6, "ahead of"), (-6, "behind"), (4, ""), (-4, "")],
)
def test_more_than_five_seconds_are_one_warning(caplog, ahead, words):
    machine = Machine(ahead)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            machine.ask()
    assert [words in record.message for record in caplog.records] == ([True] if words else [])


def test_a_jump_is_a_warning_once_more(caplog):
    machine = Machine()
    machine.ask()
    for ahead in (60, 60, 0, 60):
        machine.ahead = ahead
        machine.ask()
    assert len(caplog.records) == 2
