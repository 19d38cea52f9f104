"""Plain answers, tasks and look-ups, against a server that answers byte by byte as told."""

from __future__ import annotations

import asyncio
import json

import aiohttp
import pytest

from seedream import MODELS, ImageReady, ImageRequest, InvalidRequest, SeeDreamClient, Submission, TaskStatus
from seedream.errors import (
    AnswerTooLarge,
    AuthenticationFailed,
    ModelRefused,
    NotFound,
    RequestTooLarge,
    UnreadableAnswer,
    WrongAddress,
)
from seedream.providers import PROVIDERS
from seedream.responses import parse_result
from tests.seedream.conftest import KEY
from tests.seedream.raw_server import RawServer, error, pieces, reply
from tests.seedream.samples import sample

FOX = ImageRequest(prompt="a red fox")
PLAIN = json.loads(sample("plain.json"))
NO_MODEL = error(400, "bad_request", "model is invalid.")


async def test_a_request_is_sent_as_the_api_wants_it(clients):
    async with RawServer(reply(200, PLAIN)) as server:
        assert await clients(server.url + "/").generate(FOX) == parse_result(PLAIN)
        [received] = server.received
        assert received.line == "POST /seedream/images HTTP/1.1"
        assert received.json == FOX.to_wire("doubao-seedream-5-0-lite-260128")
        assert received.headers["authorization"] == f"Bearer {KEY}"
        assert received.headers["content-type"] == received.headers["accept"] == "application/json"


async def test_an_answer_that_comes_in_pieces_is_read_whole(clients):
    body = sample("plain.json")
    async with RawServer(pieces(body[:10], body[10:])) as server:
        assert (await clients(server.url).generate(FOX)).task_id == PLAIN["task_id"]


async def test_a_reseller_may_have_a_path_of_its_own(clients):
    async with RawServer(reply(200, PLAIN)) as server:
        await clients(f"{server.url}/proxy/").generate(FOX)
        assert server.received[0].line == "POST /proxy/seedream/images HTTP/1.1"


async def test_many_megabytes_are_sent_and_read(clients):
    url = "data:image/jpeg;base64,/9j/" + "A" * 12_000_000
    data = {"data": [{"b64_json": "/9j/" + "A" * 12_000_000}]}
    async with RawServer(reply(200, data)) as server:
        result = await clients(server.url).generate(ImageRequest(prompt="x", images=(url, url)))
        assert len(result.images[0].data) == 9_000_003
        assert len(server.received[0].body) > 24_000_000


async def test_an_answer_over_the_limit_is_refused(clients):
    async with RawServer(reply(200, b" " * 3000)) as server:
        with pytest.raises(AnswerTooLarge):
            await clients(server.url, max_answer_bytes=2000).generate(FOX)


async def test_an_answer_that_is_no_json_is_unreadable(clients):
    async with RawServer(reply(200, sample("gateway.html"))) as server:
        with pytest.raises(UnreadableAnswer, match="502 Bad Gateway"):
            await clients(server.url).generate(FOX)


# --- model ids ---------------------------------------------------------------------------------------------------


async def test_the_id_that_the_service_accepts_is_found_and_remembered(clients):
    async with RawServer(NO_MODEL, NO_MODEL, reply(200, PLAIN), reply(200, PLAIN)) as server:
        client = clients(server.url)
        await client.generate(FOX)
        await client.generate(FOX)
        ids = [received.json["model"] for received in server.received]
        assert ids == [*FOX.capabilities.wire_ids, FOX.model, FOX.model]
        assert client.wire_ids.known.accepted[FOX.model].wire_id == FOX.model


async def test_a_remembered_id_that_is_refused_later_is_not_the_end(clients):
    async with RawServer(reply(200, PLAIN), NO_MODEL, reply(200, PLAIN)) as server:
        client = clients(server.url)
        await client.generate(FOX)
        await client.generate(FOX)
        assert client.wire_ids.known.accepted[FOX.model].wire_id == FOX.capabilities.wire_ids[1]


async def test_the_id_is_taken_from_the_list_that_the_service_gives(clients):
    told = error(400, "bad_request", "model must be one of doubao-seedream-4-5-261001, doubao-seedream-4-0-250828.")
    async with RawServer(told, reply(200, PLAIN)) as server:
        client = clients(server.url)
        await client.generate(ImageRequest(prompt="x", model="4.5"))
        ids = [received.json["model"] for received in server.received]
        assert ids == ["doubao-seedream-4-5-251128", "doubao-seedream-4-5-261001"]
        assert {name for name, model in MODELS.items() if client.wire_ids.offers(model)} == {
            "doubao-seedream-4.5",
            "doubao-seedream-4.0",
        }


