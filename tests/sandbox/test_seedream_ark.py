"""The local SeeDream speaks ByteDance's own dialect: its path, its ids, its streams and its errors."""

from __future__ import annotations

import base64
import json

import pytest

from tests.sandbox.seedream_client import LITE, PRO, V4, callback_inbox, data_url, group, local_client, size_of

OLD_LITE = "doubao-seedream-5-0-260128"


@pytest.fixture
async def client():
    async with local_client(dialect="ark") as client:
        yield client


def blocks(text: str) -> list[tuple[str, dict]]:
    """The events of a stream by their names; its last line is checked."""
    *events, done, rest = text.split("\n\n")
    assert (done, rest) == ("data: [DONE]", "")
    named = [event.split("\ndata: ") for event in events]
    return [(name.removeprefix("event: "), json.loads(data)) for name, data in named]


async def test_a_plain_answer_has_bytedances_form(client):
    answer = (await client.ask_ark(**group(2))).json
    assert set(answer) == {"model", "created", "data", "usage"}
    assert answer["model"] == V4
    assert [set(item) for item in answer["data"]] == [{"url", "size"}] * 2
    assert size_of(await client.fetch(answer["data"][0]["url"])) == (1024, 1024)
    assert answer["usage"] == {"generated_images": 2, "output_tokens": 8192, "total_tokens": 8192}


async def test_the_answer_can_have_image_bytes_and_web_search(client):
    item = (await client.ask_ark(response_format="b64_json")).json["data"][0]
    assert size_of(base64.b64decode(item["b64_json"])) == (1024, 1024)
    searched = (await client.ask_ark(LITE, size="2K", tools=[{"type": "web_search"}])).json
    assert searched["tools"] == [{"type": "web_search"}]
    assert searched["usage"]["tool_usage"] == {"web_search": 1}


async def test_layers_have_all_fields_and_the_base_only_its_position(client):
    answer = await client.ask_ark(PRO, size="auto", image=data_url(1200, 800), layer_decomposition=True)
    base, layer, *_ = answer.json["data"]
    assert set(base) == {"url", "size", "output_format", "z_index"}
    assert set(layer) == {"url", "size", "output_format", "z_index", "name", "description", "bounding_box"}


@pytest.mark.parametrize("accept", ["application/json", "application/x-ndjson", "text/event-stream"])
async def test_a_stream_is_always_server_sent_events(client, accept):
    body = {"model": V4, "prompt": "a fox", "size": "1K", "stream": True} | group(2)
    answer = await client.call("POST", "/api/v3/images/generations", body, accept=accept)
    assert answer.headers["Content-Type"] == "text/event-stream"
    named = blocks(answer.text)
    assert [name for name, _ in named] == [data["type"] for _, data in named]
    assert [name.rpartition(".")[2] for name, _ in named] == ["partial_succeeded", "partial_succeeded", "completed"]
    assert {"url", "size", "image_index", "model", "created"} < set(named[0][1])


async def test_one_refused_image_of_a_stream_has_bytedances_code(client):
    await client.fault("item_refused", index=1)
    events = [data for _, data in blocks((await client.ask_ark(stream=True, **group(2))).text)]
    assert events[1]["error"] == {
        "code": "OutputImageSensitiveContentDetected",
        "message": "The request failed because the output image may contain sensitive information.",
    }


@pytest.mark.parametrize("base", ["", "/api/v3", "/any/where"])
async def test_the_path_may_have_any_prefix(client, base):
    assert (await client.ask_ark(base=base)).status == 200


async def test_the_other_dialects_paths_do_not_exist(client):
    for path in ("/seedream/images", "/v1/seedream/images", "/seedream/tasks", "/api/v3/videos"):
        answer = await client.call("POST", path, {"id": "x"})
        assert (answer.status, answer.json["error"]["type"], answer.code) == (404, "NotFound", "PathNotFound")
    await client.settings(dialect="acedata")
    assert (await client.ask_ark()).code == "no_api"
    assert (await client.ask()).status == 200


