"""The local Discord's control API: acting as a member, looking, waiting, and making things go wrong."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from sandbox.discord.server import LocalDiscord
from tests.support.witness import Witness

COMMAND = {
    "name": "paint",
    "description": "Paint",
    "options": [{"type": 3, "name": "size", "description": "How large", "autocomplete": True, "required": True}],
}
BUTTONS = [{"type": 1, "components": [{"type": 2, "style": 1, "label": "Again", "custom_id": "again"}]}]
FIELD = {"type": 4, "custom_id": "words", "label": "Words", "style": 1}
MODAL = {"custom_id": "edit", "title": "Edit", "components": [{"type": 1, "components": [FIELD]}]}


class World:
    """Control calls, and the bot's calls that answer them."""

    def __init__(self, discord, http):
        self.discord = discord
        self.state = discord.state
        self.http = http

    async def control(self, path, *, verb="POST", **body):
        async with self.http.request(verb, f"{self.discord.url}/control/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def look(self, path, **query):
        async with self.http.get(f"{self.discord.url}/control/{path}", params=query) as answer:
            return answer.status, await answer.json()

    async def bot(self, method, path, body=None):
        """Status, JSON and headers."""
        headers = {"Authorization": f"Bot {self.discord.token}"}
        async with self.http.request(method, self.discord.api_url + path, headers=headers, json=body) as answer:
            return answer.status, await answer.json() if answer.status != 204 else None, answer.headers

    async def answers(self, kind, data=None):
        """Answer the next interaction that has no answer yet."""
        waiting = lambda: next((one for one in self.state.interactions.values() if not one.acknowledged), None)  # noqa: E731
        begun = await self.state.until(waiting, 5)
        path = f"/interactions/{begun.id}/{begun.token}/callback?with_response=1"
        status, _, _ = await self.bot("POST", path, {"type": kind, "data": data or {}})
        assert status == 200

    async def says(self, content, channel="general"):
        path = f"/channels/{self.state.world.channel(channel)['id']}/messages"
        return (await self.bot("POST", path, {"content": content}))[1]


@pytest.fixture
async def world():
    witness = Witness()
    async with LocalDiscord(**witness.seeing) as discord, aiohttp.ClientSession() as http:
        world = World(discord, http)
        path = f"/applications/{discord.state.world.application_id}/commands"
        assert (await world.bot("PUT", path, [COMMAND]))[0] == 200
        yield world
    witness.judge()


ADA = {"user": "ada", "channel": "general"}


async def test_a_command_waits_for_the_bots_answer(world):
    asked = world.control("command", **ADA, name="paint", options={"size": "2K"}, wait=True)
    (status, found), _ = await asyncio.gather(asked, world.answers(4, {"content": "done"}))
    assert status == 200
    assert (found["answer"]["type"], found["message"]["content"]) == (4, "done")


async def test_choices_are_offered_while_a_member_types(world):
    typed = world.control("autocomplete", **ADA, name="paint", options={}, focused="size")
    (status, found), _ = await asyncio.gather(typed, world.answers(8, {"choices": [{"name": "2K", "value": "2K"}]}))
    assert (status, found["choices"]) == (200, [{"name": "2K", "value": "2K"}])


async def test_a_button_opens_a_modal_whose_fields_reach_the_bot(world):
    asked = world.control("command", **ADA, name="paint", options={"size": "2K"}, wait=True)
    (_, shown), _ = await asyncio.gather(asked, world.answers(4, {"components": BUTTONS}))
    pressed = world.control("press", user="ada", message=shown["message"]["id"], button="Again", wait=True)
    (_, opened), _ = await asyncio.gather(pressed, world.answers(9, MODAL))
    sent = world.control("modal", user="ada", interaction=opened["interaction"], fields={"words": "night"}, wait=True)
    (_, found), _ = await asyncio.gather(sent, world.answers(4, {"content": "as you say"}))
    submitted = world.state.find_interaction(found["interaction"]).data
    row = submitted["data"]["components"][0]
    assert row["components"][0] == {"type": 4, "id": 2, "custom_id": "words", "value": "night"}
    assert submitted["message"]["id"] == shown["message"]["id"]
    metadata = found["message"]["interaction_metadata"]
    assert metadata["triggering_interaction_metadata"]["interacted_message_id"] == shown["message"]["id"]


async def test_a_reply_pings_its_author_unless_that_is_switched_off(world):
    first = await world.says("hello")
    _, loud = await world.control("message", **ADA, content="yes", reply_to=first["id"])
    _, quiet = await world.control("message", **ADA, content="yes", reply_to=first["id"], ping=False)
    assert [user["username"] for user in loud["mentions"]] == ["SeeDream"]
    assert quiet["mentions"] == []
    assert loud["message_reference"]["channel_id"] == first["channel_id"]
    assert loud["referenced_message"]["id"] == first["id"]


async def test_a_deleted_message_is_no_longer_visible(world):
    said = await world.says("soon gone")
    assert (await world.control("delete-message", message=said["id"]))[0] == 200
    assert (await world.look("wait", **{"for": "empty"}, **ADA, timeout="1"))[0] == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("command", {"user": "nobody", "channel": "general", "name": "paint"}),
        ("command", {"user": "ben", "channel": "lobby", "name": "paint"}),
        ("command", ADA | {"name": "sing"}),
        ("press", {"user": "ada", "message": "1", "button": "Again"}),
        ("modal", {"user": "ada", "interaction": "1"}),
        ("faults", {"status": 500}),
        ("faults", {"route": "*", "colour": "red"}),
        ("permissions", {"channel": "nowhere", "deny": []}),
        ("permissions", {"channel": "general", "deny": ["FLY"]}),
        ("upload-limit", {"guild": "Nowhere", "bytes": 1}),
        ("upload-limit", {"guild": "Studio"}),
        ("message", ADA | {"content": "x", "reply_to": "1"}),
        ("locale", {"user": "ada", "locale": "klingon"}),
        ("locale", {"guild": "Nowhere", "locale": "de"}),
    ],
)
async def test_an_invalid_call_is_refused_with_an_explanation(world, path, body):
    status, found = await world.control(path, **body)
    assert status == 400
    assert found["error"]