async def test_a_model_that_is_known_to_be_gone_is_not_asked_for_again(clients):
    told = error(400, "bad_request", "model must be one of doubao-seedream-4-0-250828.")
    async with RawServer(told) as server:
        client = clients(server.url)
        for _ in range(2):
            with pytest.raises(ModelRefused, match=r"SeeDream 4\.5|must be one of"):
                await client.generate(ImageRequest(prompt="x", model="4.5"))
        assert len(server.received) == 1


async def test_a_model_that_the_service_does_not_know_at_all_is_told_with_every_id(clients):
    async with RawServer(NO_MODEL, NO_MODEL) as server:
        with pytest.raises(ModelRefused) as caught:
            await clients(server.url).generate(ImageRequest(prompt="x", model="4.5"))
        assert "(tried: doubao-seedream-4-5-251128, doubao-seedream-4.5)" in str(caught.value)
        assert caught.value.trace_id == "trace-1"


# --- errors ------------------------------------------------------------------------------------------------------


async def test_the_key_is_in_no_message_even_if_the_service_repeats_it(clients):
    async with RawServer(error(401, "invalid_token", f"{KEY} is wrong")) as server:
        client = clients(server.url)
        with pytest.raises(AuthenticationFailed) as caught:
            await client.generate(FOX)
        assert caught.value.message == "[key] is wrong"
        assert KEY not in str(caught.value) + repr(caught.value) + repr(client)


async def test_a_redirect_is_not_followed(clients):
    async with RawServer(reply(307, location="/elsewhere")) as server:
        with pytest.raises(WrongAddress):
            await clients(server.url).generate(FOX)
        assert len(server.received) == 1


async def test_an_endless_error_page_is_read_only_so_far(clients):
    async with RawServer(reply(413, b"x" * 1_000_000)) as server:
        with pytest.raises(RequestTooLarge):
            await clients(server.url).generate(FOX)


@pytest.mark.parametrize("key", ["", "  ", "a b", "ключ", "a\nb"])
def test_a_key_that_can_not_be_one_is_refused_without_being_repeated(key):
    with pytest.raises(InvalidRequest, match="SEEDREAM_API_KEY") as caught:
        SeeDreamClient(api_key=key)
    assert not key.strip() or key not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["api.example", "ftp://api.example", "https://api.example/?a=b", "https://u:p@api.example"]
)
def test_a_base_url_that_can_not_be_one_is_refused(url):
    with pytest.raises(InvalidRequest, match="base_url"):
        SeeDreamClient(api_key=KEY, base_url=url)


# --- tasks -------------------------------------------------------------------------------------------------------


async def test_a_task_is_submitted_as_asynchronous(clients):
    async with RawServer(reply(200, sample("submission.json")), reply(200, sample("submission.json"))) as server:
        client = clients(server.url)
        assert await client.submit(FOX) == Submission(task_id="task-1", trace_id="trace-1")
        await client.submit(ImageRequest(prompt="x", callback_url="https://bot.example/1"))
        first, second = (received.json for received in server.received)
        assert first["async"] is True
        assert "async" not in second
        assert second["callback_url"] == "https://bot.example/1"


@pytest.mark.parametrize("fields", [{"run_async": True}, {"callback_url": "https://bot.example/1"}])
async def test_waiting_for_an_asynchronous_request_is_refused_before_anything_is_sent(clients, fields):
    with pytest.raises(InvalidRequest, match="Use submit"):
        await clients("http://127.0.0.1:1").generate(ImageRequest(prompt="x", **fields))


async def test_a_task_is_looked_up(clients):
    async with RawServer(reply(200, sample("task_running.json")), error(404, "not_found")) as server:
        client = clients(server.url)
        assert await client.task("task-3") == TaskStatus(id="task-3", state="running", created_at=1757323224.5)
        assert server.received[0].json == {"id": "task-3", "action": "retrieve"}
        with pytest.raises(NotFound):
            await client.task("task-4")


async def test_a_page_that_is_not_found_means_the_address_when_it_was_to_make_something_and_the_task_when_not(clients):
    async with RawServer(*[reply(404, b"404 page not found")] * 2) as server:
        client = clients(server.url)
        with pytest.raises(WrongAddress):
            await client.generate(FOX)
        with pytest.raises(NotFound):
            await client.task("task-1")


async def test_many_tasks_are_looked_up_fifty_at_a_time(clients):
    ids = [f"task-{number}" for number in range(120)]
    answers = [reply(200, sample("tasks.json")), *[reply(200, {"items": [], "count": 0})] * 2]
    async with RawServer(*answers) as server:
        statuses = await clients(server.url).tasks([*ids, *ids])
        assert [received.json["ids"] for received in server.received] == [ids[:50], ids[50:100], ids[100:]]
        assert {received.json["action"] for received in server.received} == {"retrieve_batch"}
    assert list(statuses) == ids
    assert [statuses[one].state for one in ids[:5]] == ["unknown", "succeeded", "failed", "running", "unknown"]


