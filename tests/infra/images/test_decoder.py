"""The processes that decode pictures: bounded in memory and time, replaced when they die."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from infra.images import decoder
from infra.images.decoder import BOT_MEMORY, LEAST_MEMORY, MOST_MEMORY, Capacity, Decoder, DecodingError
from infra.images.memory import reduction
from infra.images.references import ReferencePreparer, as_source
from seedream.images import NotAnImageError, inspect
from studio.jobs.pictures import BadReference, ReferenceForm
from studio.jobs.turns import acting_for
from tests.infra.images.files import decoded, encoded, noise, picture

MEGABYTE = 2**20
TARGET = {"formats": ["jpeg", "png"], "max_bytes": 10_000_000, "max_pixels": 36_000_000, "max_ratio": 16}
BASIC = ReferenceForm(formats=frozenset({"jpeg", "png"}))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are Linux's")


def task(content: bytes, **source: object) -> dict:
    return {"source": as_source(inspect(content), 1) | source, "target": TARGET}


@pytest.fixture
async def small():
    """A decoder as it is in a container of 256 MB, with a few seconds for a picture."""
    async with Decoder(Capacity.of(256 * MEGABYTE, 2), seconds=10) as decoder:
        yield decoder


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def status_of(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()


async def until(holds) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 - what is waited for happens in another process
            await asyncio.sleep(0.01)


def pids(decoder: Decoder) -> list[int]:
    return [worker._process.pid for worker in decoder._idle]


async def test_a_worker_is_used_again_and_ends_with_its_decoder():
    async with Decoder(Capacity(1, 200 * MEGABYTE)) as decoder:
        for _ in range(3):
            data, form = await decoder.run(task(picture("BMP")), picture("BMP"))
            assert (form, decoded(data).size) == ("jpeg", (64, 48))
        (pid,) = pids(decoder)
    assert not is_running(pid)


async def test_pictures_are_decoded_at_once_as_far_as_there_are_workers():
    async with Decoder(Capacity(2, 200 * MEGABYTE)) as decoder:
        running = []
        for member in range(6):
            with acting_for(member):
                running.append(asyncio.create_task(decoder.run(task(picture("GIF")), picture("GIF"))))
        await asyncio.gather(*running)
        assert len(set(pids(decoder))) == 2


async def test_a_picture_that_takes_more_memory_than_was_foreseen_is_refused_and_the_worker_lives_on(small):
    content = encoded(Image.new("RGBA", (8000, 8000)), "PNG", compress_level=1)
    with pytest.raises(DecodingError, match="memory"):
        await small.run(task(content), content)
    assert await small.run(task(picture("BMP")), picture("BMP"))


async def test_a_picture_that_takes_too_long_is_given_up_and_its_worker_is_replaced():
    content = noise((3000, 2000), "PNG", compress_level=1)
    async with Decoder(Capacity(1, 400 * MEGABYTE), seconds=0.3) as decoder:
        with pytest.raises(DecodingError, match="time"):
            await decoder.run(task(content), content)
        assert pids(decoder) == []


async def test_a_worker_that_dies_is_replaced(small):
    await small.run(task(picture("BMP")), picture("BMP"))
    (pid,) = pids(small)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(DecodingError):
        await small.run(task(picture("BMP")), picture("BMP"))
    assert await small.run(task(picture("BMP")), picture("BMP"))


async def test_a_worker_whose_job_is_cancelled_is_ended():
    content = noise((3000, 2000), "PNG", compress_level=1)
    async with Decoder(Capacity(1, 400 * MEGABYTE)) as decoder:
        running = asyncio.create_task(decoder.run(task(content), content))
        await until(_children)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (pids(decoder), _children()) == ([], [])


def _children() -> list[str]:
    file = Path(f"/proc/self/task/{os.getpid()}/children")
    names = [Path(f"/proc/{pid}/cmdline") for pid in file.read_text().split()]
    return [str(name) for name in names if name.exists() and b"infra.images.worker" in name.read_bytes()]


async def test_no_worker_outlives_its_decoder_even_one_that_is_at_work_or_about_to_end():
    content = noise((3000, 2000), "PNG", compress_level=1)
    async with Decoder(Capacity(2, 400 * MEGABYTE)) as decoder:
        await decoder.run(task(picture("BMP")), picture("BMP"))
        (idle,) = decoder._idle
        decoder._retire(idle, idle.tasks)
        running = asyncio.create_task(decoder.run(task(content), content))
        await until(lambda: len(decoder._workers) == 2 or idle.has_ended)
        await until(lambda: any(not worker.has_ended for worker in decoder._workers - {idle}))
        workers = [idle, *decoder._workers]
    assert all(worker.has_ended for worker in workers)
    with pytest.raises(DecodingError):
        await running


async def test_a_worker_knows_no_secrets_and_can_write_no_files(small, monkeypatch):
    monkeypatch.setenv("SEEDREAM_API_KEY", "sk-secret")
    await small.run(task(picture("BMP")), picture("BMP"))
    (pid,) = pids(small)
    assert "sk-secret" not in status_of(pid, "environ")
    limits = status_of(pid, "limits").splitlines()
    assert next(line for line in limits if "file size" in line).split()[3:5] == ["0", "0"]
    assert status_of(pid, "oom_score_adj").strip() == "1000"


async def test_an_idle_worker_ends_after_a_while(small, monkeypatch):
    monkeypatch.setattr(decoder, "IDLE_SECONDS", 0.05)
    await small.run(task(picture("BMP")), picture("BMP"))
    (pid,) = pids(small)
    await until(lambda: not is_running(pid))
    assert pids(small) == []


@pytest.mark.parametrize("answer", [b"", b"\0\0\0\2\0\0\0\0no", b"\xff\xff\xff\xff\xff\xff\xff\xff", b"\0\0"])
async def test_an_answer_that_makes_no_sense_ends_the_worker(small, monkeypatch, answer):
    script = f"import sys; sys.stdin.buffer.read(8); sys.stdout.buffer.write({answer!r})"
    start = asyncio.create_subprocess_exec

    async def started(_python, *_arguments, **options):
        return await start(sys.executable, "-c", script, **options)

    monkeypatch.setattr(asyncio, "create_subprocess_exec", started)
    with pytest.raises(DecodingError):
        await small.run(task(picture("BMP")), picture("BMP"))
    assert pids(small) == []


# --- bounds known before decoding -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("megabytes", "cores", "workers"),
    [(256, 4, 1), (512, 4, 1), (1024, 1, 1), (4096, 1, 2), (4096, 2, 2), (65536, 8, 8)],
)
def test_workers_share_what_the_bot_leaves_and_there_are_two_or_one_a_core_where_each_has_plenty(
    megabytes, cores, workers
):
    capacity = Capacity.of(megabytes * MEGABYTE, cores)
    assert capacity.workers == workers
    assert LEAST_MEMORY <= capacity.memory <= MOST_MEMORY
    assert capacity.workers * capacity.memory <= max(megabytes * MEGABYTE - BOT_MEMORY, LEAST_MEMORY)


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((8000, 6000), {}),
        ((12_000, 9_000), {}),
        ((10_000, 5_000), {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0"}),
    ],
    ids=["48 megapixels", "108 megapixels", "a panorama on its side"],
)
async def test_a_large_photo_is_decoded_reduced_where_memory_is_short(small, size, options):
    content = encoded(Image.new("RGB", size, "teal"), "JPEG", quality=40, **options)
    tall = BASIC if not options else ReferenceForm(formats=frozenset({"png"}))
    preparer = ReferencePreparer(small, max_pixels=30_000_000)
    data, _ = await preparer.prepare("a.jpg", content, tall)
    width, height = decoded(data).size
    assert width / height == pytest.approx((size[1] / size[0]) if options else size[0] / size[1], abs=0.01)
    assert width * height >= 2_000_000


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "P"])
async def test_a_bomb_is_refused_in_words_before_it_is_decoded(small, mode):
    content = encoded(Image.new(mode, (8192, 8192)), "PNG", compress_level=9)
    assert len(content) < 1_300_000
    began = time.monotonic()
    with pytest.raises(BadReference, match="8192x8192 pixels, too large to be converted here"):
        await ReferencePreparer(small).prepare("bomb.png", content, BASIC)
    assert (pids(small), time.monotonic() - began < 2) == ([], True)


async def test_small_pictures_go_on_while_bombs_are_refused(small):
    bomb, fine = encoded(Image.new("RGBA", (8192, 8192)), "PNG"), picture("BMP", (640, 480))
    preparer = ReferencePreparer(small)
    jobs = [preparer.prepare("a", content, BASIC) for content in (bomb, *[fine] * 10, bomb)]
    results = await asyncio.gather(*jobs, return_exceptions=True)
    assert [type(result) for result in results] == [BadReference, *[tuple] * 10, BadReference]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
async def test_what_is_expected_to_fit_does_fit(form, mode):
    """The prediction is never below what decoding takes; how far above is not so important."""
    if mode == "RGBA" and form in {"JPEG", "GIF", "BMP"}:
        pytest.skip("it has no alpha channel")
    content = encoded(Image.new(mode, (3000, 2000), "teal"), form)
    structure = replace(inspect(content), plain=False, orientation=6)
    low, high = MEGABYTE, 640 * MEGABYTE
    while high - low > MEGABYTE:
        middle = (low + high) // 2
        try:
            fits = reduction(structure, len(content), memory=middle, max_pixels=1_000_000) == 1
        except NotAnImageError:
            fits = False
        low, high = (low, middle) if fits else (middle, high)
    async with Decoder(Capacity(1, high)) as decoder:
        request = json.loads(json.dumps(task(content)))
        request["target"]["max_pixels"] = 1_000_000
        request["source"] = as_source(structure, 1)
        assert (await decoder.run(request, content))[0]
