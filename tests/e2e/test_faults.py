"""When the API or Discord says no: right words, nothing lost, nothing paid twice."""

from __future__ import annotations

import pytest

from seedream import retry

API_ERRORS = [
    ({"status": 400, "code": "bad_request"}, "refused this combination"),
    ({"status": 401, "code": "invalid_token"}, "API key"),
    ({"status": 403, "code": "used_up"}, "balance"),
    ({"status": 403, "code": "content_policy"}, "content rules"),
    ({"status": 400, "code": "disabled"}, "disabled"),
    ({"status": 413, "code": "request_too_large"}, "too large"),
]


@pytest.mark.parametrize(("error", "words"), API_ERRORS, ids=[error["code"] for error, _ in API_ERRORS])
async def test_each_api_error_is_told_to_whom_it_concerns_and_costs_nothing(world, error, words):
    await world.api_fault("error", **error)
    end = await (await world.ada.imagine(prompt="a red fox in snow")).ended()
    assert words in end.text
    assert "Nothing was charged" in end.text
    assert len(await world.requests()) == 1


async def test_a_fault_inside_the_service_is_tried_again_because_nothing_was_started(world):
    await world.api_fault("error", status=500, code="api_error", times=1)
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1
    assert sum(entry["billed"] for entry in await world.requests()) == 1


async def test_a_rate_limit_is_waited_out(world):
    await world.api_fault("error", status=429, code="too_many_requests", retry_after=1, times=1)
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1
    assert sum(entry["billed"] for entry in await world.requests()) == 1


async def test_rate_limits_that_do_not_say_how_long_are_waited_out_from_a_second_on(world, monkeypatch):
    monkeypatch.setattr(retry, "FIRST_DELAY_SECONDS", 0.02)
    await world.api_fault("error", status=429, code="RateLimitExceeded.EndpointRPMExceeded", times=3)
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1
    assert len(await world.requests()) == 4


async def test_the_service_s_words_about_an_option_and_a_picture_are_shown(world):
    await world.api_fault("error", status=400, code="bad_request", message="size must be one of *1K* or 2K.")
    words = (await (await world.ada.imagine(prompt="a red fox in snow")).ended()).text
    assert r"It said: “size must be one of \*1K\* or 2K”." in words
    await world.api_fault("error", status=400, code="InvalidParameter", message="Timeout while downloading url=x")
    words = (await (await world.ada.imagine(prompt="a red fox in snow")).ended()).text
    assert "can't use one of the reference pictures" in words
    assert "It said: “Timeout while downloading" in words


async def test_a_lost_answer_is_never_asked_for_again(world):
    await world.api_fault("answer_lost")
    end = await (await world.ada.imagine(prompt="a red fox in snow")).ended()
    assert "didn't retry" in end.text
    assert len(await world.requests()) == 1


async def test_a_stream_that_is_cut_keeps_what_had_arrived(world):
    await world.api_fault("stream_cut", after=2)
    end = await (await world.ada.imagine(prompt="four foxes", images=4)).ended()
    assert len(end.pictures) == 2
    assert "2 of 4 made" in end.text
    assert len(await world.requests()) == 1


async def test_one_refused_picture_of_a_group_leaves_the_others(world):
    await world.api_fault("item_refused", index=1)
    end = await (await world.ada.imagine(prompt="four foxes", images=4)).ended()
    assert len(end.pictures) == 3
    assert "3 of 4 made. One was refused by the service's content rules and wasn't charged." in end.text


async def test_a_dead_token_is_followed_by_the_bots_own_edit(world):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    placeholder = await asked.answer()
    await world.kill_tokens()
    result = await asked.result()
    assert result.id == placeholder.id
    assert len(result.pictures) == 1


async def test_a_deleted_placeholder_is_followed_by_a_new_message_that_mentions_the_member(world):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    placeholder = await asked.answer()
    await world.delete_message(placeholder.id)
    result = await asked.result()
    assert result.id != placeholder.id
    assert len(result.pictures) == 1
    assert f"<@{world.ada.id}>" in result.text


async def test_where_the_bot_lost_its_place_the_result_comes_as_a_direct_message(world):
    await world.set_api(delay=0.3)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await asked.answer()
    await world.kill_tokens()
    await world.deny("general", "VIEW_CHANNEL")
    result = await world.ada_in_dm.next_result()
    assert len(result.pictures) == 1


async def test_where_pictures_cannot_be_posted_nothing_is_made(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.deny("general", "ATTACH_FILES")
    refusal = await world.ben.answer_to(await world.ben.say("make it night", to=first))
    assert "Missing permissions: Attach Files." in refusal.text
    assert len(await world.requests()) == 1


async def test_a_429_of_discords_is_waited_out(world):
    await world.discord_fault("/webhooks/*", status=429, retry_after=0.2, times=1)
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1


async def test_a_file_that_discord_finds_too_large_is_made_smaller(world):
    await world.discord_fault("/webhooks/*", status=413, code=40005, times=1)
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    assert len(result.pictures) == 1


@pytest.mark.parametrize("action", ["drop", "reconnect", "invalidate"])
async def test_a_gateway_that_goes_away_in_the_middle_of_a_job_loses_nothing(world, action):
    await world.set_api(delay=0.4)
    asked = await world.ada.imagine(prompt="a red fox in snow")
    await asked.answer()
    await world.gateway(action)
    result = await asked.result()
    assert len(result.pictures) == 1
    await world.bot_is_back()
    assert len((await world.ada.imagine_to_end(prompt="another fox")).pictures) == 1


async def test_a_dead_image_link_is_told_and_kept(world):
    await world.api_fault("dead_link")
    end = await (await world.ada.imagine(prompt="a red fox in snow")).ended()
    assert end.pictures == []
    assert "Picture 1" in end.text


async def test_a_service_without_tasks_is_asked_in_one_long_request(polling_world):
    await polling_world.api_fault("error", status=400, code="api_not_implemented", times=1)
    result = await polling_world.ada.imagine_to_end(prompt="a red fox", model="doubao-seedream-5.0-pro", size="1K")
    assert len(result.pictures) == 1
    assert [entry["mode"] for entry in await polling_world.requests()] == ["async", "plain"]
    await polling_world.ada.imagine_to_end(prompt="another", model="doubao-seedream-5.0-pro", size="1K")
    assert [entry["mode"] for entry in await polling_world.requests()] == ["async", "plain", "plain"]


async def test_a_task_that_cannot_be_looked_up_just_now_is_looked_up_again(polling_world):
    await polling_world.api_fault("error", on="tasks", status=500, code="api_error", times=1)
    result = await polling_world.ada.imagine_to_end(prompt="a red fox", model="doubao-seedream-5.0-pro", size="1K")
    assert len(result.pictures) == 1
    assert len(await polling_world.requests()) == 1


async def test_a_refused_task_is_told_in_words(polling_world):
    await polling_world.api_fault("item_refused", index=0)
    end = await (await polling_world.ada.imagine(prompt="a fox", model="doubao-seedream-5.0-pro", size="1K")).ended()
    assert "content rules" in end.text
    assert "Nothing was charged" in end.text
