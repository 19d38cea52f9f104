"""Changing pictures, by every way of saying so: the real bot, over real sockets."""

from __future__ import annotations

import io
import sqlite3

import pytest
from PIL import Image

from tests.support.pictures import jpeg, png
from tests.support.world import Member

PHOTO = ("photo.jpg", jpeg(1200, 800))


def sides(data: bytes) -> tuple[int, int]:
    return Image.open(io.BytesIO(data)).size


# --- commands -------------------------------------------------------------------------------------------------------


async def test_edit_takes_attachments_and_follows_the_shape_of_the_first(world):
    files = {"image": PHOTO, "image2": ("b.png", png(300, 300))}
    asked = await world.ada.run("edit", prompt="put the fox there", files=files)
    result = await asked.result(pictures=1)
    assert [sides(sent) for sent in await world.references()] == [(1200, 800), (300, 300)]
    assert await result.sizes() == [(2496, 1664)]


async def test_edit_takes_the_link_of_a_message(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    link = f"https://discord.com/channels/1/{first.data['channel_id']}/{first.id}"
    result = await (await world.ada.run("edit", prompt="make it night", link=link)).result(pictures=1)
    assert f"/{first.id})" in result.text
    assert await world.references() == [await world.download(first.pictures[0])]


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://example.com/a.png", "isn't a message link"),
        ("https://discord.com/channels/1/2/3", "in this server"),
        ("https://discord.com/channels/@me/{dm}/1", "in this server"),
    ],
)
async def test_a_link_that_leads_nowhere_or_out_of_sight_is_refused(world, link, expected):
    dm = (await world.get("/control/world"))["dms"][world.user_ids["ada"]]
    refusal = await (await world.ben.run("edit", prompt="make it night", link=link.format(dm=dm))).answer()
    assert refusal.ephemeral
    assert expected in refusal.text


async def test_a_link_works_in_direct_messages(world):
    first = await world.ada_in_dm.imagine_to_end(prompt="a red fox in snow")
    link = f"https://discord.com/channels/@me/{first.data['channel_id']}/{first.id}"
    await (await world.ada_in_dm.run("edit", prompt="make it night", link=link)).result(pictures=1)
    assert await world.references() == [await world.download(first.pictures[0])]


async def test_a_link_to_a_members_picture_that_is_out_of_sight_says_what_to_do(world):
    photo = await world.ada.say("look", files=[PHOTO])
    link = f"https://discord.com/channels/1/{photo.data['channel_id']}/{photo.id}"
    refusal = await (await world.ben.run("edit", prompt="make it night", link=link)).answer()
    assert refusal.ephemeral
    assert "Apps, then Edit image" in refusal.text


async def test_a_link_to_a_channel_that_the_member_can_not_see_is_refused(world):
    gallery = Member(world, "ada", "gallery")
    secret = await gallery.imagine_to_end(prompt="a secret fox")
    link = f"https://discord.com/channels/{await world.guild_of('gallery')}/{secret.data['channel_id']}/{secret.id}"
    seen = await (await world.ben.run("edit", prompt="make it night", link=link)).result(pictures=1)
    assert f"/{secret.id})" in seen.text
    for taken in ("VIEW_CHANNEL", "READ_MESSAGE_HISTORY"):
        await world.deny("gallery", taken, user="ben")
        refusal = await (await world.ben.run("edit", prompt="make it day", link=link)).answer()
        assert refusal.ephemeral
        assert "You can't read that channel" in refusal.text
    assert len(await world.requests()) == 2


async def test_autocomplete_offers_what_the_editing_model_takes(world):
    for command in ("edit", "blend"):
        sizes = await world.ada.autocomplete(command, focused="size", model="doubao-seedream-4.5")
        assert {"2K", "4K"} <= set(sizes)
        assert "1K" not in sizes
        assert await world.ada.autocomplete(command, focused="ratio", ratio="16") == ["9:16", "16:9"]
    assert (await world.ada.autocomplete("edit", focused="size", model="doubao-seededit-3.0-i2i"))[0] == "adaptive"


async def test_edit_without_a_picture_says_what_to_do(world):
    refusal = await (await world.ada.run("edit", prompt="make it night")).answer()
    assert refusal.ephemeral
    assert "Attach one" in refusal.text