@pytest.mark.parametrize(
    "query", [{"for": "rain"}, {"for": "ready", "timeout": "soon"}, {"for": "answer", "interaction": "1"}]
)
async def test_an_invalid_wait_is_refused_with_an_explanation(world, query):
    status, found = await world.look("wait", **query)
    assert status == 400
    assert found["error"]


async def test_a_wait_ends_when_its_message_comes(world):
    before = await world.says("first")
    query = {"for": "message", "text": "second", "after": before["id"], "timeout": "5"}
    (status, found), _ = await asyncio.gather(world.look("wait", **ADA, **query), world.says("the second"))
    assert (status, found["found"]["content"]) == (200, "the second")


async def test_a_wait_that_times_out_ends_with_408(world):
    status, found = await world.look("wait", **{"for": "message"}, **ADA, text="never", timeout="0.05")
    assert (status, found) == (408, {"found": None})


async def test_events_are_sent_as_they_happen(world):
    async with world.http.ws_connect(f"{world.discord.url}/control/events") as events:
        await world.state.until(lambda: world.state.listeners, 1)
        await world.says("hear, hear")
        event = await events.receive_json(timeout=5)
        assert (event["kind"], event["data"]["message"]["content"]) == ("message_create", "hear, hear")


async def test_a_fault_affects_the_requested_number_of_requests(world):
    await world.control("faults", route="/users/*", method="GET", status=503, code=7, message="Down", times=2)
    statuses = [(await world.bot("GET", "/users/@me"))[0] for _ in range(3)]
    assert statuses == [503, 503, 200]


async def test_a_lasting_fault_can_be_removed(world):
    await world.control("faults", route="/users/*", status=500, times=None)
    assert [(await world.bot("GET", "/users/@me"))[0] for _ in range(2)] == [500, 500]
    await world.control("faults", verb="DELETE")
    assert (await world.bot("GET", "/users/@me"))[0] == 200


async def test_a_fault_can_break_the_connection(world):
    await world.control("faults", route="/channels/*", close=True)
    with pytest.raises(aiohttp.ClientError):
        await world.says("into the void")
    assert (await world.bot("GET", "/users/@me"))[0] == 200


async def test_permissions_can_be_denied_and_restored(world):
    for deny, status in (["SEND_MESSAGES"], 403), ([], 200):
        await world.control("permissions", channel="general", deny=deny)
        channel = world.state.world.channel("general")["id"]
        assert (await world.bot("POST", f"/channels/{channel}/messages", {"content": "hi"}))[0] == status


