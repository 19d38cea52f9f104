"""What Discord refuses in the course of a day is one line in the log, whatever it was that a member did."""

from __future__ import annotations

from contextlib import suppress

import pytest

from tests.support.world import Refused

SET = {"prompt": "a red fox in snow", "model": "doubao-seedream-4.0", "size": "1K"}
CODES = [10062, 40060, 10008, 50027, 50001, 50083, 200000]


async def autocomplete(world, _result):
    await world.ada.autocomplete("imagine", "model", model="se")


async def menu(world, result):
    await world.ada.run("Edit image", target=result)


async def details(world, result):
    await world.ada.press(result, "Details", answer=False)


async def edit(world, result):
    await world.ada.pressed(result, "Edit")


async def delete(world, result):
    await world.ada.press(result, "Delete", answer=False)


def command(name, **options):
    async def run(world, _result):
        await world.dan.run(name, **options)

    run.__name__ = name
    return run


ACTS = [
    command("imagine", **SET),
    command("edit", prompt="make it night"),
    command("me"),
    command("quota"),
    command("settings"),
    command("quota-admin list"),
    command("quota-admin report"),
    autocomplete,
    menu,
    details,
    edit,
    delete,
]


@pytest.fixture
async def refusals(world, caplog):
    """What is done under each of the refusals, and leaves no traceback."""
    result = await world.ada.imagine_to_end(**SET)
    await world.discord_setting(interaction_window=0.5)  # no longer does a client wait for what does not come

    async def under_each(act):
        for code in CODES:
            await world.discord_fault("/interactions/*", method="POST", status=400, code=code)
            with suppress(Refused):  # so its member's client says
                await act(world, result)
            await world.clear_discord_faults()
        return [record.getMessage() for record in caplog.records if record.exc_info]

    return under_each


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
async def test_an_expected_refusal_is_no_traceback(refusals, act):
    assert await refusals(act) == []


@pytest.mark.parametrize("code", CODES)
async def test_a_form_whose_answer_is_refused_leaves_no_traceback(world, caplog, code):
    result = await world.ada.imagine_to_end(**SET)
    opened = await world.ada.pressed(result, "Edit")
    await world.discord_fault("/interactions/*", method="POST", status=400, code=code)
    await world.ada.fill(opened, change="make it night")
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
