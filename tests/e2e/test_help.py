"""/help: what a newcomer reads, and an example that they press, look at, and send."""

from __future__ import annotations

import pytest

from cogs.help.examples import EXAMPLES
from cogs.i18n.translate import _ as message_in
from cogs.i18n.translate import using_locale
from tests.e2e.conftest import a_world
from tests.e2e.test_quota import administration, charged
from tests.support.settings import Screen
from tests.support.world import walk

FOX = EXAMPLES["fox"]
BUTTON = FOX.label


async def helped(member):
    answer = await (await member.run("help")).answer()
    assert answer.ephemeral
    return answer


def field(opened):
    """The form's one field."""
    [label] = opened.given["answer"]["data"]["components"]
    return label


async def test_an_example_opens_a_form_that_costs_nothing_until_it_is_sent(world):
    card = await helped(world.ada)
    opened = await world.ada.pressed(card, BUTTON)
    assert field(opened)["description"] == "Edit it as you like. Uses SeeDream 5.0 lite, costs 1 credit"
    assert field(opened)["component"]["value"] == FOX.prompt
    assert await world.requests() == []
    assert await charged(world) == 0
    result = await (await world.ada.fill(opened, prompt=FOX.prompt)).result(pictures=1)
    assert FOX.prompt[:40] in result.text  # the card shows its first lines
    assert [one["prompt"] for one in await world.requests()] == [FOX.prompt]
    assert await charged(world) == 1
    assert any(one.id == result.id for one in await world.ben.messages())


async def test_an_example_of_a_card_from_before_a_restart_works_and_its_words_can_be_changed(world):
    card = await helped(world.ada)
    await world.restart_bot()
    opened = await world.ada.pressed(card, BUTTON)
    result = await (await world.ada.fill(opened, prompt="a blue fox")).result(pictures=1)
    assert "a blue fox" in result.text


async def test_a_form_that_is_refused_gives_the_words_back(world):
    card = await helped(world.ben)
    await (await (await Screen.opened(world.ada)).at("words_in")).writes("words_in", "fox")
    refusal = await (await world.ben.fill(await world.ben.pressed(card, BUTTON), prompt="a fox at sea")).answer()
    assert refusal.ephemeral
    assert "doesn't allow ||fox||" in refusal.text
    assert "a fox at sea" in refusal.text
    assert await world.requests() == []


async def test_a_form_from_before_a_restart_gives_the_words_back(world):
    opened = await world.ada.pressed(await helped(world.ada), BUTTON)
    await world.restart_bot()
    told = await (await world.ada.fill(opened, prompt="a fox at sea")).answer()
    assert "This form has expired" in told.text
    assert "a fox at sea" in told.text


async def test_an_example_that_there_is_no_more_says_what_to_do(world):
    button = {"type": 2, "style": 2, "label": "Cat", "custom_id": "sd:try:cat"}
    old = await world.post_as_bot("general", components=[{"type": 1, "components": [button]}])
    told = await world.ada.press(old, "Cat")
    assert "Use /help again" in told.text


async def test_the_form_says_what_a_dear_picture_costs(tmp_path):
    async with a_world(tmp_path, MODEL_PRICES="lite=3") as world:
        card = await helped(world.ada)
        assert "; 3 with SeeDream 5.0 lite." in card.text
        assert field(await world.ada.pressed(card, BUTTON))["description"].endswith("costs 3 credits")


async def test_a_member_reads_their_limits_and_what_is_left(world):
    async with administration(world) as admin:
        await admin.limit(5)
    await world.ada.imagine_to_end(prompt="a fox")
    text = (await helped(world.ada)).text
    assert "You have **4 credits** left.\n-# 5 credits a day" in text


async def test_the_card_says_how_replies_work_in_this_server(world):
    bot = world.user_ids["SeeDream"]
    assert f"mention me and say what to change: “<@{bot}> make it night”" in (await helped(world.ben)).text
    screen = await (await Screen.opened(world.ada)).sets("replies", "off")
    assert "Message Content** · off" in screen.text
    assert "Editing by reply is off in this server." in (await helped(world.ben)).text
    await world.discord_setting(message_content=True)
    await world.restart_bot()
    screen = await screen.sets("replies", "always_ask")
    assert "Message Content** · on" in screen.text
    text = (await helped(world.ben)).text
    assert "Reply to it and say what to change, such as “make it night”. I answer with a button" in text


async def test_where_discord_refuses_the_intent_the_card_asks_for_a_mention(world):
    await world.stop_bot()
    await world.discord_setting(message_content=True, message_content_refused=True)
    await world.start_bot()
    assert "Reply to it, mention me" in (await helped(world.ben)).text
    assert "Message Content** · off" in (await (await Screen.opened(world.ada)).tab("General")).text


async def test_help_works_in_direct_messages_and_where_the_bot_is_no_member(world):
    direct = await helped(world.ada_in_dm)
    assert "Send me a photo and say what to change in the same message." in direct.text
    opened = await world.ada_in_dm.pressed(direct, BUTTON)
    await (await world.ada_in_dm.fill(opened, prompt=FOX.prompt)).result(pictures=1)
    elsewhere = await helped(world.ada_elsewhere)
    assert "eply" not in elsewhere.text
    opened = await world.ada_elsewhere.pressed(elsewhere, BUTTON)
    await (await world.ada_elsewhere.fill(opened, prompt=FOX.prompt)).result(pictures=1)


async def test_where_nothing_may_be_made_the_card_says_so(tmp_path):
    async with a_world(tmp_path, PERSONAL_USE="false") as world:
        card = await helped(world.ada_in_dm)
        assert "has enabled it in servers only" in card.text
        assert card.labels == []


@pytest.mark.parametrize(("locale", "prompt"), [("ja", FOX.english), ("zh-CN", FOX.chinese)])
async def test_the_card_is_in_the_members_language_and_prompts_in_one_that_the_models_understand(world, locale, prompt):
    await world.post("/control/locale", {"user": "ada", "locale": locale})
    card = await helped(world.ada)
    with using_locale(locale):
        title, label = message_in("Turn your words into pictures"), message_in(BUTTON)
    assert title in card.text
    opened = await world.ada.pressed(card, label)
    [component] = [one["component"] for one in walk(opened.given["answer"]["data"]["components"]) if "component" in one]
    assert component["value"] == prompt
