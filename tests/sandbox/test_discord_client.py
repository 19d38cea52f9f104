"""What a member's own client does with every kind of command, option, select and field, and what it refuses."""

from __future__ import annotations

import asyncio
import base64

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from tests.support.witness import Witness

COMMANDS = [
    {
        "name": "quota",
        "description": "Quotas",
        "options": [
            {
                "type": 1,
                "name": "set",
                "description": "Set one",
                "options": [
                    {"type": 6, "name": "member", "description": "Who"},
                    {"type": 8, "name": "role", "description": "Which"},
                    {"type": 9, "name": "anyone", "description": "Either"},
                    {"type": 7, "name": "channel", "description": "Where", "channel_types": [0]},
                    {"type": 3, "name": "unit", "description": "What", "autocomplete": True},
                ],
            },
            {
                "type": 2,
                "name": "log",
                "description": "The log",
                "options": [{"type": 1, "name": "clear", "description": "Clear it", "options": []}],
            },
        ],
    },
    {"name": "Edit image", "type": 3},
    {"name": "Wave at", "type": 2},
]
SELECT = {"type": 3, "custom_id": "one", "options": [{"label": "A", "value": "a"}, {"label": "B", "value": "b"}]}
USERS = {"type": 5, "custom_id": "users", "max_values": 2}


def label(text, component):
    return {"type": 18, "label": text, "component": component}


MODAL = {
    "custom_id": "edit",
    "title": "Edit",
    "components": [
        label("Words", {"type": 4, "custom_id": "words", "style": 2, "max_length": 10, "value": "as it was"}),
        label("Which", SELECT | {"custom_id": "which"}),
        label("Files", {"type": 19, "custom_id": "files", "required": False, "min_values": 0, "max_values": 2}),
        label("One", {"type": 21, "custom_id": "radio", "required": False, "options": SELECT["options"]}),
        label("Sure", {"type": 23, "custom_id": "sure"}),
    ],
}
ADA = {"user": "ada", "channel": "general"}


