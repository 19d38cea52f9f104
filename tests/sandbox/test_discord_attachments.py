"""Files of messages: where the real service tells of them, which an edit keeps, and how their links are renewed."""

from __future__ import annotations

import pytest

from tests.support.pictures import png

V2 = 1 << 15
PICTURE = png(3, 5)


def gallery(*names):
    return {"type": 12, "items": [{"media": {"url": f"attachment://{name}"}} for name in names]}


def shown(message):
    """The media of the message's first gallery."""
    return [item["media"] for item in message["components"][0]["items"]]


@pytest.fixture
def path(bot):
    return f"/channels/{bot.channel('general')}/messages"


async def post(bot, path, *names, **body):
    body = {"flags": V2, "components": [gallery(*names)]} | body
    status, message = await bot.call("POST", path, json=body, files=[(name, PICTURE) for name in names])
    assert status == 200, message
    return message


async def test_files_shown_by_components_are_listed_only_there(bot, path):
    file = {"type": 13, "file": {"url": "attachment://notes.txt"}}
    thumbnail = {"type": 11, "media": {"url": "attachment://small.png"}}
    section = {"type": 9, "components": [{"type": 10, "content": "x"}], "accessory": thumbnail}
    files = [("a.png", PICTURE), ("notes.txt", b"words"), ("small.png", PICTURE)]
    body = {"flags": V2, "components": [gallery("a.png"), file, section]}
    _, said = await bot.call("POST", path, json=body, files=files)
    assert said["attachments"] == []
    (media,), drawn, accessory = shown(said), said["components"][1], said["components"][2]["accessory"]
    told = {key: media[key] for key in ("width", "height", "content_type")}
    assert told == {"width": 3, "height": 5, "content_type": "image/png"}
    assert media["attachment_id"] == media["id"]
    assert (drawn["name"], drawn["size"], drawn["file"]["attachment_id"]) == ("notes.txt", 5, drawn["file"]["id"])
    assert (accessory["media"]["width"], "attachment_id" in accessory["media"]) == (3, True)


async def test_a_file_that_nothing_shows_is_listed(bot, path):
    body = {"flags": V2, "components": [gallery("a.png")]}
    _, said = await bot.call("POST", path, json=body, files=[("a.png", PICTURE), ("b.png", PICTURE)])
    assert [one["filename"] for one in said["attachments"]] == ["b.png"]


async def test_files_shown_by_components_can_be_listed_as_attachments_too(bot, path):
    await bot.discord_setting(hide_attachments=False)
    said = await post(bot, path, "a.png")
    assert [one["id"] for one in said["attachments"]] == [shown(said)[0]["attachment_id"]]


async def test_files_shown_by_components_are_left_out_everywhere(bot, path):
    button = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
    said = await post(bot, path, "a.png", components=[gallery("a.png"), button])
    await bot.control("press", user="ada", message=said["id"], button="Go")
    pressed = list(bot.discord.state.interactions.values())[-1].data["message"]
    _, fetched = await bot.call("GET", f"{path}/{said['id']}")
    reference = {"type": 1, "channel_id": said["channel_id"], "message_id": said["id"]}
    _, forwarded = await bot.call("POST", path, json={"message_reference": reference})
    _, reply = await bot.call("POST", path, json={"content": "x", "message_reference": {"message_id": said["id"]}})
    told = [pressed, fetched, forwarded["message_snapshots"][0]["message"], reply["referenced_message"]]
    assert [(one["attachments"], len(shown(one))) for one in told] == [([], 1)] * 4


async def test_the_control_api_knows_every_file(bot, path):
    said = await post(bot, path, "a.png")
    known = await bot.look(f"messages/{said['id']}")
    files = [known["message"]["files"], known["history"][-1]["message"]["files"]]
    assert [[one["filename"] for one in each] for each in files] == [["a.png"], ["a.png"]]


async def test_an_edit_keeps_a_named_file_even_if_it_was_not_listed(bot, path):
    said = await post(bot, path, "a.png", "b.png")
    kept = {"id": shown(said)[1]["attachment_id"], "filename": "b.png"}
    body = {"components": [gallery("b.png", "c.png")], "attachments": [kept, {"id": 0, "filename": "c.png"}]}
    status, edited = await bot.call("PATCH", f"{path}/{said['id']}", json=body, files=[("c.png", PICTURE)])
    assert (status, shown(edited)[0]["attachment_id"], edited["attachments"]) == (200, kept["id"], [])
    known = await bot.look(f"messages/{said['id']}")
    assert [one["filename"] for one in known["message"]["files"]] == ["b.png", "c.png"]