async def test_blend_makes_one_picture_of_several(world):
    files = {"image": PHOTO, "image2": ("b.png", png(300, 300)), "image3": ("c.png", png(400, 300))}
    result = await (await world.ada.run("blend", files=files)).result(pictures=1)
    assert "Blend these pictures" in result.text
    assert len(await world.references()) == 3


async def test_too_many_pictures_for_the_chosen_model_are_refused(world):
    files = {f"image{number or ''}": ("a.png", png(100, 100)) for number in (0, 2, 3)}
    asked = await world.ada.run("edit", prompt="x", model="doubao-seededit-3.0-i2i", files=files)
    refusal = await asked.answer()
    assert refusal.ephemeral
    assert "1" in refusal.text
    assert await world.requests() == []


# --- buttons --------------------------------------------------------------------------------------------------------


async def test_reroll_asks_the_same_again_with_another_seed(guide_world):
    first = await guide_world.ada.imagine_to_end(prompt="a fox", model="doubao-seedream-3.0-t2i", seed=7)
    result = await (await guide_world.ben.pressed(first, "Reroll")).result(pictures=1)
    one, other = await guide_world.requests()
    assert one["prompt"] == other["prompt"]
    assert one["parameters"]["seed"] == 7 != other["parameters"]["seed"]
    assert "Another try at" in result.text
    assert f"<@{guide_world.user_ids['ben']}>" in result.text


