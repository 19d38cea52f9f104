"""The local Discord's gateway, by a bare WebSocket client."""

from __future__ import annotations

import json
import zlib
from dataclasses import replace

import aiohttp
import pytest
from discord.utils import _ActiveDecompressionContext

from sandbox.discord.server import LocalDiscord
from tests.support.witness import Witness

GUILDS, GUILD_PRESENCES, GUILD_MESSAGES, GUILD_REACTIONS = 1, 1 << 8, 1 << 9, 1 << 10
DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 12, 1 << 15


class Client:
    """One connection; `inflate` undoes the compression that was asked for."""

    def __init__(self, socket, inflate=None):
        self.socket = socket
        self.inflate = inflate

    async def next(self, name=None):
        """The next payload; with a name, the next event of that name."""
        while True:
            message = await self.socket.receive(timeout=5)
            assert message.type in {aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY}, self.socket.close_code
            payload = json.loads(self.inflate(message.data) if self.inflate else message.data)
            if name is None or payload["t"] == name:
                return payload

    async def send(self, operation, data):
        await self.socket.send_json({"op": operation, "d": data})

    async def closed_with(self):
        while (await self.socket.receive(timeout=5)).type not in {aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED}:
            pass
        return self.socket.close_code


@pytest.fixture
async def discord():
    witness = Witness()
    async with LocalDiscord(**witness.seeing) as discord:
        yield discord
    witness.judge()


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture
async def connect(discord, http):
    async def connected(query="", inflate=None):
        socket = await http.ws_connect(discord.gateway_url + query)
        client = Client(socket, inflate)
        assert (await client.next())["op"] == 10
        return client

    return connected


@pytest.fixture
def identity(discord):
    return {"token": discord.token, "intents": GUILDS | GUILD_MESSAGES, "properties": {}}


async def say(discord, http, content):
    body = {"user": "ada", "channel": "general", "content": content}
    async with http.post(f"{discord.url}/control/message", json=body) as answer:
        return await answer.json()


async def test_identify_is_answered_by_ready_and_then_by_each_server(connect, discord, identity):
    client = await connect()
    await client.send(2, identity)
    ready = (await client.next("READY"))["d"]
    assert ready["user"]["bot"] is True
    assert ready["resume_gateway_url"] == discord.gateway_url
    assert all(guild["unavailable"] for guild in ready["guilds"])
    names = {(await client.next("GUILD_CREATE"))["d"]["name"] for _ in ready["guilds"]}
    assert names == {"Studio", "Workshop"}


async def test_a_heartbeat_is_acknowledged(connect):
    client = await connect()
    await client.send(1, None)
    assert (await client.next())["op"] == 11


@pytest.mark.parametrize(
    ("operation", "data", "code"),
    [
        (2, {"token": "wrong", "intents": 1, "properties": {}}, 4004),
        (2, {"intents": 1 << 40}, 4013),
        (2, {"intents": 1 << 15}, 4014),
        (2, {"shard": [3, 2]}, 4010),
        (2, {"token": 7}, 4004),
        (2, {"intents": "all"}, 4013),
        (8, {"guild_id": "1"}, 4003),
    ],
    ids=[
        "token",
        "intents",
        "an intent that is off",
        "shard",
        "no token",
        "no intents",
        "not identified",
    ],
)
async def test_an_invalid_identify_closes_the_connection_with_its_code(connect, identity, operation, data, code):
    client = await connect()
    await client.send(operation, identity | data if operation == 2 else data)
    assert await client.closed_with() == code


async def test_invalid_json_closes_the_connection(connect):
    client = await connect()
    await client.socket.send_str("hello")
    assert await client.closed_with() == 4002


async def test_identifying_twice_and_unknown_operations_close_the_connection(connect, discord, identity):
    discord.state.settings = replace(discord.state.settings, identify_interval=0.0)
    for second, code in (((2, identity), 4005), ((99, None), 4001)):
        client = await connect()
        await client.send(2, identity)
        await client.next("READY")
        await client.send(*second)
        assert await client.closed_with() == code


async def test_every_server_belongs_to_one_shard(connect, discord, identity):
    discord.state.settings = replace(discord.state.settings, max_concurrency=2)
    seen = []
    for number in range(2):
        client = await connect()
        await client.send(2, identity | {"shard": [number, 2]})
        ready = (await client.next("READY"))["d"]
        assert ready["shard"] == [number, 2]
        assert all((int(guild["id"]) >> 22) % 2 == number for guild in ready["guilds"])
        seen += [guild["id"] for guild in ready["guilds"]]
    assert len(seen) == len(set(seen)) == 2


