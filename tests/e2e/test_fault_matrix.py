"""Each fault of the service by each path, each of Discord's in each state of a job: the right end in right words."""

from __future__ import annotations

import pytest

from studio.jobs import task_poller, task_results

TWO_STREAMED = {"model": "doubao-seedream-4.0", "size": "1K", "images": 2}
LOOKED_UP = {"model": "doubao-seedream-5.0-pro", "size": "1K"}
POSTED = {"model": "doubao-seedream-4.0", "size": "1K"}

WHOLE = "WHOLE"
UNKNOWN = "may still have charged"
FREE = "Nothing was charged"
OTHER_SIZE = "1008 × 752"

# fault: (streamed set of two, looked up, posted); each the pictures that come, and words that are said.
SERVICE = {
    "rate limit": (
        {"kind": "error", "status": 429, "code": "too_many_requests", "retry_after": 0.2},
        (2, WHOLE), (1, WHOLE), (1, WHOLE),
    ),
    "its own fault": ({"kind": "error", "status": 500, "code": "busy"}, (2, WHOLE), (1, WHOLE), (1, WHOLE)),
    "a gateway's page": (
        {"kind": "error", "status": 502, "body": "html"}, (0, UNKNOWN), (0, UNKNOWN), (0, UNKNOWN),
    ),
    "used up": ({"kind": "error", "status": 403, "code": "used_up"}, (0, FREE), (0, FREE), (0, FREE)),
    "moderation": (
        {"kind": "error", "status": 403, "code": "content_policy"},
        (0, "content rules"), (0, "content rules"), (0, "content rules"),
    ),
    "slow": ({"kind": "hang", "seconds": 0.5}, (2, WHOLE), (1, WHOLE), (1, WHOLE)),
    "answer lost": ({"kind": "answer_lost"}, (0, UNKNOWN), (0, UNKNOWN), (1, WHOLE)),
    "half an answer": ({"kind": "bad_json"}, (0, UNKNOWN), (0, UNKNOWN), (1, WHOLE)),
    "one refused": (
        {"kind": "item_refused", "index": 0}, (1, "1 of 2 made"), (0, "content rules"), (0, "content rules"),
    ),
    "the rest broken": ({"kind": "item_broken_rest", "index": 0}, (0, FREE), (0, FREE), (0, FREE)),
    "fewer": ({"kind": "fewer", "images": 1}, (1, "chose to make fewer"), (1, WHOLE), (1, WHOLE)),
    "dead links": ({"kind": "dead_link"}, (0, "so far. I'll keep trying until"), (0, "Picture 1"), (0, "Picture 1")),
    "no pictures": ({"kind": "not_an_image"}, (0, "Picture 2"), (0, "Picture 1"), (0, "Picture 1")),
    "stream cut": ({"kind": "stream_cut", "after": 1}, (1, "1 of 2 made"), None, None),
    "stream's error": ({"kind": "stream_error", "after": 1}, (1, "1 of 2 made"), None, None),
    "cut when idle": ({"kind": "idle_cut", "seconds": 0.2, "after": 1}, (1, "1 of 2 made"), None, None),
    "moderation told as a bad request": (
        {"kind": "error", "code": "bad_request", "message": "The prompt may contain sensitive information."},
        (0, "content rules"), (0, "content rules"), (0, "content rules"),
    ),
    "a page with status 200": (
        {"kind": "error", "status": 200, "body": "html"}, (0, UNKNOWN), (0, UNKNOWN), (0, UNKNOWN),
    ),
    "a reference that can't be read": (
        {"kind": "item_refused", "index": 0, "code": "InvalidImageURL.InvalidFormat"},
        (1, "reference picture"), (0, "reference picture"), (0, "reference picture"),
    ),
    "an overdue account": ({"kind": "error", "code": "AccountOverdueError"}, (0, FREE), (0, FREE), (0, FREE)),
    "out of order": ({"kind": "out_of_order"}, (2, WHOLE), (1, WHOLE), (1, WHOLE)),
    "one object for a list": ({"kind": "object_data"}, (2, WHOLE), (1, WHOLE), (1, WHOLE)),
    "another size": (
        {"kind": "other_size", "width": 1008, "height": 752}, (2, OTHER_SIZE), (1, OTHER_SIZE), (1, OTHER_SIZE),
    ),
    "nothing made": (
        {"kind": "rewrite", "patch": {"data": []}}, None, (0, "no picture"), (0, "no picture"),
    ),
    "failed without a word": (
        {"kind": "rewrite", "patch": {"success": False}, "replace": True}, None, (0, "⚠️"), (0, "⚠️"),
    ),
    "stuck": ({"kind": "stuck"}, None, (0, UNKNOWN), (0, UNKNOWN)),
    "callback lost": ({"kind": "callback_lost"}, None, None, (1, WHOLE)),
    "callback late": ({"kind": "callback_late", "seconds": 1.0}, None, None, (1, WHOLE)),
    "callback twice": ({"kind": "callback_twice"}, None, None, (1, WHOLE)),
    "callback early": ({"kind": "callback_early"}, None, None, (1, WHOLE)),
}  # fmt: skip