@pytest.mark.parametrize("ignored", [{"async": True}, {"callback_url": "http://127.0.0.1:1/"}, {"callback_url": 7}])
async def test_tasks_and_callbacks_are_ignored(client, ignored):
    async with callback_inbox() as (url, landed):
        asked = ignored | ({"callback_url": url} if "callback_url" in ignored else {})
        assert len((await client.ask_ark(**asked)).json["data"]) == 1
        assert landed.empty()
    entry = await client.entry()
    assert (entry["mode"], entry["parameters"] | asked) == ("plain", entry["parameters"])
    assert (await client.ask_ark(stream=True, **ignored)).status == 200


async def test_ids_are_accepted_with_and_without_the_prefix(client):
    async def statuses(*models: str) -> list[int]:
        return [(await client.ask_ark(model, size="2K")).status for model in models]

    assert await statuses(LITE, OLD_LITE, V4, "seedream-4-0-250828") == [200, 200, 200, 404]
    await client.settings(accepted_ids="modelark")
    assert await statuses(V4, "seedream-4-0-250828", "seedream-5-0-260128") == [404, 200, 200]


@pytest.mark.parametrize("model", ["doubao-seedream-3-0-t2i-250415", "nobody", 7, None])
async def test_an_unknown_model_is_a_404(client, model):
    answer = await client.ask_ark(model)
    error = answer.json["error"]
    told = f"The model or endpoint {model} does not exist or you do not have access to it."
    assert (answer.status, error["code"]) == (404, "InvalidEndpointOrModel.NotFound")
    assert error["message"].startswith(f"{told} Request id: ")


@pytest.mark.parametrize("key", ["Bearer wrong", ""])
async def test_a_wrong_or_missing_key_is_a_401(client, key):
    answer = await client.call("POST", "/api/v3/images/generations", {}, authorization=key)
    assert (answer.status, set(answer.json), answer.code) == (401, {"error"}, "AuthenticationError")


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ({"size": "900x900"}, "size"),
        ({"seed": 1}, "seed"),
        ({"image": "fox.png"}, "image[0]"),
        ({"prompt": ""}, "prompt"),
    ],
)
async def test_an_invalid_parameter_is_named_as_bytedance_does(client, asked, parameter):
    answer = await client.ask_ark(**asked)
    error = answer.json["error"]
    assert (answer.status, error["code"], error["type"]) == (400, "InvalidParameter", "BadRequest")
    assert error["param"] == parameter
    assert error["message"].startswith(f"The parameter `{parameter}` specified in the request is not valid: ")


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("InputTextSensitiveContentDetected", 400, "BadRequest"),
        ("InputImageSensitiveContentDetected", 400, "BadRequest"),
        ("OutputImageRiskDetection", 400, "BadRequest"),
        ("AuthenticationError", 401, "Unauthorized"),
        ("AccountOverdueError", 403, "Forbidden"),
        ("ModelNotOpen", 404, "NotFound"),
        ("SetLimitExceeded", 429, "TooManyRequests"),
        ("QuotaExceeded", 429, "TooManyRequests"),
        ("InternalServiceError", 500, "InternalServerError"),
    ],
)
async def test_a_known_code_implies_its_status_message_and_type(client, code, status, kind):
    await client.fault("error", code=code)
    answer = await client.ask_ark()
    error = answer.json["error"]
    assert (answer.status, error["code"], error["type"], error["param"]) == (status, code, kind, "")
    assert error["message"].partition(" Request id: ")[0]
    assert (await client.entry())["code"] == code


async def test_the_providers_codes_become_bytedances(client):
    await client.fault("error", code="too_many_requests")
    await client.fault("error")
    assert [(await client.ask_ark()).code for _ in range(2)] == [
        "RateLimitExceeded.EndpointRPMExceeded",
        "InternalServiceError",
    ]
