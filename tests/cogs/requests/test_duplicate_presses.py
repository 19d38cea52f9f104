"""The same press, twice."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from discord import Interaction
from hypothesis import given
from hypothesis import strategies as st

from cogs.requests import duplicate_presses
from cogs.requests.duplicate_presses import SAME_PRESS_SECONDS, AlreadyOnItError, Presses, press_of
from tests.support.channels import a_state

COMMAND, COMPONENT, MODAL = 2, 3, 5
UPSCALE = {"custom_id": "sd:upscale:job:0", "component_type": 2}


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Pressing:
    """Interactions with Discord's own shape, each with an id of its own."""

    def __init__(self):
        self._state = a_state()
        self._next = 1

    def __call__(self, data=UPSCALE, *, kind=COMPONENT, user=1, message=None):
        self._next += 1
        payload = {
            "id": str(self._next), "application_id": "1", "type": kind, "token": "t", "version": 1, "data": data,
            "user": {"id": str(user), "username": "ada", "discriminator": "0", "avatar": None},
            "attachment_size_limit": 1, "app_permissions": "0",
        }  # fmt: skip
        interaction = Interaction(data=payload, state=self._state)
        interaction.message = SimpleNamespace(id=message) if message else None
        return interaction


@pytest.fixture
def press():
    return Pressing()


def form(words="make it night", *, model="as-it-is", file="1", custom_id="sd:modal:1"):
    fields = [
        {"type": 4, "id": 3, "custom_id": "words", "value": words},
        {"type": 3, "id": 5, "custom_id": "model", "values": [model]},
        {"type": 19, "id": 7, "custom_id": "files", "values": [file]},
    ]
    labels = [{"type": 18, "id": number, "component": field} for number, field in enumerate(fields)]
    return {"custom_id": custom_id, "components": labels}


def worked_on(presses, interaction, *, refused=False):
    """Whether a job is made of it, as far as presses go."""
    try:
        with presses.once(interaction):
            assert not refused
    except (AlreadyOnItError, AssertionError):
        return False
    return True


def test_what_is_being_worked_on_is_not_begun_again(press):
    presses = Presses(Clock())
    with presses.once(press()), pytest.raises(AlreadyOnItError), presses.once(press()):
        pass


def test_what_has_made_a_job_makes_no_other_for_three_seconds(press):
    clock = Clock()
    presses = Presses(clock)
    assert worked_on(presses, press())
    clock.now = SAME_PRESS_SECONDS - 0.01
    assert not worked_on(presses, press())
    clock.now = SAME_PRESS_SECONDS
    assert worked_on(presses, press())


def test_what_was_refused_may_be_pressed_again_at_once(press):
    presses = Presses(Clock())
    assert not worked_on(presses, press(), refused=True)
    assert worked_on(presses, press())


def test_an_interaction_is_not_held_back_by_itself(press):
    presses, mine = Presses(Clock()), press()
    with presses.once(mine), presses.once(mine):
        pass
    assert not worked_on(presses, press())


SAME = {
    "a button": (UPSCALE, UPSCALE),
    "a form": (form(), form()),
    "a form whose file was uploaded again": (form(file="1"), form(file="2")),
}
CHOSEN = {"custom_id": "sd:pick:job:0"}
OTHERS = {
    "another picture": ({"custom_id": "sd:vary:job:0"}, {"custom_id": "sd:vary:job:1"}),
    "another button": ({"custom_id": "sd:vary:job:0"}, {"custom_id": "sd:upscale:job:0"}),
    "another choice": (
        {"custom_id": "sd:pick:job:0", "values": ["0"]},
        {"custom_id": "sd:pick:job:0", "values": ["1"]},
    ),
    "other words": (form("make it night"), form("make it day")),
    "another model": (form(model="4.5"), form(model="4.0")),
    "the form opened anew": (form(), form(custom_id="sd:modal:2")),
}


@pytest.mark.parametrize(("one", "two"), SAME.values(), ids=SAME)
def test_the_same_press(press, one, two):
    kind = MODAL if "components" in one else COMPONENT
    assert press_of(press(one, kind=kind)) == press_of(press(two, kind=kind))


@pytest.mark.parametrize(("one", "two"), OTHERS.values(), ids=OTHERS)
def test_another_press(press, one, two):
    kind = MODAL if "components" in one else COMPONENT
    assert press_of(press(one, kind=kind)) != press_of(press(two, kind=kind))


def test_another_member_or_another_message_is_another_press(press):
    assert len({press_of(press(user=user, message=message)) for user in (1, 2) for message in (None, 3, 4)}) == 6


def test_a_command_is_no_press(press):
    presses = Presses(Clock())
    assert press_of(press({"name": "imagine"}, kind=COMMAND)) is None
    assert all(worked_on(presses, press({"name": "imagine"}, kind=COMMAND)) for _ in range(3))


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 2), st.booleans()), max_size=30))
def test_of_any_presses_one_in_three_seconds_makes_a_job_and_a_refusal_holds_up_nobody(sequence):
    clock, press, made = Clock(), Pressing(), {}
    presses = Presses(clock)
    for pause, user, refused in sequence:
        clock.now += pause
        free = clock.now >= made.get(user, 0.0)
        assert worked_on(presses, press(user=user), refused=refused) is (free and not refused)
        if free and not refused:
            made[user] = clock.now + SAME_PRESS_SECONDS


def test_no_more_presses_are_remembered_than_there_is_room_for(press, monkeypatch):
    monkeypatch.setattr(duplicate_presses, "MOST_PRESSES", 10)
    known = Presses(Clock())
    for user in range(1, 100):
        worked_on(known, press(user=user))
    assert len(known._known) == 10
    assert not worked_on(known, press(user=99))
