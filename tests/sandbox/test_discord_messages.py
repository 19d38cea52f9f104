"""Messages of every kind, as the local Discord sends them to a bot that may read what is in them."""

from __future__ import annotations

import base64
import io
import json
import re

import pytest
from PIL import Image

from tests.support.pictures import png

CONTENT = 1 | 1 << 9 | 1 << 12 | 1 << 15
NOTHING_SAID = {"content": "", "embeds": [], "attachments": [], "components": []}


def encoded(data, name="file.png"):
    return {"name": name, "data": base64.b64encode(data).decode()}


def unsigned(message):
    """A message as JSON without the signatures of its links, which each answer gives anew."""
    return json.loads(re.sub(r"\?ex=[^\"]*", "", json.dumps(message)))


@pytest.fixture
async def said(bot):
    """Says something as ada in #general; what the bot is sent of it, and reads."""
    await bot.discord_setting(message_content=True, identify_interval=0)
    ear = await bot.hears(intents=CONTENT)

    async def sent(path="message", **body):
        await bot.made(path, **{"user": "ada", "channel": "general"} | body)
        event = await ear.event("MESSAGE_CREATE")
        _, read = await bot.call("GET", f"/channels/{event['channel_id']}/messages/{event['id']}")
        assert unsigned(event).items() >= unsigned(read).items()
        return event

    return sent


async def fetched(bot, path):
    async with bot.http.get(bot.discord.cdn_url + path) as answer:
        return answer.status, answer.content_type, await answer.read()


# --- stickers and emoji ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "number", "extension", "kind"),
    [
        ("fox-png", 1, "png", "image/png"),
        ("fox-apng", 2, "png", "image/png"),
        ("fox-lottie", 3, "json", "application/json"),
        ("fox-gif", 4, "gif", "image/gif"),
    ],
)
async def test_a_sticker_is_named_in_its_message_and_served_in_its_own_format(bot, said, name, number, extension, kind):
    event = await said(stickers=[name])
    (item,) = event["sticker_items"]
    assert (item["name"], item["format_type"], event["content"]) == (name, number, "")
    status, served, file = await fetched(bot, f"/stickers/{item['id']}.{extension}")
    assert (status, served) == (200, kind)
    if extension != "json":
        picture = Image.open(io.BytesIO(file))
        assert picture.size == (320, 320)
        assert getattr(picture, "n_frames", 1) == (1 if number == 1 else 3)
    others = {"png", "gif", "json", "webp"} - {extension}
    assert {(await fetched(bot, f"/stickers/{item['id']}.{other}"))[0] for other in others} == {404}


async def test_a_server_can_get_another_sticker_with_its_own_file(bot, said):
    ear = await bot.hears(intents=1 | 1 << 3)
    made = await bot.made("sticker", guild="Studio", name="mine", format="png", file=encoded(png(40, 30)))
    assert (await ear.event("GUILD_STICKERS_UPDATE"))["stickers"][-1] == made
    assert (await said(stickers=["mine"]))["sticker_items"][0]["id"] == made["id"]
    assert (await fetched(bot, f"/stickers/{made['id']}.png"))[2] == png(40, 30)
    assert (await bot.call("GET", f"/stickers/{made['id']}"))[1] == made
    guild = bot.discord.state.world.guild("Studio").id
    assert made in (await bot.call("GET", f"/guilds/{guild}/stickers"))[1]
    assert (await bot.call("GET", "/stickers/1"))[1]["code"] == 10060


async def test_a_bot_can_send_existing_stickers_only(bot):
    sticker = bot.discord.state.world.sticker("fox-png")["id"]
    path = f"/channels/{bot.channel('general')}/messages"
    _, sent = await bot.call("POST", path, json={"sticker_ids": [sticker]})
    assert sent["sticker_items"] == [{"id": sticker, "name": "fox-png", "format_type": 1}]
    status, refused = await bot.call("POST", path, json={"sticker_ids": ["1"]})
    assert (status, refused["code"]) == (400, 50081)