async def test_a_resumed_session_gets_what_it_missed_and_then_resumed(connect, discord, http, identity):
    client = await connect()
    await client.send(2, identity)
    session = (await client.next("READY"))["d"]["session_id"]
    for _ in range(2):
        last = (await client.next("GUILD_CREATE"))["s"]
    await client.socket.close(code=4000)
    await say(discord, http, "while you were away")
    client = await connect()
    await client.send(6, {"token": discord.token, "session_id": session, "seq": last})
    assert [(await client.next())["t"] for _ in range(2)] == ["MESSAGE_CREATE", "RESUMED"]


async def test_an_unknown_session_cannot_be_resumed(connect, discord):
    client = await connect()
    await client.send(6, {"token": discord.token, "session_id": "nobody", "seq": 1})
    assert await client.next() == {"op": 9, "d": False, "s": None, "t": None}


@pytest.mark.parametrize("code", [1000, 1001])
async def test_a_session_that_was_closed_normally_cannot_be_resumed(connect, discord, identity, code):
    client = await connect()
    await client.send(2, identity)
    session = (await client.next("READY"))["d"]["session_id"]
    await client.socket.close(code=code)
    client = await connect()
    await client.send(6, {"token": discord.token, "session_id": session, "seq": 1})
    assert (await client.next())["op"] == 9


async def test_a_client_that_cannot_resume_identifies_on_the_same_connection(connect, discord, http, identity):
    discord.state.settings = replace(discord.state.settings, identify_interval=0.0)
    client = await connect()
    await client.send(6, {"token": discord.token, "session_id": "nobody", "seq": 1})
    assert (await client.next())["op"] == 9
    for _ in range(2):
        await client.send(2, identity)
        await client.next("READY")
        for _ in range(2):
            await client.next("GUILD_CREATE")
        await http.post(f"{discord.url}/control/gateway", json={"action": "invalidate"})
        assert await client.next() == {"op": 9, "d": False, "s": None, "t": None}


async def test_a_dropped_connection_ends_without_a_word(connect, discord, http, identity):
    client = await connect()
    await client.send(2, identity)
    await client.next("READY")
    await http.post(f"{discord.url}/control/gateway", json={"action": "drop"})
    assert await client.closed_with() == 1006


async def test_a_connection_can_be_closed_with_a_code(connect, discord, http, identity):
    client = await connect()
    await client.send(2, identity)
    await client.next("READY")
    await http.post(f"{discord.url}/control/gateway", json={"action": "drop", "code": 4009})
    assert await client.closed_with() == 4009


@pytest.mark.parametrize(("action", "operation"), [("reconnect", 7), ("invalidate", 9)])
async def test_a_client_can_be_told_to_reconnect(connect, discord, http, identity, action, operation):
    client = await connect()
    await client.send(2, identity)
    for _ in range(3):
        await client.next()
    await http.post(f"{discord.url}/control/gateway", json={"action": action})
    assert (await client.next())["op"] == operation


@pytest.mark.parametrize(
    ("kind", "inflater"),
    [
        ("zlib-stream", lambda: zlib.decompressobj().decompress),
        ("zstd-stream", lambda: _ActiveDecompressionContext().decompressor.decompress),  # discord.py's, on any Python
    ],
)
async def test_compression_is_one_stream_over_all_messages(connect, identity, kind, inflater):
    client = await connect(f"?v=10&encoding=json&compress={kind}", inflater())
    await client.send(2, identity)
    assert (await client.next("READY"))["t"] == "READY"
    assert (await client.next("GUILD_CREATE"))["d"]["channels"]


async def test_each_payload_can_be_compressed_by_itself(connect, identity):
    client = await connect()
    await client.send(2, identity | {"compress": True})
    client.inflate = zlib.decompress
    assert (await client.next("GUILD_CREATE"))["d"]["channels"]


async def test_another_encoding_than_json_is_refused(discord, http):
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        await http.ws_connect(discord.gateway_url + "?v=10&encoding=etf")
    assert caught.value.status == 400


@pytest.mark.parametrize(("intents", "members"), [(0, ["SeeDream"]), (GUILD_PRESENCES, None)])
async def test_a_server_comes_with_its_members_only_with_the_presence_intent(connect, identity, intents, members):
    client = await connect()
    await client.send(2, identity | {"intents": identity["intents"] | intents})
    guild = (await client.next("GUILD_CREATE"))["d"]
    names = [one["user"]["username"] for one in guild["members"]]
    assert names == members if members else len(names) == guild["member_count"] > 1


