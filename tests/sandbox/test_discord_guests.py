"""What other libraries send and read of the local Discord, and this project's bot does not."""

from __future__ import annotations

from urllib.parse import quote

import aiohttp
import pytest

from tests.support.pictures import png

V2 = 1 << 15
FIRE = "🔥"


@pytest.fixture
def path(bot):
    return f"/channels/{bot.channel('general')}/messages"


async def post(bot, path, data, **headers):
    url, headers = bot.discord.api_url + path, {"Authorization": f"Bot {bot.discord.token}"} | headers
    async with bot.http.post(url, headers=headers, data=data) as answer:
        return answer.status, await answer.json()


async def test_a_form_can_have_the_payload_as_json(bot, path):
    status, said = await post(bot, path, {"payload_json": '{"content": "as JSON"}'})
    assert (status, said["content"]) == (200, "as JSON")


async def test_a_form_can_have_the_payload_as_fields(bot, path):
    assert (await post(bot, path, {"content": "bare"}))[1]["content"] == "bare"
    form = aiohttp.FormData({"content": "with a file"})
    form.add_field("files[0]", png(4, 3), filename="fox.png")
    _, said = await post(bot, path, form)
    assert (said["content"], [one["filename"] for one in said["attachments"]]) == ("with a file", ["fox.png"])


async def test_a_form_can_have_only_a_file(bot, path):
    form = aiohttp.FormData()
    form.add_field("file", png(4, 3), filename="fox.png")
    status, said = await post(bot, path, form)
    assert (status, said["content"], len(said["attachments"])) == (200, "", 1)


async def test_an_interaction_may_be_answered_by_a_form(bot):
    interaction = await bot.asked()
    path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=true"
    status, found = await post(bot, path, {"payload_json": '{"type": 5}'})
    assert (status, found["interaction"]["response_message_loading"]) == (200, True)


async def test_an_embed_is_rich_and_its_pictures_lead_to_the_files(bot, path):
    embed = {
        "title": "Fox", "image": {"url": "attachment://fox.png"}, "thumbnail": {"url": "https://a.b/c.png"},
        "footer": {"text": "by", "icon_url": "attachment://fox.png"}, "description": None,
    }  # fmt: skip
    _, said = await bot.call("POST", path, json={"embeds": [embed]}, files=[("fox.png", png(40, 30))])
    (shown,), link = said["embeds"], said["embeds"][0]["image"]["url"]
    assert (shown["type"], shown["title"], "description" in shown) == ("rich", "Fox", False)
    assert shown["image"] == {"url": link, "proxy_url": link, "width": 40, "height": 30}
    assert shown["thumbnail"]["proxy_url"] == "https://a.b/c.png"
    assert shown["footer"] == {"text": "by", "icon_url": link, "proxy_icon_url": link}
    async with bot.http.get(link) as answer:
        assert await answer.read() == png(40, 30)


async def test_component_ids_are_filled_in_around_existing_ones(bot, path):
    texts = [{"type": 10, "content": "a"}, {"type": 10, "content": "b", "id": 1}, {"type": 10, "content": "c"}]
    _, said = await bot.call("POST", path, json={"flags": V2, "components": texts})
    assert [one["id"] for one in said["components"]] == [2, 1, 3]


async def test_the_bot_forwards_a_message(bot, path):
    said = await bot.control("message", user="ada", channel="general", content=f"<@{bot.id}> pass it on")
    reference = {"type": 1, "channel_id": said["channel_id"], "message_id": said["id"]}
    _, forwarded = await bot.call("POST", path, json={"message_reference": reference})
    assert forwarded["message_snapshots"][0]["message"]["content"] == said["content"]
    for wrong, code in (({"message_id": "1"}, 10008), ({"channel_id": "1"}, 10003)):
        assert (await bot.call("POST", path, json={"message_reference": reference | wrong}))[1]["code"] == code


async def test_reactions_can_be_counted_removed_and_cleared(bot, path):
    await bot.discord_setting(rate_limits=False)
    _, said = await bot.call("POST", path, json={"content": "like it?"})
    mine = f"{path}/{said['id']}/reactions/{quote(FIRE)}"
    for _ in range(2):
        assert await bot.call("PUT", f"{mine}/@me") == (204, None)
    await bot.control("react", user="ada", message=said["id"], emoji=FIRE)
    (shown,) = (await bot.call("GET", f"{path}/{said['id']}"))[1]["reactions"]
    assert (shown["emoji"]["name"], shown["count"], shown["me"]) == (FIRE, 2, True)
    users = (await bot.call("GET", mine, params={"limit": 1}))[1]
    assert [one["username"] for one in users] == ["SeeDream"]
    assert await bot.call("DELETE", f"{mine}/@me") == (204, None)
    (shown,) = (await bot.call("GET", f"{path}/{said['id']}"))[1]["reactions"]
    assert (shown["count"], shown["me"]) == (1, False)
    bot.discord.state.world.guild("Studio").roles[1]["permissions"] = str(1 << 13 | 1 << 10 | 1 << 16)
    assert await bot.call("DELETE", f"{path}/{said['id']}/reactions") == (204, None)
    assert "reactions" not in (await bot.call("GET", f"{path}/{said['id']}"))[1]


