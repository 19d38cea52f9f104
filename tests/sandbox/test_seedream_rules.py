"""The local SeeDream refuses what the provider's table does not allow, and names the parameter."""

from __future__ import annotations

import io

import pytest

from tests.sandbox.seedream_client import EDIT, LITE, PRO, T2I, V4, data_url, group, local_client

RED = data_url()
V45 = "doubao-seedream-4-5-251128"


@pytest.fixture
async def client():
    async with local_client(profile="guide") as client:
        yield client


def web_search() -> dict:
    return {"tools": [{"type": "web_search"}]}


@pytest.mark.parametrize(
    ("model", "asked", "named"),
    [
        ("nobody", {}, "model"),
        (V4, {"prompt": "  "}, "prompt"),
        (V4, {"prompt": 7}, "prompt"),
        (V4, {"prompt": "x" * 32_001}, "prompt"),
        (V4, {"size": "3K"}, "size"),
        (LITE, {"size": "1K"}, "size"),
        (V45, {"size": "3K"}, "size"),
        (T2I, {"size": "1K"}, "size"),
        (T2I, {"size": "adaptive"}, "size"),
        (PRO, {"size": "4K"}, "size"),
        (V4, {"size": "2k"}, "size"),
        (V4, {"size": "1024 x 1024"}, "size"),
        (V4, {"size": 1024}, "size"),
        (V4, {"size": "900x1000"}, "size"),
        (V4, {"size": "4100x4100"}, "size"),
        (LITE, {"size": "1024x1024"}, "size"),
        (V4, {"size": "8200x500"}, "size"),
        (PRO, {"size": "2200x2200"}, "size"),
        (T2I, {"size": "511x1024"}, "size"),
        (T2I, {"size": "1024x2049"}, "size"),
        (T2I, {"image": RED}, "image"),
        (EDIT, {}, "image"),
        (EDIT, {"image": [RED, RED]}, "image"),
        (V4, {"image": [RED] * 15}, "image"),
        (PRO, {"image": [RED] * 11}, "image"),
        (V4, {"image": 7}, "image"),
        (V4, {"image": "fox.png"}, "image"),
        (V4, {"image": RED.replace("image/png", "image/PNG")}, "image"),
        (V4, {"image": RED.replace("image/png", "text/plain")}, "image"),
        (V4, {"image": "data:image/png;base64,%%%"}, "image"),
        (V4, {"image": "data:image/png;base64,AAAA"}, "image"),
        (V4, {"image": data_url(14, 14)}, "image"),
        (V4, {"image": data_url(600, 30)}, "image"),
        (V4, {"image": data_url(6001, 6000)}, "image"),
        (V4, {"image": "data:image/png;base64," + "A" * 14_000_000}, "image"),
        (EDIT, {"image": data_url(kind="webp")}, "image"),
        (V4, {"image": "http://127.0.0.1:1/fox.png"}, "image"),
        (T2I, group(2), "sequential_image_generation"),
        (PRO, group(2), "sequential_image_generation"),
        (V4, {"sequential_image_generation": "yes"}, "sequential_image_generation"),
        (V4, group(0), "max_images"),
        (V4, group(16), "max_images"),
        (V4, group(14) | {"image": [RED, RED]}, "max_images"),
        (T2I, {"stream": True}, "stream"),
        (EDIT, {"stream": True, "image": RED}, "stream"),
        (PRO, {"stream": True}, "stream"),
        (V4, {"stream": True, "async": True}, "stream"),
        (V4, {"stream": True, "callback_url": "http://127.0.0.1/"}, "stream"),
        (V4, {"stream": "yes"}, "stream"),
        (V4, {"async": 1}, "async"),
        (V4, {"callback_url": "ftp://127.0.0.1/"}, "callback_url"),
        (V4, {"seed": 1}, "seed"),
        (EDIT, {"seed": 1, "image": RED}, "seed"),
        (T2I, {"seed": -2}, "seed"),
        (T2I, {"seed": 2**31}, "seed"),
        (T2I, {"seed": True}, "seed"),
        (V4, {"guidance_scale": 5}, "guidance_scale"),
        (T2I, {"guidance_scale": 0.5}, "guidance_scale"),
        (T2I, {"guidance_scale": 10.1}, "guidance_scale"),
        (V4, {"output_format": "png"}, "output_format"),
        (V45, {"output_format": "jpeg"}, "output_format"),
        (LITE, {"output_format": "webp"}, "output_format"),
        (V4, web_search(), "tools"),
        (PRO, web_search(), "tools"),
        (LITE, {"tools": ["web_search"]}, "tools"),
        (LITE, {"optimize_prompt_options": {"mode": "fast"}}, "optimize_prompt_options"),
        (T2I, {"optimize_prompt_options": {"mode": "standard"}}, "optimize_prompt_options"),
        (V4, {"optimize_prompt_options": {"mode": "slow"}}, "optimize_prompt_options"),
        (V4, {"response_format": "png"}, "response_format"),
        (V4, {"watermark": "no"}, "watermark"),
        (V4, {"background": "transparent", "image": RED}, "background"),
        (PRO, {"background": "blue"}, "background"),
        (PRO, {"background": "transparent", "output_format": "png"}, "background"),
        (PRO, {"background": "transparent", "output_format": "png", "image": RED}, "background"),
        (PRO, {"background": "transparent", "image": data_url(mode="RGBA")}, "background"),
        (V4, {"layer_decomposition": True, "image": RED}, "layer_decomposition"),
        (PRO, {"layer_decomposition": True}, "layer_decomposition"),
    ],
)
async def test_parameters_that_the_table_forbids_are_refused_by_name(client, model, asked, named):
    answer = await client.ask(model, **asked)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert named in answer.message
    entry = await client.entry()
    assert (entry["status"], entry["code"], entry["billed"]) == (400, "bad_request", 0)


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (V4, {"image": [RED] * 14, "sequential_image_generation": "auto"}),
        (V4, {"optimize_prompt_options": {"mode": "fast"}, "action": "generate"}),
        (V4, {"sequential_image_generation": "disabled", "image": data_url(kind="webp")}),
        (V4, {"image": data_url(15, 15, kind="gif")}),
        (V4, {"size": "3840x240"}),
        (LITE, web_search() | {"output_format": "png", "size": "2560x1440"}),
        (T2I, {"seed": -1, "guidance_scale": 10, "size": "512x512", "stream": False}),
        (T2I, {"seed": 2**31 - 1, "guidance_scale": 2.5, "size": "512x512"}),
        (EDIT, {"image": [data_url(kind="jpeg")], "guidance_scale": 1, "size": "512x512"}),
        (PRO, {"size": "1K", "background": "transparent", "output_format": "png", "image": data_url(mode="RGBA")}),
        (PRO, {"size": "1K", "background": "opaque"}),
    ],
)
async def test_requests_that_the_table_allows_are_made(client, model, asked):
    answer = await client.ask(model, **asked)
    assert (answer.status, answer.json.get("error")) == (200, None)


async def test_a_refused_stream_is_a_plain_answer(client):
    answer = await client.ask(stream=True, size="9K", accept="application/x-ndjson")
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/json; charset=utf-8")


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
async def test_a_body_that_is_not_a_json_object_is_refused(client, raw):
    headers = {"authorization": f"Bearer {client.key}"}
    async with client.session.post(f"{client.url}/seedream/images", data=raw, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "bad_request")


async def test_a_body_that_is_too_large_is_413(client):
    headers = {"authorization": f"Bearer {client.key}"}
    body = io.BytesIO(b" " * (64 * 2**20 + 1))
    async with client.session.post(f"{client.url}/seedream/images", data=body, headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (413, "request_too_large")


@pytest.mark.parametrize("body", [{}, {"id": 7}, {"ids": "x", "action": "retrieve_batch"}, {"action": "delete"}])
async def test_an_empty_look_up_is_refused(client, body):
    answer = await client.call("POST", "/seedream/tasks", body)
    assert (answer.status, answer.code) == (400, "bad_request")
