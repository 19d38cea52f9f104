"""The one function that finds the pictures of a message."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord.state import ConnectionState
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.message_images import MOST_PICTURES, links_in, of_attachment, pictures_in

CDN = "https://cdn.discordapp.com/attachments/1"


@pytest.fixture(scope="module")
def state():
    return ConnectionState(
        dispatch=lambda *_: None, handlers={}, hooks={}, http=None, intents=discord.Intents.none(), max_messages=None
    )


def attachment(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number), "filename": f"{number}.png", "size": 1, "content_type": "image/png",
        "width": 20, "height": 10, "url": f"{CDN}/{number}/{number}.png?ex=1",
        "proxy_url": f"{CDN}/{number}/{number}.png",
    } | changes  # fmt: skip


def media(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(number), "url": f"{CDN}/{number}/{number}.png?ex=2", "proxy_url": f"{CDN}/{number}/{number}.png",
        "width": 20, "height": 10, "content_type": "image/png", "attachment_id": str(number),
    } | changes  # fmt: skip


def gallery(*numbers: int) -> dict[str, Any]:
    return {"type": 12, "id": 1, "items": [{"media": media(number)} for number in numbers]}


def wire(**parts: Any) -> dict[str, Any]:
    return {
        "id": "7", "channel_id": "5", "author": {"id": "1", "username": "ada", "discriminator": "0", "avatar": None},
        "content": "", "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "tts": False,
        "mention_everyone": False, "mentions": [], "mention_roles": [], "attachments": [], "embeds": [],
        "components": [], "pinned": False, "type": 0, "flags": 0,
    } | parts  # fmt: skip


def message(state: ConnectionState, **parts: Any) -> discord.Message:
    channel = discord.PartialMessageable(state=state, id=5)
    return discord.Message(state=state, channel=channel, data=wire(**parts))


def names(state: ConnectionState, **parts: Any) -> list[str]:
    return [one.url.partition("?")[0].rpartition("/")[2] for one in pictures_in(message(state, **parts))]


def test_a_file_that_is_shown_as_such_counts_if_it_is_a_picture(state):
    files = [
        {
            "type": 13,
            "id": 9,
            "file": media(number, content_type=kind, width=None, height=None),
            "name": f"{number}.png",
            "size": 1,
        }
        for number, kind in ((1, "image/png"), (2, "application/zip"), (3, None))
    ]
    assert names(state, components=files) == ["1.png"]
    assert names(state, components=files[1:]) == ["2.png", "3.png"]


NO_SIDES = {"width": None, "height": None}
VOICE = {"content_type": "audio/ogg", "waveform": "AAAA", "duration_secs": 2.0}
# What Discord says of a file -> whether it may be no picture, and whether it has to be looked at.
JUDGED = {
    "a common picture": ({}, (False, False)),
    "parameters": ({"content_type": "image/png; charset=binary"}, (False, False)),
    "capitals": ({"content_type": "Image/PNG"}, (False, False)),
    "a common picture without sides": (NO_SIDES, (False, True)),
    "a rarer picture": ({"content_type": "image/heic"} | NO_SIDES, (False, True)),
    "a camera's": ({"content_type": "image/x-adobe-dng"}, (False, True)),
    "no certain picture": ({"content_type": "image/*"}, (False, True)),
    "sides without a type": ({"content_type": None}, (False, True)),
    "sides and any type": ({"content_type": "application/octet-stream"}, (False, True)),
    "nothing": ({"content_type": None} | NO_SIDES, (True, True)),
    "words": ({"content_type": "text/plain; charset=utf-8"} | NO_SIDES, (True, True)),
    "a video": ({"content_type": "Video/MP4"}, (True, True)),
}


@pytest.mark.parametrize(("said", "expected"), JUDGED.values(), ids=JUDGED)
def test_what_discord_says_of_a_file_decides_whether_it_is_looked_at(state, said, expected):
    (found,) = pictures_in(message(state, attachments=[attachment(1, **said)]))
    assert (found.doubtful, found.unseen) == expected


def test_other_files_count_only_where_there_is_no_picture_and_voice_messages_never(state):
    others = [attachment(2, content_type="text/plain", **NO_SIDES), attachment(3, content_type=None, **NO_SIDES)]
    assert names(state, attachments=[attachment(1), *others]) == ["1.png"]
    assert names(state, attachments=others) == ["2.png", "3.png"]
    assert names(state, attachments=[attachment(1, **VOICE | NO_SIDES)]) == []


def test_all_links_of_a_message_are_found_whatever_is_behind_them(state):
    files = [attachment(1), attachment(2, content_type="text/plain", **NO_SIDES)]
    assert [*links_in(message(state, attachments=files))] == [file["url"] for file in files]


def test_a_picture_knows_its_sides_and_the_message_it_lies_in(state):
    (found,) = pictures_in(message(state, attachments=[attachment(1)]))
    assert found.sides == (20, 10)
    assert (found.source.channel_id, found.source.message_id) == (5, 7)


def test_embeds_give_their_image_and_their_thumbnail_by_discords_proxy(state):
    proxy = "https://images-ext-1.discordapp.net/external/a.png"
    embed = {"type": "rich", "image": {"url": "https://example.com/a.png", "proxy_url": proxy, "width": 9, "height": 9}}
    thumbnail = {"type": "rich", "thumbnail": {"url": f"{CDN}/2/2.png"}}
    assert [one.url for one in pictures_in(message(state, embeds=[embed, thumbnail]))] == [proxy, f"{CDN}/2/2.png"]


def test_galleries_sections_and_thumbnails_are_found_however_deep(state):
    section = {
        "type": 9, "id": 2, "components": [{"type": 10, "id": 3, "content": "x"}],
        "accessory": {"type": 11, "id": 4, "media": media(3)},
    }  # fmt: skip
    container = {"type": 17, "id": 5, "components": [gallery(1, 2), section]}
    assert names(state, components=[container], flags=1 << 15) == ["1.png", "2.png", "3.png"]


def test_a_gallery_that_shows_the_attachments_does_not_double_them(state):
    parts = {"attachments": [attachment(1), attachment(2)], "components": [gallery(2, 1)], "flags": 1 << 15}
    assert names(state, **parts) == ["1.png", "2.png"]


def test_a_video_in_a_gallery_counts_only_where_there_is_no_picture(state):
    items = [{"media": media(1, content_type="video/mp4")}, {"media": media(2)}]
    for shown, expected in ((items, ["2.png"]), (items[:1], ["1.png"])):
        assert names(state, components=[{"type": 12, "id": 1, "items": shown}], flags=1 << 15) == expected


def test_what_a_message_forwards_is_found(state):
    snapshot = {
        "type": 0, "content": "", "attachments": [attachment(1)], "embeds": [], "components": [gallery(2)], "flags": 0,
        "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None, "mentions": [], "mention_roles": [],
    }  # fmt: skip
    reference = {"type": 1, "message_id": "6", "channel_id": "5"}
    assert names(state, message_snapshots=[{"message": snapshot}], message_reference=reference) == ["1.png", "2.png"]


@given(attached=st.lists(st.integers(1, 12), max_size=10), drawn=st.lists(st.integers(1, 40), max_size=10))
def test_each_picture_is_found_once_in_order_and_never_too_many(state, attached, drawn):
    found = names(state, attachments=[attachment(n) for n in attached], components=[gallery(*drawn)], flags=1 << 15)
    expected = list(dict.fromkeys(f"{number}.png" for number in [*attached, *drawn]))
    assert found == expected[:MOST_PICTURES]


# What a message may hold, and the numbers of the pictures in it in the order in which they are found.
numbers = st.integers(1, 30)
galleries = st.lists(numbers, min_size=1, max_size=4).map(lambda them: (gallery(*them), them))
texts = st.just(({"type": 10, "id": 1, "content": "x"}, []))
sections = numbers.map(
    lambda number: (
        {"type": 9, "id": 1, "components": [], "accessory": {"type": 11, "id": 2, "media": media(number)}},
        [number],
    )
)
buttons = st.just(({"type": 1, "id": 1, "components": [{"type": 2, "id": 2, "style": 2, "custom_id": "x"}]}, []))
unknown = st.just(({"type": 99, "id": 1}, []))
leaves = st.one_of(galleries, texts, sections, buttons, unknown)
containers = st.lists(leaves, max_size=4).map(
    lambda held: (
        {"type": 17, "id": 1, "components": [one for one, _ in held]},
        [number for _, them in held for number in them],
    )
)
embeds = st.tuples(st.none() | numbers, st.none() | numbers).map(
    lambda pair: (
        {"type": "rich"} | {
            name: {"url": f"{CDN}/{number}/{number}.png"}
            for name, number in zip(("image", "thumbnail"), pair, strict=True) if number
        },
        [number for number in pair if number],
    )
)  # fmt: skip
bodies = st.tuples(
    st.lists(numbers, max_size=4), st.lists(embeds, max_size=3), st.lists(leaves | containers, max_size=4)
)


def held(body: Any) -> tuple[dict[str, Any], list[int]]:
    attached, embedded, drawn = body
    found = [*attached, *(n for _, them in embedded for n in them), *(n for _, them in drawn for n in them)]
    parts = {"attachments": [attachment(n) for n in attached], "embeds": [one for one, _ in embedded]}
    return parts | {"components": [one for one, _ in drawn], "flags": 1 << 15}, found


@given(bodies, st.none() | bodies)
def test_wherever_pictures_sit_all_are_found_in_order_and_each_once(state, own, forwarded):
    parts, found = held(own)
    if forwarded is not None:
        snapshot, behind = held(forwarded)
        about = {"type": 0, "content": "", "timestamp": "2026-01-01T00:00:00+00:00", "edited_timestamp": None}
        parts["message_snapshots"] = [{"message": snapshot | about | {"mentions": [], "mention_roles": []}}]
        found += behind
    assert names(state, **parts) == [f"{number}.png" for number in dict.fromkeys(found)][:MOST_PICTURES]


def covered(state: ConnectionState, **parts: Any) -> list[bool]:
    return [one.spoiler for one in pictures_in(message(state, **parts))]


LINK = "https://example.com/1.png"
EMBED = {"type": "image", "url": LINK, "thumbnail": {"url": LINK, "proxy_url": f"{CDN}/1.png"}}
COVERED_ITEM = {"type": 12, "id": 1, "items": [{"media": media(1), "spoiler": True}]}


def section(**thumbnail: Any) -> dict[str, Any]:
    look = {"type": 11, "id": 3, "media": media(1)} | thumbnail
    return {"type": 9, "id": 2, "components": [{"type": 10, "id": 4, "content": "look"}], "accessory": look}


SPOILERS = {
    "a file's name": {"attachments": [attachment(1, filename="SPOILER_1.png")]},
    "a file's flag": {"attachments": [attachment(1, flags=1 << 3)]},
    "an item of a gallery": {"components": [COVERED_ITEM]},
    "a thumbnail": {"components": [section(spoiler=True)]},
    "a container": {"components": [{"type": 17, "id": 9, "components": [gallery(1)], "spoiler": True}]},
    "a link in the text": {"content": f"look: ||{LINK}||", "embeds": [EMBED]},
    "a link among words": {"content": f"||one\n{LINK} two|| three", "embeds": [EMBED]},
    "a link after a backslash": {"content": rf"\\||{LINK}||", "embeds": [EMBED]},
    "a link after code": {"content": f"`||` ||{LINK}||", "embeds": [EMBED]},
}
OPEN = {
    "a file": {"attachments": [attachment(1)]},
    "a gallery": {"components": [gallery(1)]},
    "a section": {"components": [section()]},
    "a link": {"content": LINK, "embeds": [EMBED]},
    "a link between spoilers": {"content": f"||a|| {LINK} ||b||", "embeds": [EMBED]},
    "a link in code": {"content": f"{LINK} `||{LINK}||`", "embeds": [EMBED]},
    "a link beside lone bars": {"content": f"|| {LINK}", "embeds": [EMBED]},
    "a link beside bars that are none": {"content": rf"\|| {LINK} ||", "embeds": [EMBED]},
}


@pytest.mark.parametrize("parts", SPOILERS.values(), ids=SPOILERS)
def test_what_is_covered_in_its_message_is_a_spoiler(state, parts):
    assert covered(state, **parts) == [True]


@pytest.mark.parametrize("parts", OPEN.values(), ids=OPEN)
def test_what_everybody_sees_is_none(state, parts):
    assert covered(state, **parts) == [False]


def test_a_picture_that_is_covered_in_one_place_is_covered(state):
    assert covered(state, attachments=[attachment(1), attachment(2)], components=[COVERED_ITEM]) == [True, False]


def test_a_forwarded_spoiler_is_one(state):
    snapshot = wire(attachments=[attachment(1, flags=1 << 3)])
    assert covered(state, message_snapshots=[{"message": snapshot}]) == [True]


def test_an_option_s_file_is_a_spoiler_by_its_name(state):
    data = attachment(1, filename="SPOILER_a.png")
    assert of_attachment(discord.Attachment(data=data, state=state)).spoiler


@given(content=st.text("|`\\ a\n", max_size=60), link=st.sampled_from([LINK, ""]))
def test_any_text_says_whether_its_link_is_covered(state, content, link):
    assert len(covered(state, content=content.replace("a", link), embeds=[EMBED])) == 1
    assert covered(state, content=f"{LINK} {content.replace('|', '')}", embeds=[EMBED]) == [False]


def test_hostile_bars_and_backticks_take_no_time(state):
    for hostile in ("`" * 4000, "||" * 2000, "`a" * 2000, "```a`" * 800, "||`" * 1300):
        assert len(covered(state, content=hostile, embeds=[EMBED])) == 1


def test_a_message_that_starts_a_thread_shows_what_it_was_started_from(state):
    original = wire(id="6", attachments=[attachment(1)])
    reference = {"type": 0, "channel_id": "5", "message_id": "6"}
    starter = message(state, id="8", type=21, message_reference=reference, referenced_message=original)
    assert pictures_in(starter) == pictures_in(message(state, **original))


# --- stickers, emoji and what moves -----------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _discords_own_cdn(monkeypatch):
    """Whatever a bot in this process was sent to."""
    monkeypatch.setattr(discord.Asset, "BASE", "https://cdn.discordapp.com")


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        (1, "https://cdn.discordapp.com/stickers/3.png"),
        (2, "https://cdn.discordapp.com/stickers/3.png"),
        (4, "https://media.discordapp.net/stickers/3.gif"),
    ],
)
def test_a_sticker_that_is_a_picture_counts(state, kind, url):
    sticker = {"id": "3", "name": "wave", "format_type": kind}
    assert [one.url for one in pictures_in(message(state, sticker_items=[sticker]))] == [url]


def test_a_sticker_that_is_a_lottie_drawing_does_not(state):
    assert pictures_in(message(state, sticker_items=[{"id": "3", "name": "wave", "format_type": 3}])) == []


def test_custom_emoji_count_where_there_is_no_other_picture(state):
    content = "<:fox:12> look <a:dance:13> 🦊"
    found = [one.url for one in pictures_in(message(state, content=content))]
    assert found == ["https://cdn.discordapp.com/emojis/12.png", "https://cdn.discordapp.com/emojis/13.png"]
    assert names(state, content=content, attachments=[attachment(1)]) == ["1.png"]
    assert pictures_in(message(state, content=content), emoji=False) == []


def test_of_a_gif_services_link_the_still_is_taken_and_marked_as_one(state):
    embed = {"type": "gifv", "url": "https://tenor.com/view/fox", "thumbnail": {"url": f"{CDN}/4/4.png"}}
    assert [one.still for one in pictures_in(message(state, embeds=[embed]))] == [True]
    assert [one.still for one in pictures_in(message(state, attachments=[attachment(1)]))] == [False]


def test_pictures_are_numbered_from_one(state):
    found = pictures_in(message(state, attachments=[attachment(1), attachment(2)], components=[gallery(3)]))
    assert [one.number for one in found] == [1, 2, 3]