async def test_an_edit_that_shows_a_dropped_file_is_refused(bot, path):
    said = await post(bot, path, "a.png")
    new, unnamed = [{"id": 0, "filename": "c.png"}], [{"id": shown(said)[0]["attachment_id"]}]
    for listed, files in ((new, [("c.png", PICTURE)]), (unnamed, []), ([], [])):
        body = {"components": [gallery("a.png")], "attachments": listed}
        options = {"files": files} if files else {}
        status, refused = await bot.call("PATCH", f"{path}/{said['id']}", json=body, **options)
        assert (status, refused["code"]) == (400, 50035)
    assert shown((await bot.call("GET", f"{path}/{said['id']}"))[1])[0]["attachment_id"] == unnamed[0]["id"]


async def test_an_edit_that_shows_an_unlisted_upload_is_refused_unless_allowed(bot, path):
    said = await post(bot, path, "a.png")
    body, files = {"components": [gallery("c.png")]}, [("c.png", PICTURE)]
    status, refused = await bot.call("PATCH", f"{path}/{said['id']}", json=body, files=files)
    (problem,) = refused["errors"]["components"]["0"]["items"]["0"]["media"]["url"]["_errors"]
    assert (status, problem["code"]) == (400, "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND")
    await bot.discord_setting(unlisted_uploads=True)
    assert (await bot.call("PATCH", f"{path}/{said['id']}", json=body, files=files))[0] == 200
    known = await bot.look(f"messages/{said['id']}")
    assert [one["filename"] for one in known["message"]["files"]] == ["c.png"]


async def test_an_edit_takes_only_the_uploads_that_it_lists(bot, path):
    _, said = await bot.call("POST", path, json={"content": "x"})
    files = [("a.png", PICTURE), ("b.png", PICTURE)]
    _, edited = await bot.call("PATCH", f"{path}/{said['id']}", json={"attachments": [{"id": 1}]}, files=files)
    assert [one["filename"] for one in edited["attachments"]] == ["b.png"]


async def test_a_kept_file_can_get_a_new_description(bot, path):
    _, said = await bot.call("POST", path, json={"content": "x"}, files=[("a.png", PICTURE)])
    body = {"attachments": [{"id": said["attachments"][0]["id"], "description": "a fox"}]}
    _, edited = await bot.call("PATCH", f"{path}/{said['id']}", json=body)
    assert [one["description"] for one in edited["attachments"]] == ["a fox"]


async def test_expired_links_are_renewed_by_fetching_the_message(bot, path):
    await bot.discord_setting(link_life=0)
    said = await post(bot, path, "a.png")
    await bot.discord_setting(link_life=3600)
    _, renewed = await bot.call("GET", f"{path}/{said['id']}")
    statuses = []
    for message in (said, renewed):
        for link in (shown(message)[0]["url"], shown(message)[0]["proxy_url"]):
            async with bot.http.get(link) as answer:
                statuses.append(answer.status)
    assert statuses == [404, 404, 200, 200]


# --- nonces ---------------------------------------------------------------------------------------------------------


async def test_a_repeated_nonce_returns_its_authors_message_from_any_channel(bot, path):
    body = {"content": "once", "nonce": "7", "enforce_nonce": True}
    _, first = await bot.call("POST", path, json=body)
    for where in (path, f"/channels/{bot.channel('gallery')}/messages"):
        _, again = await bot.call("POST", where, json=body | {"content": "twice"})
        assert (again["id"], again["content"]) == (first["id"], "once")


async def test_a_deleted_messages_nonce_stays_taken(bot, path):
    body = {"content": "once", "nonce": "7", "enforce_nonce": True}
    _, first = await bot.call("POST", path, json=body)
    await bot.call("DELETE", f"{path}/{first['id']}")
    status, refused = await bot.call("POST", path, json=body)
    assert (status, refused["code"]) == (404, 10008)


async def test_a_nonce_expires_after_a_while(bot, path):
    await bot.discord_setting(nonce_life=0)
    body = {"content": "once", "nonce": "7", "enforce_nonce": True}
    posted = {(await bot.call("POST", path, json=body))[1]["id"] for _ in range(2)}
    assert len(posted) == 2