@pytest.mark.parametrize(
    ("name", "extension", "expected"),
    [
        ("fox", "png", (200, "image/png", 1)),
        ("fox", "webp", (200, "image/webp", 1)),
        ("fox", "jpg", (200, "image/jpeg", 1)),
        ("fox", "gif", 415),
        ("running_fox", "gif", (200, "image/gif", 3)),
        ("running_fox", "png", (200, "image/png", 1)),
        ("running_fox", "webp?animated=true", (200, "image/webp", 3)),
        ("running_fox", "webp", (200, "image/webp", 1)),
        ("running_fox", "svg", 404),
    ],
)
async def test_an_emoji_is_served_in_each_of_its_formats(bot, name, extension, expected):
    guild = bot.discord.state.world.guild("Studio")
    identity = next(one["id"] for one in guild.data["emojis"] if one["name"] == name)
    status, kind, file = await fetched(bot, f"/emojis/{identity}.{extension}")
    if status != 200:
        assert status == expected
    else:
        assert (status, kind, getattr(Image.open(io.BytesIO(file)), "n_frames", 1)) == expected


async def test_members_can_use_an_emoji_that_was_added_to_a_server(bot, said):
    ear = await bot.hears(intents=1 | 1 << 3)
    made = await bot.made("emoji", guild="Studio", name="mine", file=encoded(png(40, 30)))
    assert (await ear.event("GUILD_EMOJIS_UPDATE"))["emojis"][-1] == made
    written = f"<:mine:{made['id']}>"
    assert (await said(content=written))["content"] == written
    assert (await fetched(bot, f"/emojis/{made['id']}.png"))[2] == png(40, 30)
    assert made in (await bot.call("GET", f"/guilds/{bot.discord.state.world.guild('Studio').id}/emojis"))[1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("sticker", {"guild": "Studio", "name": "x", "format": "bmp"}),
        ("sticker", {"guild": "Nowhere", "name": "x"}),
        ("emoji", {"guild": "Studio"}),
        ("message", {"stickers": ["no such sticker"]}),
        ("message", {"voice": True, "content": "words"}),
        ("link", {"url": "https://example.org", "type": "gifv"}),
        ("link", {"url": "ftp://example.org", "type": "image", "file": encoded(b"x")}),
    ],
)
async def test_invalid_input_is_refused_by_the_members_client(bot, path, body):
    assert "error" in await bot.control(path, **{"user": "ada", "channel": "general"} | body)


# --- polls, voice messages, videos ----------------------------------------------------------------------------------


async def test_a_poll_is_open_for_so_many_hours_and_nobody_has_voted(said):
    event = await said(poll={"question": "Which?", "answers": ["a fox", "a bear"], "hours": 2, "multiple": True})
    assert {key: event[key] for key in NOTHING_SAID} == NOTHING_SAID
    poll = event["poll"]
    assert (poll["question"], poll["allow_multiselect"], poll["layout_type"]) == ({"text": "Which?"}, True, 1)
    assert [(one["answer_id"], one["poll_media"]["text"]) for one in poll["answers"]] == [(1, "a fox"), (2, "a bear")]
    assert poll["results"] == {"is_finalized": False, "answer_counts": []}
    assert poll["expiry"] > event["timestamp"]


async def test_a_poll_needs_answers(bot):
    refused = await bot.control("message", user="ada", channel="general", poll={"question": "Which?", "answers": []})
    assert "error" in refused


async def test_a_voice_message_is_one_recording_with_its_waveform(said):
    event = await said(voice=True)
    (recording,) = event["attachments"]
    assert (event["flags"], event["content"]) == (1 << 13, "")
    assert (recording["filename"], recording["content_type"]) == ("voice-message.ogg", "audio/ogg")
    assert recording["duration_secs"] > 0
    assert base64.b64decode(recording["waveform"])


async def test_a_video_has_a_size_and_is_not_a_picture(said):
    event = await said(attachments=[encoded(b"\0\0\0\x18ftypmp42", "clip.mp4"), encoded(b"words", "notes.txt")])
    clip, notes = event["attachments"]
    assert (clip["content_type"], clip["width"] > 0, clip["height"] > 0) == ("video/mp4", True, True)
    assert (notes["content_type"], "width" in notes) == ("text/plain", False)


DESCRIBED = {
    "photo.png": ("PNG", "image/png", True),
    "photo.avif": ("AVIF", "image/avif", True),
    "notes.txt": ("PNG", "text/plain", False),
    "photo": ("PNG", None, False),
    "scan.tif": ("TIFF", "image/tiff", False),
    "old.bmp": ("BMP", "image/bmp", False),
    "wrong.heic": ("TIFF", "image/heic", False),
}