class World:
    def __init__(self, discord, http):
        self.discord = discord
        self.state = discord.state
        self.http = http

    async def control(self, path, **body):
        async with self.http.post(f"{self.discord.url}/control/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def interaction(self, path, **body):
        """What the bot is told of what a member did."""
        status, found = await self.control(path, **body)
        assert status == 200, found
        return self.state.find_interaction(found["interaction"]).data

    async def refusal(self, path, **body):
        before = len(self.state.interactions)
        status, found = await self.control(path, **body)
        assert status == 400
        assert len(self.state.interactions) == before
        return found["error"]

    async def bot(self, method, path, body):
        headers = {"Authorization": f"Bot {self.discord.token}"}
        async with self.http.request(method, self.discord.api_url + path, headers=headers, json=body) as answer:
            assert answer.status in {200, 204}, await answer.text()
            return await answer.json() if answer.status == 200 else None

    async def says(self, **message):
        return await self.bot("POST", f"/channels/{self.state.world.channel('general')['id']}/messages", message)

    async def opens(self, modal):
        """A command that the bot answers with a modal; the interaction that opened it."""
        begun = await self.interaction("command", **ADA, name="quota log clear")
        path = f"/interactions/{begun['id']}/{begun['token']}/callback"
        await self.bot("POST", path, {"type": 9, "data": modal})
        return begun["id"]


@pytest.fixture
async def world():
    witness = Witness()
    async with LocalDiscord(**witness.seeing) as discord, aiohttp.ClientSession() as http:
        world = World(discord, http)
        await world.bot("PUT", f"/applications/{discord.state.world.application_id}/commands", COMMANDS)
        yield world
    witness.judge()


# --- commands -------------------------------------------------------------------------------------------------------


async def test_a_subcommand_arrives_inside_its_command(world):
    data = (await world.interaction("command", **ADA, name="quota set", options={"unit": "day"}))["data"]
    unit = {"name": "unit", "type": 3, "value": "day"}
    assert data["options"] == [{"name": "set", "type": 1, "options": [unit]}]


async def test_a_subcommand_of_a_group_arrives_inside_both(world):
    data = (await world.interaction("command", **ADA, name="quota log clear"))["data"]
    clear = {"name": "clear", "type": 1, "options": []}
    assert data["options"] == [{"name": "log", "type": 2, "options": [clear]}]


async def test_a_subcommands_option_has_autocomplete(world):
    async def answered():
        begun = await world.state.until(lambda: next(iter(world.state.interactions.values()), None), 5)
        choices = {"choices": [{"name": "Day", "value": "day"}]}
        await world.bot("POST", f"/interactions/{begun.id}/{begun.token}/callback", {"type": 8, "data": choices})
        return begun.data["data"]["options"][0]["options"]

    asked = world.control("autocomplete", **ADA, name="quota set", options={"unit": "d"}, focused="unit")
    (status, found), told = await asyncio.gather(asked, answered())
    assert (status, found["choices"]) == (200, [{"name": "Day", "value": "day"}])
    assert told == [{"name": "unit", "type": 3, "value": "d", "focused": True}]


@pytest.mark.parametrize("name", ["quota", "quota get", "quota log", "quota set more"])
async def test_an_incomplete_command_is_refused(world, name):
    assert f"/{name}" in await world.refusal("command", **ADA, name=name)


async def test_users_roles_and_channels_arrive_as_ids_with_resolved_objects(world):
    options = {"member": "cleo", "role": "Patron", "anyone": "ben", "channel": "gallery"}
    data = (await world.interaction("command", **ADA, name="quota set", options=options))["data"]
    given = {one["name"]: one["value"] for one in data["options"][0]["options"]}
    resolved = data["resolved"]
    assert resolved["users"][given["member"]]["username"] == "cleo"
    assert resolved["users"][given["anyone"]]["username"] == "ben"
    assert resolved["roles"][given["role"]]["name"] == "Patron"
    assert resolved["channels"][given["channel"]]["name"] == "gallery"
    member = resolved["members"][given["member"]]
    assert member["roles"] == [given["role"]]
    assert "permissions" in member
    assert "user" not in member


@pytest.mark.parametrize("options", [{"member": "nobody"}, {"role": "Nobody"}, {"channel": "lobby"}, {"anyone": "x"}])
async def test_an_option_cannot_name_what_does_not_exist(world, options):
    assert "There is no" in await world.refusal("command", **ADA, name="quota set", options=options)


async def test_a_message_menu_command_receives_the_message(world):
    _, said = await world.control("message", **ADA, content="look", attachments=[])
    data = (await world.interaction("command", **ADA, name="Edit image", target=said["id"]))["data"]
    assert (data["type"], data["target_id"]) == (3, said["id"])
    assert data["resolved"]["messages"][said["id"]]["content"] == "look"


async def test_a_user_menu_command_receives_the_user(world):
    data = (await world.interaction("command", **ADA, name="Wave at", target="ben"))["data"]
    assert data["type"] == 2
    assert data["resolved"]["users"][data["target_id"]]["username"] == "ben"
    assert data["target_id"] in data["resolved"]["members"]


async def test_an_unknown_menu_command_is_refused(world):
    _, said = await world.control("message", **ADA, content="look")
    assert "Wave at" in await world.refusal("command", **ADA, name="Wave at", target=said["id"])


# --- selects --------------------------------------------------------------------------------------------------------


async def test_a_selected_value_arrives_with_its_resolved_object(world):
    said = await world.says(components=[{"type": 1, "components": [USERS]}])
    pressed = await world.interaction("press", user="ben", message=said["id"], button="users", values=["ada", "cleo"])
    names = [pressed["data"]["resolved"]["users"][one]["username"] for one in pressed["data"]["values"]]
    assert names == ["ada", "cleo"]


@pytest.mark.parametrize(
    ("component", "values"),
    [(SELECT, []), (SELECT, ["c"]), (SELECT, ["a", "b"]), (USERS, ["nobody"]), (USERS, ["ada", "ben", "cleo"])],
)
async def test_a_value_that_is_not_offered_is_refused(world, component, values):
    said = await world.says(components=[{"type": 1, "components": [component]}])
    button = component["custom_id"]
    assert await world.refusal("press", user="ben", message=said["id"], button=button, values=values)


# --- modals ---------------------------------------------------------------------------------------------------------


async def test_every_field_of_a_modal_arrives_as_filled_in(world):
    opened = await world.opens(MODAL)
    file = {"name": "a.png", "data": base64.b64encode(b"PNG").decode()}
    fields = {"words": "new words", "which": ["b"], "radio": "a", "sure": True}
    sent = await world.interaction(
        "modal", user="ada", interaction=opened, fields=fields, attachments={"files": [file]}
    )
    answers = {one["component"]["custom_id"]: one["component"] for one in sent["data"]["components"]}
    assert answers["words"]["value"] == "new words"
    assert answers["which"]["values"] == ["b"]
    assert answers["radio"]["value"] == "a"
    assert answers["sure"]["value"] is True
    (upload,) = answers["files"]["values"]
    assert sent["data"]["resolved"]["attachments"][upload]["filename"] == "a.png"


async def test_an_untouched_field_keeps_its_default(world):
    opened = await world.opens(MODAL)
    sent = await world.interaction("modal", user="ada", interaction=opened, fields={"which": ["a"]})
    answers = {one["component"]["custom_id"]: one["component"] for one in sent["data"]["components"]}
    assert answers["words"]["value"] == "as it was"
    assert (answers["files"]["values"], answers["radio"]["value"], answers["sure"]["value"]) == ([], None, False)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "Which"),
        ({"which": ["c"]}, "Which"),
        ({"which": ["a"], "words": ""}, "Words"),
        ({"which": ["a"], "words": "eleven long"}, "Words"),
        ({"which": ["a"], "radio": "c"}, "One"),
        ({"which": "a"}, "Which"),
    ],
)
async def test_an_invalid_field_is_refused_by_its_label(world, fields, named):
    opened = await world.opens(MODAL)
    assert (await world.refusal("modal", user="ada", interaction=opened, fields=fields)).startswith(f"{named}: ")


async def test_a_message_from_an_age_restricted_channel_is_forwarded_only_to_another_one(world):
    _, said = await world.control("message", user="ada", channel="after-dark", content="look")
    status, refused = await world.control("message", user="ada", channel="gallery", forward=said["id"])
    assert (status, "age-restricted" in refused["error"]) == (400, True)
    status, _ = await world.control("message", user="ada", channel="after-dark", forward=said["id"])
    assert status == 200


async def test_a_forwarded_message_holds_a_snapshot_without_its_author(world):
    _, said = await world.control("message", **ADA, content="look")
    _, forwarded = await world.control("message", user="ben", channel="gallery", forward=said["id"])
    (snapshot,) = forwarded["message_snapshots"]
    assert snapshot["message"]["content"] == "look"
    assert "author" not in snapshot["message"]
    assert forwarded["message_reference"]["type"] == 1