def cases(path):
    return [
        pytest.param(fault, *expected[path], id=name)
        for name, (fault, *expected) in SERVICE.items()
        if expected[path] is not None
    ]


async def comes_to(world, fault, prepared, pictures, words):
    """Ask under a fault: so many pictures and such words, one request that was taken, all of it in one message."""
    await world.api_fault(**fault)
    end = await (await world.ada.imagine(prompt="a red fox in snow", **prepared)).ended()
    assert len(end.pictures) == pictures, end.text
    if words == WHOLE:
        assert "⚠️" not in end.text
        assert "charged" not in end.text
    else:
        assert words in end.text
    assert [one.id for one in await world.ada.messages()] == [end.id]
    taken = [entry for entry in await world.requests() if entry["status"] in {0, 200}]
    assert len(taken) <= 1


@pytest.mark.parametrize(("fault", "pictures", "words"), cases(0))
async def test_a_streamed_set_under_each_fault_of_the_service(world, fault, pictures, words):
    await comes_to(world, fault, TWO_STREAMED, pictures, words)


@pytest.mark.parametrize(("fault", "pictures", "words"), cases(1))
async def test_a_task_that_is_looked_up_under_each_fault_of_the_service(
    polling_world, monkeypatch, fault, pictures, words
):
    monkeypatch.setattr(task_poller, "PATIENCE_SECONDS", 2.0)
    await comes_to(polling_world, fault, LOOKED_UP, pictures, words)


@pytest.mark.parametrize(("fault", "pictures", "words"), cases(2))
async def test_a_result_that_is_posted_under_each_fault_of_the_service(
    reachable_world, monkeypatch, fault, pictures, words
):
    for name in ("CALLBACK_LATE_SECONDS", "CALLBACK_PATIENCE_SECONDS"):
        monkeypatch.setattr(task_results, name, 2.0)
    monkeypatch.setattr(task_poller, "PATIENCE_SECONDS", 2.0)
    await comes_to(reachable_world, fault, POSTED, pictures, words)


# --- Discord's faults -------------------------------------------------------------------------------------------


async def rate_limit(world, _):
    await world.discord_fault("/webhooks/*", method="PATCH", status=429, retry_after=0.3, times=2)


async def outage(world, _):
    await world.discord_fault("/webhooks/*", method="PATCH", status=503, times=1)


async def lost_gateway(world, _):
    await world.gateway("drop")


async def dead_token(world, _):
    await world.kill_tokens()


async def dead_token_and_lost_channel(world, _):
    await world.kill_tokens()
    await world.deny("general", "VIEW_CHANNEL")


async def deleted_message(world, message):
    await world.delete_message(message.id)


async def waiting(world, asked):
    assert "In the queue" in (await asked.answer()).text


async def being_made(world, asked):
    await world.api_is_asked(2)


async def half_done(world, asked):
    await world.ada.wait_for_message(id=(await asked.answer()).id, text="1 of 2")


FAULTS = [rate_limit, outage, lost_gateway, dead_token, dead_token_and_lost_channel, deleted_message]


@pytest.mark.parametrize("state", [waiting, being_made, half_done], ids=lambda one: one.__name__)
@pytest.mark.parametrize("fault", FAULTS, ids=lambda one: one.__name__)
async def test_a_job_under_each_fault_of_discords_in_each_of_its_states(narrow_world, fault, state):
    world = narrow_world
    await world.set_api(delay=0.3, image_interval=0.3)
    await world.ben.imagine(prompt="the one before", model="doubao-seedream-4.0", size="1K")
    await world.api_is_asked()
    asked = await world.ada.imagine(prompt="a red fox in snow", **TWO_STREAMED)
    message = await asked.answer()
    await state(world, asked)
    await fault(world, message)
    seen_by = world.ada_in_dm if fault is dead_token_and_lost_channel else world.ada
    result = await seen_by.wait_for_message(button="Details", text="a red fox in snow")
    assert len(result.pictures) == 2
    assert len(await world.requests()) == 2
    everywhere = [*await world.ada.messages(), *await world.ada_in_dm.messages()]
    finals = [one for one in everywhere if "a red fox in snow" in one.text and "Details" in one.labels]
    assert [one.id for one in finals] == [result.id]