@pytest.mark.parametrize("name", DESCRIBED)
async def test_a_files_type_comes_from_its_name_and_only_what_is_shown_has_sides(said, name):
    form, kind, has_sides = DESCRIBED[name]
    file = io.BytesIO()
    Image.new("RGB", (64, 48)).save(file, form)
    (attachment,) = (await said(attachments=[encoded(file.getvalue(), name)]))["attachments"]
    assert attachment.get("content_type") == kind
    assert (attachment.get("width"), attachment.get("height")) == ((64, 48) if has_sides else (None, None))


# --- links ----------------------------------------------------------------------------------------------------------


async def test_a_gif_of_tenor_is_a_video_with_a_still(bot, said):
    url = "https://tenor.com/view/running-fox-gif-123"
    event = await said(content=f"look {url}")
    (embed,) = event["embeds"]
    assert (embed["type"], embed["url"], embed["provider"]["name"]) == ("gifv", url, "Tenor")
    assert embed["thumbnail"]["url"].startswith("https://media.tenor.com/")
    still = embed["thumbnail"]["proxy_url"].removeprefix(bot.discord.url)
    status, kind, file = await fetched(bot, still)
    assert (status, kind) == (200, "image/png")
    assert Image.open(io.BytesIO(file)).size == (embed["thumbnail"]["width"], embed["thumbnail"]["height"])
    assert embed["video"]["content_type"] == "video/mp4"
    assert embed["video"]["width"] == embed["thumbnail"]["width"]


@pytest.mark.parametrize("kind", ["image", "video", "article", "gifv"])
async def test_a_link_shows_the_preview_that_was_defined_for_it(bot, said, kind):
    url = "https://example.org/fox.png"
    made = await bot.made("link", url=url, type=kind, file=encoded(png(64, 48)), title="A fox")
    event = await said(content=f"{url}, <https://example.org/fox.png?hidden> and https://unknown.example/")
    assert event["embeds"] == [made]
    assert (made["type"], made["url"], made["title"]) == (kind, url, "A fox")
    assert (made["thumbnail"]["width"], made["thumbnail"]["height"]) == (64, 48)
    assert ("video" in made, "provider" in made) == (kind in {"gifv", "video"}, kind != "image")
    assert (await fetched(bot, made["thumbnail"]["proxy_url"].removeprefix(bot.discord.url)))[2] == png(64, 48)


async def test_a_link_in_angle_brackets_shows_nothing(said):
    assert (await said(content="<https://tenor.com/view/fox-1>"))["embeds"] == []


async def test_a_link_to_an_uploaded_picture_shows_it(bot, said):
    uploaded = (await said(attachments=[encoded(png(64, 48), "fox.png")]))["attachments"][0]
    (embed,) = (await said(content=uploaded["url"]))["embeds"]
    assert (embed["type"], embed["thumbnail"]["width"]) == ("image", 64)


async def test_a_links_preview_can_come_later_in_an_update(bot, said):
    await bot.discord_setting(media_delay=0.1)
    ear = await bot.hears(intents=CONTENT)
    event = await said(content="https://tenor.com/view/fox-1")
    assert event["embeds"] == []
    changed = await ear.event("MESSAGE_UPDATE")
    assert (changed["id"], changed["embeds"][0]["type"], changed["edited_timestamp"]) == (event["id"], "gifv", None)


async def test_links_follow_an_edit_of_the_text_and_can_be_suppressed(bot):
    path = f"/channels/{bot.channel('general')}/messages"
    _, sent = await bot.call(
        "POST", path, json={"content": "https://tenor.com/view/a-1", "embeds": [{"title": "mine"}]}
    )
    assert [one["type"] for one in sent["embeds"]] == ["rich", "gifv"]
    _, edited = await bot.call("PATCH", f"{path}/{sent['id']}", json={"content": "no link"})
    assert [one["type"] for one in edited["embeds"]] == ["rich"]
    _, quiet = await bot.call("POST", path, json={"content": "https://tenor.com/view/a-1", "flags": 4})
    assert quiet["embeds"] == []


# --- messages that refer to others ----------------------------------------------------------------------------------