@pytest.mark.parametrize("change", [{"colour": 1}, {"latency": "slow"}, {"rate_limits": "no"}, {"token_life": -1}])
async def test_an_unknown_setting_is_refused_and_changes_nothing(world, change):
    _, before = await world.control("settings", verb="PATCH")
    assert (await world.control("settings", verb="PATCH", **change))[0] == 400
    assert (await world.control("settings", verb="PATCH"))[1] == before


async def test_a_reset_restores_the_initial_world(world):
    await world.says("old news")
    await world.control("permissions", channel="general", deny=["VIEW_CHANNEL"])
    await world.control("upload-limit", guild="Workshop", bytes=5)
    await world.control("settings", verb="PATCH", interaction_window=9)
    await world.control("locale", user="ada", locale="de")
    await world.control("locale", guild="Workshop", locale="de")
    await world.control("reset")
    assert (await world.look("messages", **ADA))[1] == []
    assert (await world.look("log"))[1] == []
    workshop = world.state.world.guild("Workshop")
    assert (workshop.upload_limit, workshop.data["preferred_locale"]) == (2**20, "en-US")
    assert world.state.world.locales == {}
    assert (await world.control("settings", verb="PATCH"))[1]["interaction_window"] == 3
    assert (await world.bot("GET", f"/channels/{world.state.world.channel('general')['id']}"))[0] == 200
    assert (await world.bot("GET", f"/channels/{world.state.world.channel('backroom')['id']}"))[0] == 403
    assert len((await world.look("commands", **ADA))[1]) == 1


async def test_a_channels_rate_limit_says_when_it_resets(world):
    path = f"/channels/{world.state.world.channel('general')['id']}/messages"
    answers = [await world.bot("POST", path, {"content": str(number)}) for number in range(6)]
    assert [status for status, _, _ in answers] == [200] * 5 + [429]
    assert [headers["X-RateLimit-Remaining"] for _, _, headers in answers] == ["4", "3", "2", "1", "0", "0"]
    _, body, headers = answers[-1]
    assert 0 < body["retry_after"] <= 5
    assert not body["global"]
    assert (headers["X-RateLimit-Scope"], "Via" in headers) == ("user", True)
    await world.control("settings", verb="PATCH", rate_limits=False)
    assert (await world.bot("POST", path, {"content": "free"}))[0] == 200


async def test_the_bots_token_is_limited_to_50_requests_a_second(world):
    answers = [await world.bot("GET", "/users/@me") for _ in range(51)]
    refused = [(body, headers) for status, body, headers in answers if status == 429]
    assert refused
    assert refused[0][0]["global"]
    assert refused[0][1]["X-RateLimit-Scope"] == "global"


async def test_pending_faults_and_settings_can_be_read(world):
    await world.control("faults", route="/webhooks/*", status=500, times=None)
    await world.control("settings", verb="PATCH", latency=0.5)
    (fault,) = (await world.look("faults"))[1]["faults"]
    assert (fault["route"], fault["status"], fault["times"]) == ("/webhooks/*", 500, None)
    assert (await world.look("settings"))[1]["latency"] == 0.5


async def test_an_interaction_has_the_locales_of_its_member_and_its_server(world):
    await world.control("locale", user="ada", locale="de")
    await world.control("locale", guild="Studio", locale="ja")
    for name in ("ada", "ben"):
        await world.control("autocomplete", user=name, channel="general", name="paint", options={}, focused="size")
    told = [one.data for one in world.state.interactions.values()]
    assert [(one["locale"], one["guild_locale"], one["guild"]["locale"]) for one in told] == [
        ("de", "ja", "ja"),
        ("en-US", "ja", "ja"),
    ]


async def test_a_member_sees_commands_in_their_language_if_the_bot_has_it(world):
    texts = {"description_localizations": {"de": "Malen"}}
    await world.bot("PUT", f"/applications/{world.state.world.application_id}/commands", [COMMAND | texts])
    await world.control("locale", user="ada", locale="de")
    seen = {
        name: (await world.look("commands", user=name, channel="general"))[1][0].get("description_localized")
        for name in ("ada", "ben")
    }
    assert seen == {"ada": "Malen", "ben": None}


async def test_the_world_lists_each_users_direct_message_channel(world):
    found = (await world.look("world"))[1]
    ada = world.state.world.user("ada")["id"]
    assert found["dms"][ada] == world.state.world.dm(ada)["id"]
    assert found["bot"]["id"] not in found["dms"]