async def test_a_reaction_needs_a_valid_emoji_and_removing_others_needs_a_permission(bot, path):
    await bot.discord_setting(rate_limits=False)
    _, said = await bot.call("POST", path, json={"content": "like it?"})
    reactions = f"{path}/{said['id']}/reactions"
    assert (await bot.call("PUT", f"{reactions}/words/@me"))[1]["code"] == 10014
    await bot.control("react", user="ada", message=said["id"], emoji=FIRE)
    ada = bot.discord.state.world.user("ada")["id"]
    for gone in (reactions, f"{reactions}/{quote(FIRE)}", f"{reactions}/{quote(FIRE)}/{ada}"):
        assert (await bot.call("DELETE", gone))[1]["code"] == 50013


async def test_a_reaction_can_use_a_servers_own_emoji(bot, path):
    await bot.discord_setting(rate_limits=False)
    ear = await bot.hears(intents=1 | 1 << 10)
    _, said = await bot.call("POST", path, json={"content": "like it?"})
    one = bot.discord.state.world.guild("Studio").data["emojis"][1]
    described = {"id": one["id"], "name": "running_fox", "animated": True}
    reaction = f"{path}/{said['id']}/reactions/running_fox:{one['id']}"
    assert await bot.call("PUT", f"{reaction}/@me") == (204, None)
    assert (await ear.event("MESSAGE_REACTION_ADD"))["emoji"] == described
    (shown,) = (await bot.call("GET", f"{path}/{said['id']}"))[1]["reactions"]
    assert (shown["emoji"], shown["me"]) == (described, True)
    assert await bot.call("DELETE", f"{reaction}/@me") == (204, None)
    assert (await bot.call("PUT", f"{path}/{said['id']}/reactions/fox:1/@me"))[1]["code"] == 10014


async def test_the_bot_can_react_once_every_quarter_second_in_a_channel(bot, path):
    _, said = await bot.call("POST", path, json={"content": "like it?"})
    reaction = f"{bot.discord.api_url}{path}/{said['id']}/reactions/{quote(FIRE)}/@me"
    headers, seen = {"Authorization": f"Bot {bot.discord.token}"}, []
    for method in ("PUT", "DELETE"):
        async with bot.http.request(method, reaction, headers=headers) as answer:
            seen.append((answer.status, answer.headers))
    (first, told), (second, refused) = seen
    assert (first, told["X-RateLimit-Limit"], told["X-RateLimit-Remaining"]) == (204, "1", "0")
    assert (second, refused["X-RateLimit-Scope"], "Via" in refused) == (429, "user", True)
    assert told["X-RateLimit-Bucket"] == refused["X-RateLimit-Bucket"]
    assert float(refused["X-RateLimit-Reset-After"]) <= 0.25
    elsewhere = await bot.call("POST", f"/channels/{bot.channel('gallery')}/messages", json={"content": "x"})
    assert elsewhere[0] == 200


async def test_the_bot_can_delete_its_own_messages_and_others_only_with_a_permission(bot, path):
    ear = await bot.hears()
    _, mine = await bot.call("POST", path, json={"content": "for a moment"})
    assert await bot.call("DELETE", f"{path}/{mine['id']}") == (204, None)
    gone = await ear.event("MESSAGE_DELETE")
    guild = bot.discord.state.world.guild("Studio").id
    assert gone == {"id": mine["id"], "channel_id": bot.channel("general"), "guild_id": guild}
    assert await bot.look("messages", user="ada", channel="general") == []
    said = await bot.made("message", user="ada", channel="general", content="mine")
    assert (await bot.call("DELETE", f"{path}/{said['id']}"))[1]["code"] == 50013


async def test_a_server_has_member_counts_if_requested(bot):
    guild = bot.discord.state.world.guild("Studio")
    assert "approximate_member_count" not in (await bot.call("GET", f"/guilds/{guild.id}"))[1]
    _, counted = await bot.call("GET", f"/guilds/{guild.id}", params={"with_counts": "true"})
    assert counted["approximate_member_count"] == len(guild.members)


async def test_collections_without_entries_are_empty_lists(bot):
    guild = bot.discord.state.world.guild("Studio").id
    for path in ("/voice/regions", "/soundboard-default-sounds", f"/guilds/{guild}/scheduled-events"):
        assert await bot.call("GET", path) == (200, [])
    assert await bot.call("GET", f"/applications/{bot.id}/emojis") == (200, {"items": []})
    assert (await bot.call("GET", "/guilds/1/emojis"))[1]["code"] == 10004
    assert (await bot.call("GET", "/applications/1/emojis"))[1]["code"] == 10002


async def test_channels_share_a_buckets_name_but_not_the_bucket(bot, path):
    headers = {"Authorization": f"Bot {bot.discord.token}"}
    seen = []
    for name in ("general", "gallery"):
        url = f"{bot.discord.api_url}/channels/{bot.channel(name)}/messages"
        async with bot.http.post(url, headers=headers, json={"content": "x"}) as answer:
            seen.append((answer.headers["X-RateLimit-Bucket"], answer.headers["X-RateLimit-Remaining"]))
    assert seen[0] == seen[1]


async def test_a_requested_429_reports_an_empty_bucket(bot, path):
    await bot.control("faults", route="/channels/*", status=429, retry_after=0.25)
    headers = {"Authorization": f"Bot {bot.discord.token}"}
    async with bot.http.post(bot.discord.api_url + path, headers=headers, json={"content": "x"}) as answer:
        told = answer.headers
        assert (told["X-RateLimit-Remaining"], told["X-RateLimit-Reset-After"], told["Retry-After"]) == (
            "0",
            "0.250",
            "1",
        )