@pytest.mark.parametrize(("intents", "content"), [(0, ""), (MESSAGE_CONTENT, "hello")])
async def test_a_messages_content_is_hidden_without_the_intent(connect, discord, http, identity, intents, content):
    discord.state.settings = replace(discord.state.settings, message_content=True)
    client = await connect()
    await client.send(2, identity | {"intents": identity["intents"] | intents})
    await client.next("READY")
    await say(discord, http, "hello")
    assert (await client.next("MESSAGE_CREATE"))["d"]["content"] == content


async def test_a_message_that_mentions_the_bot_has_its_content(connect, discord, http, identity):
    client = await connect()
    await client.send(2, identity)
    bot = (await client.next("READY"))["d"]["user"]["id"]
    await say(discord, http, f"<@{bot}> hello")
    assert "hello" in (await client.next("MESSAGE_CREATE"))["d"]["content"]


async def test_members_are_sent_on_request(connect, identity):
    client = await connect()
    await client.send(2, identity)
    guild = (await client.next("GUILD_CREATE"))["d"]
    await client.send(8, {"guild_id": guild["id"], "query": "a", "limit": 0, "nonce": "n"})
    chunk = (await client.next("GUILD_MEMBERS_CHUNK"))["d"]
    assert ([one["user"]["username"] for one in chunk["members"]], chunk["nonce"]) == (["ada"], "n")
    known = chunk["members"][0]["user"]["id"]
    for asked, count, missing in (
        ({"user_ids": [known, "1"]}, 1, ["1"]),
        ({"user_ids": known}, 1, []),
        ({"query": "", "limit": 2}, 2, []),
        ({"query": "", "limit": 0, "guild_id": [guild["id"]]}, guild["member_count"], []),
    ):
        await client.send(8, {"guild_id": guild["id"]} | asked)
        chunk = (await client.next("GUILD_MEMBERS_CHUNK"))["d"]
        assert (len(chunk["members"]), chunk["not_found"]) == (count, missing)


async def test_reactions_are_sent_to_sessions_with_the_intent(connect, discord, http, identity):
    client = await connect()
    await client.send(2, identity | {"intents": GUILDS | GUILD_REACTIONS})
    await client.next("READY")
    said = await say(discord, http, "hello")
    for remove, event in ((False, "MESSAGE_REACTION_ADD"), (True, "MESSAGE_REACTION_REMOVE")):
        body = {"user": "ben", "message": said["id"], "emoji": "🔥", "remove": remove}
        await http.post(f"{discord.url}/control/react", json=body)
        told = (await client.next(event))["d"]
        assert (told["message_id"], told["emoji"], told["user_id"]) == (
            said["id"], {"id": None, "name": "🔥"}, discord.state.world.user("ben")["id"],
        )  # fmt: skip


# --- shards ---------------------------------------------------------------------------------------------------------


@pytest.fixture
async def control(discord, http):
    async def called(method, path, **body):
        async with http.request(method, f"{discord.url}/control/{path}", json=body) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    return called


@pytest.fixture
def identified(connect, discord, identity):
    """Connects as a shard of so many."""
    discord.state.settings = replace(discord.state.settings, identify_interval=0.0)

    async def as_shard(number, of):
        client = await connect()
        await client.send(2, identity | {"intents": identity["intents"] | DIRECT_MESSAGES, "shard": [number, of]})
        await client.next("READY")
        return client

    return as_shard


async def gateway_bot(discord, http):
    headers = {"Authorization": f"Bot {discord.token}"}
    async with http.get(f"{discord.api_url}/gateway/bot", headers=headers) as answer:
        return await answer.json()


async def test_the_two_servers_are_divided_between_two_shards(identified):
    for number, name in enumerate(("Studio", "Workshop")):
        client = await identified(number, 2)
        guild = (await client.next("GUILD_CREATE"))["d"]
        assert (guild["name"], (int(guild["id"]) >> 22) % 2) == (name, number)


async def test_what_happens_in_a_server_reaches_its_shard_and_direct_messages_the_first(identified, discord, control):
    first, second = [await identified(number, 2) for number in range(2)]
    said = [
        await control("POST", "message", user="ada", channel=channel, content=channel)
        for channel in ("small-files", "dm", "general")
    ]
    in_workshop, in_dm, in_studio = (one["id"] for one in said)
    assert [(await first.next("MESSAGE_CREATE"))["d"]["id"] for _ in range(2)] == [in_dm, in_studio]
    assert (await second.next("MESSAGE_CREATE"))["d"]["id"] == in_workshop


