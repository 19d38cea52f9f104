"""Which files are taken, how large a request may be, and links of files that are renewed."""

from __future__ import annotations

import base64

import pytest

from tests.support.pictures import png

PHOTO = {"name": "fox.PNG", "data": base64.b64encode(png(8, 8)).decode()}
NOTES = {"name": "notes.txt", "data": base64.b64encode(b"words").decode()}
NAMELESS = {"name": "fox", "data": PHOTO["data"]}


async def registered(bot, **option):
    reference = {"type": 11, "name": "reference", "description": "A picture"} | option
    command = {"name": "look", "description": "Look", "options": [reference]}
    return await bot.call("POST", f"/applications/{bot.id}/commands", json=command)


async def looks(bot, file):
    return await bot.control("command", user="ada", channel="general", name="look", attachments={"reference": file})


async def uploads(bot, file, **component):
    """A member sends a modal with this file in its upload."""
    interaction = await bot.asked()
    upload = {"type": 19, "custom_id": "files", **component}
    data = {"title": "Files", "custom_id": "m", "components": [{"type": 18, "label": "Files", "component": upload}]}
    assert (await bot.respond(interaction, {"type": 9, "data": data}))[0] == 200
    return await bot.control("modal", user="ada", interaction=interaction.id, attachments={"files": [file]})


# --- file types -----------------------------------------------------------------------------------------------------


async def test_an_option_keeps_its_file_types_in_lower_case(bot):
    status, command = await registered(bot, file_types=["image", ".PDF"])
    assert (status, command["options"][0]["file_types"]) == (201, ["image", ".pdf"])


@pytest.mark.parametrize("wrong", ["images", "pdf", ".", 7, ".p df"])
async def test_a_file_type_is_a_group_or_an_extension(bot, wrong):
    status, refused = await registered(bot, file_types=["image", wrong])
    assert (status, refused["code"]) == (400, 50035)
    assert list(refused["errors"]["options"]["0"]["file_types"]) == ["1"]
    interaction = await bot.asked()
    upload = {"type": 19, "custom_id": "files", "file_types": [wrong]}
    data = {"title": "Files", "custom_id": "m", "components": [{"type": 18, "label": "Files", "component": upload}]}
    assert (await bot.respond(interaction, {"type": 9, "data": data}))[1]["code"] == 50035


async def test_at_most_ten_file_types_are_accepted(bot):
    assert (await registered(bot, file_types=["image"] * 11))[0] == 400


@pytest.mark.parametrize(
    ("file_types", "file", "taken"),
    [
        (["image"], PHOTO, True),
        (["image"], NOTES, False),
        (["image"], NAMELESS, False),
        ([".txt", "video"], NOTES, True),
        (["audio"], PHOTO, False),
        ([], NOTES, True),
        (None, NOTES, True),
    ],
)
async def test_a_members_client_accepts_only_files_of_these_types(bot, file_types, file, taken):
    await registered(bot, file_types=file_types)
    for answered in (await looks(bot, file), await uploads(bot, file, file_types=file_types)):
        assert ("error" not in answered) is taken
        if not taken:
            assert f"{file['name']}: only {', '.join(file_types)} files are allowed." in answered["error"]


async def test_file_types_are_checked_by_name_only(bot):
    await registered(bot, file_types=["image"])
    disguised = NOTES | {"name": "notes.png"}
    assert "error" not in await looks(bot, disguised)


# --- the size of a request ------------------------------------------------------------------------------------------


async def test_a_request_has_at_most_25_mebibytes(bot):
    path = f"/channels/{bot.channel('general')}/messages"
    files = [(f"{number}.bin", bytes(9 * 2**20)) for number in range(3)]
    status, refused = await bot.call("POST", path, json={"content": "x"}, files=files)
    assert (status, refused["code"]) == (413, 40005)
    assert (await bot.call("POST", path, json={"content": "x"}, files=files[:2]))[0] == 200
    await bot.discord_setting(request_limit=100 * 2**20)
    assert (await bot.call("POST", path, json={"content": "x"}, files=files))[0] == 200


async def test_a_request_without_a_content_length_is_counted(bot):
    await bot.discord_setting(request_limit=1000)
    interaction = await bot.asked()

    async def body():
        for part in ('name="payload_json"\r\n\r\n{"type": 4, "data": {}}', 'name="files[0]"; filename="a"\r\n\r\n'):
            yield f"--x\r\nContent-Disposition: form-data; {part}\r\n".encode()
        yield bytes(2000) + b"\r\n--x--\r\n"

    url = f"{bot.discord.api_url}/interactions/{interaction.id}/{interaction.token}/callback"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with bot.http.post(url, data=body(), headers=headers) as answer:
        assert (answer.status, (await answer.json())["code"]) == (413, 40005)


# --- links ----------------------------------------------------------------------------------------------------------


async def test_links_can_be_renewed_without_their_messages(bot):
    await bot.discord_setting(link_life=0)
    said = await bot.made("message", user="ada", channel="general", attachments=[PHOTO])
    dead = said["attachments"][0]["url"]
    await bot.discord_setting(link_life=60)
    urls = [dead, dead.partition("?")[0], "https://example.org/fox.png"]
    status, found = await bot.call("POST", "/attachments/refresh-urls", json={"attachment_urls": urls})
    assert (status, [one["original"] for one in found["refreshed_urls"]]) == (200, urls)
    *renewed, unknown = [one["refreshed"] for one in found["refreshed_urls"]]
    for url in renewed:
        async with bot.http.get(url) as answer:
            assert await answer.read() == png(8, 8)
    async with bot.http.get(dead) as answer:
        assert answer.status == 404
    assert unknown is None


@pytest.mark.parametrize("wrong", [{}, {"attachment_urls": []}, {"attachment_urls": "x"}, {"attachment_urls": [1]}, []])
async def test_links_to_renew_must_be_a_list(bot, wrong):
    assert (await bot.call("POST", "/attachments/refresh-urls", json=wrong))[0] == 400
    many = {"attachment_urls": ["https://example.org"] * 51}
    assert (await bot.call("POST", "/attachments/refresh-urls", json=many))[0] == 400


async def test_only_the_bot_can_renew_links(bot):
    assert (await bot.call("POST", "/attachments/refresh-urls", token="x", json={"attachment_urls": ["x"]}))[0] == 401