async def test_a_forward_has_a_snapshot_and_no_content_of_its_own(said):
    original = await said(content="look", attachments=[encoded(png(64, 48), "fox.png")], stickers=["fox-png"])
    event = await said(forward=original["id"])
    assert {key: event[key] for key in NOTHING_SAID} == NOTHING_SAID
    assert (event["type"], event["flags"] & 1 << 14) == (0, 1 << 14)
    reference = {key: original[key] for key in ("channel_id", "guild_id")} | {"type": 1, "message_id": original["id"]}
    assert event["message_reference"] == reference
    (snapshot,) = event["message_snapshots"]
    inner = snapshot["message"]
    assert (inner["content"], inner["attachments"][0]["filename"]) == ("look", "fox.png")
    assert inner["sticker_items"] == original["sticker_items"]
    assert not {"author", "id", "channel_id"} & inner.keys()
    again = await said(forward=event["id"])
    assert [one["message"]["content"] for one in again["message_snapshots"]] == ["look"]


async def test_a_snapshot_stays_as_it_was(bot, said):
    original = await said(content="look")
    event = await said(forward=original["id"])
    await bot.made("delete-message", message=original["id"])
    _, read = await bot.call("GET", f"/channels/{event['channel_id']}/messages/{event['id']}")
    assert read["message_snapshots"][0]["message"]["content"] == "look"


async def test_polls_and_system_messages_are_not_forwarded(bot, said):
    poll = await said(poll={"question": "Which?", "answers": ["a fox"]})
    pinned = await said("pin", message=poll["id"])
    path = f"/channels/{bot.channel('gallery')}/messages"
    for one in (poll, pinned):
        assert "error" in await bot.control("message", user="ada", channel="general", forward=one["id"])
        reference = {"type": 1, "channel_id": one["channel_id"], "message_id": one["id"]}
        assert (await bot.call("POST", path, json={"message_reference": reference}))[0] == 400


async def test_an_announcement_is_published_in_a_channel_that_follows(bot, said):
    news = await bot.made("channel", guild="Workshop", name="news", type="announcement")
    original = await said(channel=news["id"], content="look", attachments=[encoded(png(64, 48), "fox.png")])
    ear = await bot.hears(intents=CONTENT)
    event = await said("crosspost", message=original["id"])
    assert (event["content"], event["flags"], event["type"]) == ("look", 1 << 1, 0)
    assert event["attachments"][0]["id"] == original["attachments"][0]["id"]
    assert event["webhook_id"] == event["author"]["id"]
    assert event["author"]["username"] == "Workshop #news"
    reference = {key: original[key] for key in ("channel_id", "guild_id")} | {"type": 0, "message_id": original["id"]}
    assert event["message_reference"] == reference
    assert event["guild_id"] != original["guild_id"]
    assert "referenced_message" not in event
    assert (await ear.event("MESSAGE_UPDATE"))["flags"] == 1 << 0
    assert "error" in await bot.control("crosspost", message=event["id"], channel="general")


async def test_a_pin_is_announced_by_a_system_message(bot, said):
    ear = await bot.hears(intents=CONTENT)
    original = await said(content="look")
    event = await said("pin", user="ben", message=original["id"])
    assert (event["type"], event["content"], event["author"]["username"]) == (6, "", "ben")
    reference = {key: original[key] for key in ("channel_id", "guild_id")} | {"type": 0, "message_id": original["id"]}
    assert event["message_reference"] == reference
    assert "referenced_message" not in event
    assert (await ear.event("MESSAGE_UPDATE"))["pinned"] is True
    assert (await ear.event("CHANNEL_PINS_UPDATE"))["channel_id"] == event["channel_id"]


@pytest.mark.parametrize(("reference", "found"), [("loaded", "look"), ("deleted", None), ("absent", "no field")])
async def test_the_original_of_a_reply_is_loaded_deleted_or_absent(said, reference, found):
    original = await said(content="look")
    event = await said(content="oh", reply_to=original["id"], reference=reference)
    assert (event["type"], event["message_reference"]["message_id"]) == (19, original["id"])
    replied = event.get("referenced_message", {"content": "no field"})
    assert (replied and replied["content"]) == found


async def test_a_thread_is_announced_by_a_system_message_and_begins_by_pointing_to_its_message(bot, said):
    event = await said("thread", name="sketches")
    assert (event["type"], event["content"]) == (18, "sketches")
    assert event["message_reference"].keys() == {"type", "channel_id", "guild_id"}
    original = await said(content="look")
    started = await said("thread", name="about it", message=original["id"])
    assert (started["type"], started["content"], started["channel_id"]) == (21, "", original["id"])
    assert started["referenced_message"]["content"] == "look"
    assert started["message_reference"]["message_id"] == original["id"]