async def test_a_command_reaches_the_session_of_its_servers_shard(identified, discord, http, control):
    first, second = [await identified(number, 2) for number in range(2)]
    headers = {"Authorization": f"Bot {discord.token}"}
    path = f"/applications/{discord.state.world.application_id}/commands"
    commands = [{"name": "imagine", "type": 1, "description": "Make a picture"}]
    async with http.put(discord.api_url + path, headers=headers, json=commands) as answer:
        assert answer.status == 200
    for client, channel in ((second, "small-files"), (first, "general"), (first, "dm")):
        begun = await control("POST", "command", user="ada", channel=channel, name="imagine")
        assert (await client.next("INTERACTION_CREATE"))["d"]["id"] == begun["interaction"]


async def test_two_sessions_of_one_shard_both_receive_its_events(identified, discord, http):
    both = [await identified(0, 2) for _ in range(2)]
    said = await say(discord, http, "hello")
    assert [(await one.next("MESSAGE_CREATE"))["d"]["id"] for one in both] == [said["id"]] * 2


@pytest.mark.parametrize("shard", [[2, 2], [-1, 2], [0, 0], ["0", "1"], [0], 0, [True, 2]])
async def test_an_impossible_shard_is_invalid(connect, identity, shard):
    client = await connect()
    await client.send(2, identity | {"shard": shard})
    assert await client.closed_with() == 4010


async def test_a_shard_with_too_many_servers_must_be_divided(connect, identified, discord, identity, control):
    await control("PATCH", "settings", guilds_per_shard=1, shards=2)
    client = await connect()
    await client.send(2, identity)
    assert await client.closed_with() == 4011
    assert await identified(0, 2)


async def test_the_recommended_shards_and_the_session_limit_are_reported(identified, discord, http, control):
    await control("PATCH", "settings", shards=4, max_concurrency=2, session_starts=10)
    told = await gateway_bot(discord, http)
    assert (told["url"], told["shards"]) == (discord.gateway_url, 4)
    assert told["session_start_limit"] == {"total": 10, "remaining": 10, "reset_after": 0, "max_concurrency": 2}
    await identified(0, 4)
    limit = (await gateway_bot(discord, http))["session_start_limit"]
    assert limit["remaining"] == 9
    assert 86_000_000 < limit["reset_after"] <= 86_400_000
    assert (await control("GET", "gateway"))["sessions"][0]["shard"] == [0, 4]


async def test_identifying_too_fast_gives_an_invalid_session_that_can_be_retried(connect, identity, control):
    await control("PATCH", "settings", max_concurrency=2)
    first, other_bucket, too_fast = [await connect() for _ in range(3)]
    await first.send(2, identity | {"shard": [0, 4]})
    await first.next("READY")
    await other_bucket.send(2, identity | {"shard": [1, 4]})
    await other_bucket.next("READY")
    await too_fast.send(2, identity | {"shard": [2, 4]})
    assert await too_fast.next() == {"op": 9, "d": False, "s": None, "t": None}
    await control("PATCH", "settings", identify_interval=0)
    await too_fast.send(2, identity | {"shard": [2, 4]})
    await too_fast.next("READY")


async def test_resuming_does_not_count_as_a_session_start(identified, connect, discord, http):
    client = await identified(0, 1)
    session = discord.state.sessions.copy().popitem()[0]
    await client.socket.close(code=4000)
    client = await connect()
    await client.send(6, {"token": discord.token, "session_id": session, "seq": 1})
    await client.next("RESUMED")
    assert (await gateway_bot(discord, http))["session_start_limit"]["remaining"] == 999


async def test_exceeding_the_session_limit_ends_all_sessions_and_resets_the_token(
    identified, connect, discord, identity, control
):
    await control("PATCH", "settings", session_starts=1)
    client = await identified(0, 1)
    one_too_many = await connect()
    await one_too_many.send(2, identity)
    assert (await client.closed_with(), await one_too_many.closed_with()) == (4004, 4004)
    assert discord.token != identity["token"]
    assert (await control("GET", "gateway"))["sessions"] == []


@pytest.mark.parametrize("wrong", [{"max_concurrency": 0}, {"shards": 1.5}, {"session_starts": "many"}])
async def test_counts_are_whole_numbers(discord, http, wrong):
    async with http.patch(f"{discord.url}/control/settings", json=wrong) as answer:
        assert answer.status == 400
        assert "a whole number of at least 1" in (await answer.json())["error"]