async def test_no_tasks_need_no_request(clients):
    assert await clients("http://127.0.0.1:1").tasks([]) == {}


@pytest.mark.parametrize("task_id", ["", "x" * 201, "a\nb", 5])
async def test_an_id_that_can_not_be_one_is_refused(clients, task_id):
    with pytest.raises(InvalidRequest, match="task"):
        await clients("http://127.0.0.1:1").task(task_id)


async def test_look_ups_share_a_connection_and_paid_calls_never_do(clients):
    answers = [
        reply(200, sample("task_running.json")),
        reply(200, sample("task_running.json")),
        *[reply(200, PLAIN)] * 2,
    ]
    async with RawServer(*answers) as server:
        client = clients(server.url)
        await client.task("task-3")
        await client.task("task-3")
        await client.generate(FOX)
        await client.generate(FOX)
        assert [received.connection for received in server.received] == [0, 0, 1, 2]


# --- the key's check, downloads, sessions -------------------------------------------------------------------------


async def test_a_key_is_good_when_only_the_task_is_unknown(clients):
    async with RawServer(error(404, "not_found"), error(404, "no_api"), error(401, "invalid_token")) as server:
        client = clients(server.url)
        await client.check_key()
        assert server.received[0].line == "POST /seedream/tasks HTTP/1.1"
        with pytest.raises(WrongAddress):
            await client.check_key()
        with pytest.raises(AuthenticationFailed):
            await client.check_key()


@pytest.mark.parametrize(
    "answer", [reply(200, b""), reply(200, {}), error(400, "bad_request"), reply(200, {"items": [], "count": 0})]
)
async def test_every_answer_that_only_a_good_key_gets_says_that_it_is_taken(clients, answer):
    async with RawServer(answer) as server:
        await clients(server.url).check_key()


async def test_a_web_page_in_place_of_an_answer_does_not_say_that_the_key_is_taken(clients):
    async with RawServer(reply(200, sample("gateway.html"))) as server:
        with pytest.raises(UnreadableAnswer):
            await clients(server.url).check_key()


async def test_bytedance_is_asked_for_no_model_since_it_has_no_tasks(clients):
    absent = error(404, "InvalidEndpointOrModel.NotFound", "The model or endpoint x does not exist")
    async with RawServer(absent, error(401, "AuthenticationError")) as server:
        client = clients(server.url, provider=PROVIDERS["ark"])
        await client.check_key()
        assert server.received[0].line == "POST /images/generations HTTP/1.1"
        with pytest.raises(AuthenticationFailed):
            await client.check_key()
        with pytest.raises(InvalidRequest, match="Volcengine Ark has no tasks"):
            await client.submit(FOX)
        with pytest.raises(InvalidRequest, match="no tasks"):
            await client.tasks(["task-1"])


async def test_a_picture_is_downloaded_without_the_key(clients):
    async with RawServer(reply(200, b"\xff\xd8\xff" + b"x" * 100)) as server:
        content = b"".join([piece async for piece in clients(server.url).download(f"{server.url}/1.jpeg")])
        assert content == b"\xff\xd8\xff" + b"x" * 100
        assert "authorization" not in server.received[0].headers


async def test_a_download_is_bounded_and_only_from_http(clients):
    async with RawServer(reply(200, b"x" * 3000), reply(404)) as server:
        client = clients(server.url, max_answer_bytes=2000)
        with pytest.raises(AnswerTooLarge):
            [piece async for piece in client.download(f"{server.url}/1.jpeg")]
        with pytest.raises(NotFound):
            [piece async for piece in client.download(f"{server.url}/2.jpeg")]
    with pytest.raises(InvalidRequest):
        [piece async for piece in client.download("file:///etc/passwd")]


async def test_a_session_that_was_given_stays_open():
    async with RawServer(reply(200, PLAIN)) as server, aiohttp.ClientSession() as session:
        async with SeeDreamClient(api_key=KEY, base_url=server.url, session=session) as client:
            await client.generate(FOX)
        assert not session.closed


async def test_many_requests_run_at_once(clients):
    everybody_is_here = asyncio.Event()
    async with RawServer(*[pieces(everybody_is_here, sample("plain.json"))] * 150) as server:
        client = clients(server.url)
        running = [asyncio.create_task(client.generate(FOX)) for _ in range(150)]
        await server.wait_for_requests(150)
        everybody_is_here.set()
        assert all(
            result.images == (ImageReady(0, PLAIN["data"][0]["image_url"], None, (2048, 2048)),)
            for result in await asyncio.gather(*running)
        )
