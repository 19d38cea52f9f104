"""Looks at links while a command waits: quick, bounded, and never in the way."""

from __future__ import annotations

import asyncio
import io
import os
import time

import pytest
from aiohttp import web
from PIL import Image

from infra.images.looks import LinkLooks
from seedream.images import GLANCE_BYTES, Glance, NotAnImageError
from tests.infra.images.files import file_server, redirect, status
from tests.support.pictures import noise_png, png

LARGE = noise_png(700, 500)


@pytest.fixture
async def server():
    async with file_server() as server:
        yield server


@pytest.fixture
async def looks():
    async with LinkLooks(allow_local=True, patience=0.5) as looks:
        yield looks


async def test_each_link_has_its_own_answer_in_order(server, looks):
    links = [
        server.put("a", png(60, 40)), server.put("b", b"%PDF-1.7 and so on"), server.put("c", status(404)),
        server.put("d", redirect("a")), server.put("e", b""), "https://", "file:///etc/passwd",
    ]  # fmt: skip
    first, second, *others = await looks.look(links)
    assert first == Glance("png", (60, 40))
    assert isinstance(second, NotAnImageError)
    assert others[:2] == [None, Glance("png", (60, 40))]
    assert str(others[2]) == "an empty file"
    assert others[3:] == [None, None]


@pytest.mark.parametrize("knows_ranges", [True, False])
async def test_only_the_head_of_a_large_file_is_fetched(server, looks, knows_ranges):
    sent = []

    async def answer(request: web.Request) -> web.StreamResponse:
        body = LARGE[request.http_range] if knows_ranges else LARGE
        sent.append((request.headers["Range"], len(body)))
        return web.Response(body=body, status=206 if knows_ranges else 200)

    assert len(LARGE) > 2 * GLANCE_BYTES
    assert await looks.look([server.put("large", answer)]) == [Glance("png", (700, 500))]
    assert sent == [(f"bytes=0-{GLANCE_BYTES - 1}", GLANCE_BYTES if knows_ranges else len(LARGE))]


async def test_slow_hosts_are_left_alone_after_the_patience_for_all_of_them(server, looks):
    async def never(_: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        raise AssertionError

    links = [server.put(str(number), never) for number in range(40)]
    began = time.monotonic()
    assert await looks.look([*links, server.put("a", png(60, 40))]) == [None] * 41
    assert time.monotonic() - began < 1.5


async def test_addresses_inside_are_not_looked_at(server):
    async with LinkLooks(allow_local=False, patience=0.5) as looks:
        assert (
            await looks.look([server.put("a", png(60, 40)), "https://127.0.0.1/a", "https://169.254.169.254/"])
            == [None] * 3
        )
    assert server.asked == []


@pytest.mark.parametrize("knows_ranges", [True, False])
async def test_a_large_tiff_is_looked_at_where_its_directory_is(server, looks, knows_ranges):
    file = io.BytesIO()
    Image.frombytes("RGB", (500, 400), os.urandom(600_000)).save(file, "TIFF", compression="tiff_lzw")
    content = file.getvalue()
    assert int.from_bytes(content[4:8], "little") > GLANCE_BYTES

    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(
            body=content[request.http_range] if knows_ranges else content, status=200 + 6 * knows_ranges
        )

    assert await looks.look([server.put("a", answer)]) == [Glance("tiff", (500, 400) if knows_ranges else None)]
