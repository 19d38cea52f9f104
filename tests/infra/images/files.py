"""A server of files that does what servers of files do, and worse; and pictures to put on it."""

from __future__ import annotations

import io
import json
import os
import struct
import zlib
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from PIL import Image

from infra.images import worker
from infra.images.decoder import Capacity, Decoder, DecodingError

Answer = bytes | Callable[[web.Request], Awaitable[web.StreamResponse]]


class InProcessDecoder(Decoder):
    """Decodes in this process, which is faster; what the real one does with its processes has tests of its own."""

    def __init__(self) -> None:
        super().__init__(Capacity(workers=1, memory=640 * 2**20))

    async def run(self, task, content):
        answer, data = worker.run(json.loads(json.dumps(task)), content)
        if "error" in answer:
            raise DecodingError(answer["error"], answer.get("detail", ""))
        return data, answer["format"]


class FileServer:
    """Answers `/<name>` with what was put there. `asked`: the names that were asked for, in order."""

    def __init__(self) -> None:
        self._files: dict[str, list[Answer]] = {}
        self.asked: list[str] = []
        self.base = ""

    def put(self, name: str, *answers: Answer) -> str:
        """Give the answers one after the other, the last for ever; the link to it."""
        self._files[name] = list(answers)
        return f"{self.base}/{name}"

    async def answer(self, request: web.Request) -> web.StreamResponse:
        name = request.path.lstrip("/")
        self.asked.append(name)
        answers = self._files[name]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return web.Response(body=answer) if isinstance(answer, bytes) else await answer(request)


@asynccontextmanager
async def file_server():
    server = FileServer()
    app = web.Application()
    app.router.add_get("/{name:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


def status(code: int) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, text="no")

    return answer


def redirect(location: str, code: int = 302) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(status=code, headers={"Location": location})

    return answer


def cut_off(content: bytes, after: int) -> Answer:
    """Says how long it is, and breaks before."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        response.content_length = len(content)
        await response.prepare(request)
        await response.write(content[:after])
        request.transport.close()
        return response

    return answer


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"\xff\xd8\xff" + bytes(1 << 16))


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: Any) -> bytes:
    """A picture in two halves, red above blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, size[1] // 2, *size))
    return encoded(image.convert(mode), form, **options)


def noise(size: tuple[int, int], form: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    """A picture that no encoder makes small."""
    width, height = size
    return encoded(Image.frombytes(mode, size, os.urandom(width * height * len(mode))), form, **options)


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def decoded(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def png(width: int, height: int, depth: int, pixels: bytes) -> bytes:
    """A PNG of three channels as it is told, whether that makes sense or not."""
    head = struct.pack(">IIBBBBB", width, height, depth, 2, 0, 0, 0)
    chunks = (_chunk(b"IHDR", head), _chunk(b"IDAT", zlib.compress(pixels)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds nothing of it."""
    return png(width, height, 8, b"")


def many_scans(scans: int, side: int = 800) -> bytes:
    """A progressive JPEG, grey all over, whose scans say that there is nothing more, and never the last bit."""
    blocks = (side // 8) ** 2
    runs = "".join("0" + "1" * 14 for _ in range(-(-blocks // 32767)))  # each: 32,767 blocks have nothing more
    runs += "1" * (-len(runs) % 8)
    nothing = bytes(int(runs[at : at + 8], 2) for at in range(0, len(runs), 8)).replace(b"\xff", b"\xff\0")
    one_code = bytes([1] + [0] * 15)
    return b"".join((
        b"\xff\xd8", _segment(0xDB, b"\0" + bytes([1] * 64)),
        _segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0"),
        _segment(0xC4, b"\0" + one_code + b"\0"), _segment(0xC4, b"\x10" + one_code + b"\xe0"),
        _segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8)),
        (_segment(0xDA, b"\1\1\0\1\x3f\1") + nothing) * scans, b"\xff\xd9",
    ))  # fmt: skip


def _segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
