"""The buttons under a result."""

from __future__ import annotations


async def test_details_tell_the_request_to_the_reader_alone(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow", size="2K")
    details = await world.ben.press(result, "Details")
    assert details.ephemeral
    for expected in ("a red fox in snow", "doubao-seedream-5.0-lite", "1 credit"):
        assert expected in details.text


async def test_its_author_deletes_a_result(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.ada.deletes(result)
    await world.ada.sees_nothing()


async def test_another_member_may_not_delete_it(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    refusal = await world.ben.press(result, "Delete")
    assert refusal.ephemeral
    assert "Only the person" in refusal.text
    assert len(await world.ada.messages()) == 1


async def test_buttons_work_after_a_restart(world):
    result = await world.ada.imagine_to_end(prompt="a red fox in snow")
    await world.restart_bot()
    details = await world.ada.press(result, "Details")
    assert "a red fox in snow" in details.text


async def test_identical_commands_are_not_synced_again(world):
    await world.restart_bot()
    synced = [c for c in await world.all_discord_calls() if c["method"] == "PUT" and "commands" in c["path"]]
    assert len(synced) == 1