async def test_vary_takes_the_picture_as_reference_with_the_same_words(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow", ratio="3:2")
    result = await (await world.ada.pressed(first, "Vary")).result(pictures=1)
    assert "A variation of" in result.text
    assert (await world.requests())[-1]["prompt"] == "a red fox in snow"
    assert await world.references() == [await world.download(first.pictures[0])]
    assert await result.sizes() == [(2496, 1664)]


async def test_upscale_makes_it_at_the_next_preset_and_is_offered_only_where_there_is_one(world):
    first = await world.ada.imagine_to_end(prompt="a fox", model="doubao-seedream-4.0", size="2K", ratio="1:1")
    result = await (await world.ada.pressed(first, "Upscale")).result(pictures=1)
    assert await result.sizes() == [(4096, 4096)]
    assert "Upscale" not in result.labels


async def test_the_edit_button_opens_the_words_and_takes_new_ones(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    opened = await world.ada.pressed(first, "Edit")
    (words, *_) = opened.given["answer"]["data"]["components"]
    assert words["component"]["value"] == "a red fox in snow"
    result = await (await world.ada.fill(opened, change="a red fox in the rain")).result(pictures=1)
    assert "a red fox in the rain" in result.text
    assert await world.references() == [await world.download(first.pictures[0])]


async def test_one_of_several_pictures_is_chosen_by_the_select(world):
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
    chosen = await world.ben.choose(first, "2")
    assert chosen.ephemeral
    assert {"Vary", "Edit"} <= set(chosen.labels)
    await (await world.ben.pressed(chosen, "Vary")).result(pictures=1)
    assert await world.references() == [await world.download(first.pictures[2])]


async def test_what_comes_of_a_private_result_is_private(world):
    first = await world.ada.imagine_to_end(prompt="a surprise", private=True)
    result = await (await world.ada.pressed(first, "Vary")).result(pictures=1)
    assert result.ephemeral
    assert await world.ben.messages() == []


async def test_a_failure_can_be_tried_again(world):
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    failed = await (await world.ada.imagine(prompt="a red fox in snow")).result()
    assert failed.labels == ["Details", "Retry", "Delete"]
    result = await (await world.ada.pressed(failed, "Retry")).result(pictures=1)
    assert "A retry of" in result.text


async def test_every_button_works_after_a_restart(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    several = await (await world.ada.imagine(prompt="two foxes", images=2)).result(pictures=2)
    await world.api_fault("error", status=403, code="content_policy", message="Not this.")
    failed = await (await world.ada.imagine(prompt="no fox")).result(pictures=0)
    await world.restart_bot()
    for button in ("Reroll", "Vary", "Upscale"):
        await (await world.ada.pressed(first, button)).result(pictures=1)
    opened = await world.ada.pressed(first, "Edit")
    await (await world.ada.fill(opened, change="make it night")).result(pictures=1, text="make it night")
    chosen = await world.ada.choose(several, "1")
    await world.restart_bot()
    await (await world.ada.pressed(chosen, "Vary")).result(pictures=1)
    await (await world.ada.pressed(failed, "Retry")).result(pictures=1)
    assert "a red fox in snow" in (await world.ben.press(first, "Details")).text
    await world.ada.deletes(first)
    await world.is_gone(first)
    assert len([entry for entry in await world.requests() if entry["billed"]]) == 8


async def test_a_variation_by_another_model_names_it(guide_world):
    first = await guide_world.ada.imagine_to_end(prompt="a red fox in snow", model="doubao-seedream-3.0-t2i")
    result = await (await guide_world.ada.pressed(first, "Vary")).result(pictures=1)
    assert "so this uses SeedEdit 3.0 i2i." in result.text


async def test_a_variation_is_as_large_as_what_it_varies(world):
    first = await world.ada.imagine_to_end(prompt="a fox", model="doubao-seedream-4.0", size="1K")
    result = await (await world.ben.pressed(first, "Vary")).result(pictures=1)
    assert await result.sizes() == [(1024, 1024)]


async def test_details_name_what_a_result_came_from(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await (await world.ada.pressed(first, "Vary")).result(pictures=1)
    details = await world.ada.press(result, "Details")
    assert f"/{first.id})" in details.text


async def test_who_presses_asks_and_it_is_theirs_to_delete(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    result = await (await world.ben.pressed(first, "Vary")).result(pictures=1)
    assert f"<@{world.ben.id}>" in result.text
    refusal = await world.cleo.press(result, "Delete")
    assert "Only the person" in refusal.text
    await world.ben.deletes(result)
    await world.is_gone(result)


async def test_who_manages_messages_may_delete_any_result(world):
    result = await world.ben.imagine_to_end(prompt="a red fox in snow")
    await world.ada.deletes(result)
    await world.is_gone(result)


async def test_a_dead_link_of_a_picture_is_asked_for_anew(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    picture = await world.download(first.pictures[0])
    await world.discord_fault("/channels/*/messages", method="POST", delay=0.3)
    await world.discord_setting(link_life=0)
    asked = await world.ada.say("make it night", to=first)
    await world.discord_setting(link_life=3600)
    await world.ada.result_of(asked)
    assert await world.references() == [picture]


# --- the queue ------------------------------------------------------------------------------------------------------


async def test_who_waits_sees_the_place_and_may_cancel_and_it_costs_nothing(world):
    await world.set_api(delay=60)
    await everyone_is_busy(world)
    waiting = await (await world.ben.imagine(prompt="one more")).answer()
    assert "In the queue, 1 ahead" in waiting.text
    assert waiting.labels == ["Cancel"]
    await world.ben.press(waiting, "Cancel", answer=False)
    cancelled = await world.ben.wait_for_message(id=waiting.id, text="Cancelled")
    assert cancelled.labels == ["Details", "Delete"]
    assert len(await world.requests()) == 8


async def test_who_waits_is_told_when_the_place_moves_and_when_it_is_their_turn(world):
    await world.set_api(delay=60)
    await everyone_is_busy(world)
    first, second = [await (await world.ben.imagine(prompt=f"later {number}")).answer() for number in (1, 2)]
    assert "2 ahead" in second.text
    await world.ben.press(first, "Cancel", answer=False)
    moved = await world.ben.wait_for_message(id=second.id, text="1 ahead")
    assert moved.labels == ["Cancel"]


async def everyone_is_busy(world):
    """All eight places are taken; one member gets six of them at most."""
    for number in range(8):
        await (world.ada if number % 2 else world.cleo).imagine(prompt=f"fox {number}")
    await world.api_is_asked(8)


# --- what is remembered ---------------------------------------------------------------------------------------------


async def test_the_last_choice_is_the_next_default_until_it_is_forgotten(world):
    padded = f"{' ' * 40}1k"
    await world.ada.imagine_to_end(prompt="one", model="doubao-seedream-4.0", size=padded, ratio=" 3 : 2 ")
    again = await world.ada.imagine_to_end(prompt="two")
    assert await again.sizes() == [(1248, 832)]
    shown = await (await world.ada.run("me")).answer()
    assert shown.ephemeral
    assert all(word in shown.text for word in ("SeeDream 4.0", "1K", "3:2"))
    await world.ada.press(shown, "Forget my choices")
    usual = await world.ada.imagine_to_end(prompt="three")
    assert await usual.sizes() == [(2048, 2048)]
    assert (await world.requests())[-1]["model"].startswith("doubao-seedream-5")


async def test_what_was_chosen_in_a_modal_is_remembered_too(world):
    first = await world.ada.imagine_to_end(prompt="a red fox in snow")
    choices = {"model": ["doubao-seedream-4.0"], "size": ["1K"]}
    for opened in (await world.ben.pressed(first, "Edit"), await world.cleo.run("Edit image", target=first)):
        await (await opened.member.fill(opened, change="make it night", **choices)).result(pictures=1)
        assert await (await opened.member.imagine_to_end(prompt="again")).sizes() == [(1024, 1024)]


async def test_a_model_that_is_no_more_is_nobodys_default(world):
    await world.ada.imagine_to_end(prompt="one", model="doubao-seedream-4.0")
    await world.stop_bot()  # a model goes with a new version of the bot
    with sqlite3.connect(world.spool.parent / "bot.db") as database:
        assert database.execute("UPDATE preferences SET model = 'doubao-seedream-1.0'").rowcount == 1
    database.close()
    await world.start_bot()
    await world.ada.imagine_to_end(prompt="two")
    assert (await world.requests())[-1]["model"].startswith("doubao-seedream-5")
    assert "1.0" not in (await (await world.ada.run("me")).answer()).text


async def test_what_one_chose_is_no_default_of_anothers(world):
    await world.ada.imagine_to_end(prompt="one", model="doubao-seedream-4.0", size="1K")
    assert await (await world.ben.imagine_to_end(prompt="two")).sizes() == [(2048, 2048)]


# --- the menu of a message ------------------------------------------------------------------------------------------


async def test_the_menu_of_any_message_edits_its_picture(world):
    photo = await world.ada.say("look", files=[PHOTO])
    opened = await world.ben.run("Edit image", target=photo)
    result = await (await world.ben.fill(opened, change="make it night")).result(pictures=1)
    assert await world.references() == [PHOTO[1]]
    assert f"/{photo.id})" in result.text
    assert await result.sizes() == [(2496, 1664)]


async def test_the_menu_lets_choose_picture_model_and_size_and_takes_further_ones(world):
    first = await (await world.ada.imagine(prompt="three foxes", images=3)).result(pictures=3)
    opened = await world.ada.run("Edit image", target=first)
    choices = {"picture": ["2"], "model": ["doubao-seedream-4.0"], "size": ["4K"]}
    result = await (await world.ada.fill(opened, files=[PHOTO], change="in this place", **choices)).result(pictures=1)
    assert await world.references() == [await world.download(first.pictures[1]), PHOTO[1]]
    assert await result.sizes() == [(4096, 4096)]
    assert (await world.requests())[-1]["model"].startswith("doubao-seedream-4-0")


async def test_a_forwarded_picture_can_be_edited(world):
    photo = await world.ada.say("look", files=[PHOTO])
    forwarded = await world.ada.forward(photo)
    opened = await world.ben.run("Edit image", target=forwarded)
    await (await world.ben.fill(opened, change="make it night")).result(pictures=1)
    assert await world.references() == [PHOTO[1]]


async def test_the_menu_of_a_message_without_a_picture_says_so(world):
    words = await world.ada.say("only words")
    refusal = await (await world.ben.run("Edit image", target=words)).answer()
    assert refusal.ephemeral
    assert "no picture" in refusal.text


async def test_a_file_that_is_no_picture_is_refused_in_the_modal_too(world):
    photo = await world.ada.say("look", files=[PHOTO])
    opened = await world.ben.run("Edit image", target=photo)
    refusal = await (await world.ben.fill(opened, files=[("notes.txt", b"words")], change="x")).answer()
    assert refusal.ephemeral
    assert "“notes.txt” is not a picture" in refusal.text
    assert await world.requests() == []
