"""The spool: results in, references out."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
from dataclasses import replace

import pytest
from PIL import Image

from infra.images.references import INLINE_BYTES, ReferencePreparer
from infra.images.spool import PictureStore
from infra.images.spool_files import SpoolLimits
from seedream.images import inspect
from studio.jobs.pictures import BadReference, Picture, PictureUnavailable, ReferenceForm
from tests.infra.images.files import (
    InProcessDecoder,
    bomb,
    cut_off,
    decoded,
    encoded,
    endless,
    file_server,
    noise,
    picture,
    redirect,
    status,
)
from tests.support.disks import mounted, needs_mounts

ALL = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff"})
BASIC = frozenset({"jpeg", "png"})


@pytest.fixture
async def server():
    async with file_server() as server:
        yield server


@pytest.fixture
async def store(tmp_path):
    async with a_store(tmp_path) as store:
        yield store


def a_store(folder, spool: SpoolLimits | None = None, **limits: int) -> PictureStore:
    decoder = InProcessDecoder()
    preparer = ReferencePreparer(decoder, **limits)
    options = {
        "limits": spool or SpoolLimits(result=9_000_000),
        "backoff": (0, 0, 0),
        "decoder": decoder,
        "preparer": preparer,
    }
    return PictureStore(folder / "spool", allow_local=True, **options)


def files(store: PictureStore) -> list[str]:
    return sorted(file.name for file in store._folder.iterdir())


async def unavailable(store: PictureStore, source: str | bytes) -> PictureUnavailable:
    with pytest.raises(PictureUnavailable) as caught:
        await store.fetch("job", 0, source)
    assert files(store) == []
    return caught.value


async def refusal(store: PictureStore, url: str, formats=ALL) -> str:
    with pytest.raises(BadReference) as caught:
        await store.prepare_reference("job", 0, url, ReferenceForm(formats=formats))
    assert files(store) == []
    return str(caught.value)


async def referred(store: PictureStore, url: str, formats=ALL) -> bytes:
    """The picture inside the data URL, whose head tells its format."""
    await store.prepare_reference("job", 0, url, ReferenceForm(formats=formats))
    match = re.fullmatch("data:image/([a-z]+);base64,(.*)", await store.reference("job", 0))
    content = base64.b64decode(match[2], validate=True)
    assert inspect(content).format == match[1]
    return content


# --- results ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
async def test_a_result_is_fetched_into_a_file_named_by_its_content(server, store, form):
    content = picture(form)
    got = await store.fetch("j-o_b", 3, server.put("a.txt", content))
    kind = form.lower()
    assert got == Picture(path=f"j-o_b-3.{kind}", format=kind, width=64, height=48, size=len(content))
    assert store.path(got).read_bytes() == content
    assert files(store) == [got.path]


@pytest.mark.parametrize("size", [(64, 48), (700, 700), (1500, 1400)], ids=["inline", "in a thread", "spilled"])
async def test_a_result_is_the_same_however_large_it_is(server, store, size):
    content = noise(size)
    assert (len(content) > INLINE_BYTES) == (size != (64, 48))
    got = await store.fetch("job", 0, server.put("a", content))
    assert (got.width, got.height, got.size) == (*size, len(content))
    assert store.path(got).read_bytes() == content
    assert files(store) == ["job-0.png"]


async def test_a_result_may_come_as_bytes(store):
    got = await store.fetch("job", 0, picture())
    assert store.path(got).read_bytes() == picture()


async def test_a_result_that_is_fetched_again_takes_the_place_of_the_first(server, store):
    await store.fetch("job", 0, picture())
    got = await store.fetch("job", 0, server.put("a", picture(size=(20, 30))))
    assert inspect(store.path(got).read_bytes()).width == 20
    assert files(store) == ["job-0.jpeg"]


async def test_a_result_that_was_cut_off_on_the_way_is_fetched_again(server, store):
    content = noise((700, 700))
    url = server.put("a", cut_off(content, 100_000), status(503), content)
    assert (await store.fetch("job", 0, url)).size == len(content)


@pytest.mark.parametrize("form", ["AVIF", "BMP", "TIFF"])
async def test_a_result_that_discord_does_not_show_is_converted(server, store, form):
    got = await store.fetch("job", 0, server.put("a", picture(form)))
    assert (got.path, got.format, got.width, got.height) == ("job-0.jpeg", "jpeg", 64, 48)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
async def test_a_result_that_is_damaged_is_kept_as_it_is(server, store, form):
    content = noise((700, 700), form)[:-1000]
    for source in (server.put("a", content), content):
        got = await store.fetch("job", 0, source)
        assert (got.format, got.size) == (form.lower(), len(content))
        assert store.path(got).read_bytes() == content


async def test_a_spilled_result_that_is_no_picture_leaves_nothing_behind(server, store):
    assert str(await unavailable(store, server.put("a", bytes(8_000_000)))) == "Picture 1 is not a picture."


@pytest.mark.parametrize(
    ("answer", "told", "retry"),
    [
        (status(404), "the server answered 404", False),
        (status(403), "the server answered 403", False),
        (status(500), "the server answered 500", True),
        (endless, "more than 9,000,000 bytes", False),
        (b"", "it is empty", False),
        (redirect("http://192.168.0.1/"), "192.168.0.1 is not on the public internet", False),
    ],
)
async def test_a_result_that_can_not_be_had_is_unavailable(server, store, answer, told, retry):
    error = await unavailable(store, server.put("a", answer))
    assert str(error).startswith("Picture 1 couldn't be fetched: ")
    assert told in str(error)
    assert (len(server.asked) > 1) is retry


async def test_a_web_page_is_no_result(server, store):
    assert str(await unavailable(store, server.put("a.jpeg", b"<html>Sorry</html>"))) == "Picture 1 is a web page."


async def test_bytes_are_bounded_like_links(store):
    assert "over the limit of 9,000,000" in str(await unavailable(store, picture() + bytes(9_000_000)))


async def test_a_folder_that_became_a_file_is_told_and_its_jobs_still_end(server, store):
    store._folder.rmdir()
    store._folder.touch()
    for source in (picture(), server.put("a", noise((1500, 1400)))):
        with pytest.raises(PictureUnavailable, match="couldn't be written: Not a directory"):
            await store.fetch("job", 0, source)
    with pytest.raises(BadReference):
        await store.prepare_reference("job", 0, server.put("b", picture()), ReferenceForm(formats=BASIC))
    await store.discard("job")
    assert await store.owners() == set()


async def test_a_folder_that_was_deleted_is_made_again(server, store):
    for source in (picture(), server.put("a", noise((1500, 1400)))):
        shutil.rmtree(store._folder)
        await store.discard("another")
        assert await store.holds(await store.fetch("job", 0, source))
    shutil.rmtree(store._folder)
    await store.prepare_reference("job", 0, server.put("b", picture()), ReferenceForm(formats=BASIC))
    assert await store.prepared_references("job")


@needs_mounts
async def test_a_disk_that_was_filled_just_now_is_worth_waiting_for_and_one_that_stays_full_is_not(store, monkeypatch):
    with mounted(store._folder, "size=8k"):
        error = await unavailable(store, noise((100, 100)))
        assert "No space left" in str(error)
        assert error.soon
        assert not await store.health.probe()
        monkeypatch.setattr("infra.images.spool_health.PASSING_SECONDS", 0.0)
        assert not (await unavailable(store, noise((100, 100)))).soon
    await store.fetch("job", 0, picture())
    assert await store.health.probe()


@pytest.mark.parametrize("job_id", ["", "../job", "a/b", "a.b", "a" * 65])
async def test_a_job_id_that_is_none_never_becomes_a_file(store, job_id):
    with pytest.raises(ValueError, match="is not a job id"):
        await store.fetch(job_id, 0, picture())
    assert files(store) == []


async def test_without_a_local_world_this_machine_is_not_asked(server, tmp_path):
    url = server.put("a", picture())
    async with PictureStore(tmp_path / "spool", allow_local=False, backoff=()) as store:
        for link in (url, url.replace("http", "https"), url.replace("http://127.0.0.1", "https://localhost")):
            await unavailable(store, link)
    assert not server.asked


async def test_a_fetch_that_is_cancelled_leaves_nothing_behind(server, store):
    asked = asyncio.Event()

    async def silent(_):
        asked.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(store.fetch("job", 0, server.put("a", silent)))
    await asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert files(store) == []


# --- shrinking ----------------------------------------------------------------------------------------------------


async def test_a_picture_within_the_limit_is_the_same(store):
    got = await store.fetch("job", 0, picture())
    assert await store.shrink(got, got.size) is got


@pytest.mark.parametrize(("mode", "form"), [("RGB", "jpeg"), ("RGBA", "webp")])
async def test_a_picture_over_the_limit_is_shrunk_beside_the_original(store, mode, form):
    got = await store.fetch("job", 0, noise((400, 300), mode=mode))
    fit = await store.shrink(got, got.size // 5)
    assert (fit.path, fit.format) == (f"job-0.fit.{form}", form)
    assert fit.size == store.path(fit).stat().st_size <= got.size // 5
    assert (fit.width, fit.height) == decoded(store.path(fit).read_bytes()).size
    assert files(store) == sorted([got.path, fit.path])


async def test_a_picture_is_shrunk_once_for_each_limit(store):
    got = await store.fetch("job", 0, noise((400, 300)))
    fit = await store.shrink(got, 50_000)
    written = store.path(fit).stat().st_mtime_ns
    assert await store.shrink(got, 50_000) == fit
    assert store.path(fit).stat().st_mtime_ns == written
    assert (await store.shrink(got, 25_000)).size <= 25_000
    assert (await store.shrink(got, 50_000)) == fit


async def test_several_pictures_are_shrunk_at_once(store):
    pictures = [await store.fetch("job", index, noise((200, 200))) for index in range(4)]
    fits = await asyncio.gather(*(store.shrink(one, 20_000) for one in pictures))
    assert [fit.path for fit in fits] == [f"job-{index}.fit.jpeg" for index in range(4)]
    assert all(fit.size <= 20_000 for fit in fits)


async def test_an_absurd_limit_has_no_picture(store):
    got = await store.fetch("job", 0, noise((400, 300)))
    with pytest.raises(PictureUnavailable, match="can't be shrunk to 10 bytes"):
        await store.shrink(got, 10)


async def test_a_picture_whose_file_is_gone_can_not_be_shrunk(store):
    got = await store.fetch("job", 0, noise((400, 300)))
    store.path(got).unlink()
    with pytest.raises(PictureUnavailable, match="couldn't be shrunk"):
        await store.shrink(got, 1000)


async def test_a_bomb_in_the_spool_is_not_decoded(store):
    got = await store.fetch("job", 0, picture())
    store.path(got).write_bytes(bomb(65_535, 65_535))
    with pytest.raises(PictureUnavailable, match="65535x65535"):
        await store.shrink(replace(got, size=10_000_000), 1000)


# --- references ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_a_fine_reference_is_sent_untouched(server, store, form):
    assert await referred(store, server.put("a", picture(form))) == picture(form)


async def test_a_reference_in_another_format_is_converted(server, store):
    assert inspect(await referred(store, server.put("a.webp", picture("WEBP")), BASIC)).format == "jpeg"


async def test_a_reference_is_turned_upright(server, store):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert decoded(await referred(store, server.put("a", picture("JPEG", exif=exif)))).size == (48, 64)


async def test_a_reference_that_is_too_large_is_shrunk(server, tmp_path):
    async with a_store(tmp_path, max_bytes=100_000, max_pixels=100_000) as store:
        content = await referred(store, server.put("a", noise((600, 300))))
    assert len(content) <= 100_000
    width, height = decoded(content).size
    assert width * height <= 100_000
    assert width / height == pytest.approx(2, abs=0.02)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (
            b"these are words, not colours",
            "“cat.png” is a text file. Use a JPEG, PNG, WebP, HEIC, AVIF, BMP, TIFF or GIF picture.",
        ),
        (b"", "“cat.png” couldn't be downloaded: it is empty."),
        (b"\0\0\0\x18ftypheic" + bytes(100), "“cat.png” is a HEIC picture that is cut off. Use the whole file"),
        (picture("PNG")[:-20], "“cat.png” is a PNG picture that is cut off."),
        (
            bomb(12_000, 12_000),
            "“cat.png” is a picture of 12000x12000 pixels, too large to be converted here. Make it smaller",
        ),
        (
            picture("PNG", (14, 100)),
            "“cat.png” is 14x100; each side needs at least 15 pixels. Attach a larger picture.",
        ),
        (
            picture("PNG", (330, 20)),
            "“cat.png” is 330x20; one side may be at most 16 times as long as the other. Crop it.",
        ),
        (status(404), "“cat.png” couldn't be downloaded: the server answered 404. Attach"),
        (redirect("http://10.0.0.1/"), "“cat.png” couldn't be downloaded: 10.0.0.1 is not on the public internet."),
        (endless, "“cat.png” couldn't be downloaded: it has more than 33,554,432 bytes, the limit. Attach"),
    ],
)
async def test_a_reference_that_can_not_be_used_is_refused_in_a_sentence(server, store, content, told):
    said = await refusal(store, server.put("cat.png", content) + "?ex=1&hm=2")
    assert said.startswith(f"reference: {told}")


@pytest.mark.parametrize("size", [(15, 15), (320, 20)])
async def test_sides_at_the_bound_are_taken(server, store, size):
    assert decoded(await referred(store, server.put("a", picture("PNG", size)))).size == size


@pytest.mark.parametrize(
    ("path", "name"), [("", "picture"), ("a%20cat.png", "a cat.png"), ("%0A%1B[31m.png", "[31m.png")]
)
async def test_a_reference_is_called_by_its_file_name(server, store, path, name):
    server.put(path, status(404))
    for known in ("a cat.png", "\n\x1b[31m.png"):
        server.put(known, status(404))
    assert f"“{name}”" in await refusal(store, f"{server.base}/{path}")


async def test_what_is_no_link_is_no_reference(store):
    assert "it isn't a valid link" in await refusal(store, "https://[")
    assert "http or https link" in await refusal(store, "file:///etc/passwd")


async def test_the_loop_goes_on_while_a_large_reference_is_prepared(server, tmp_path):
    url = server.put("a", encoded(Image.new("RGB", (7000, 7000), "teal"), "PNG"))
    async with PictureStore(tmp_path / "spool", allow_local=True) as store:
        task = asyncio.create_task(referred(store, url))
        turns = 0
        while not task.done():
            await asyncio.sleep(0)
            turns += 1
        assert inspect(await task).width == 6000
        assert turns > 100


# --- removing -----------------------------------------------------------------------------------------------------


async def test_a_job_s_files_are_removed_and_no_other_job_s(store):
    for job in ("a", "a-1", "a-1-0", "b"):
        got = await store.fetch(job, 0, noise((100, 100)))
        await store.shrink(got, 10_000)
    (store._folder / "a-1-2.png.part").write_bytes(b"")
    await store.discard("a-1")
    assert {name.rpartition("-")[0] for name in files(store)} == {"a", "a-1-0", "b"}
    await store.discard("a-1")
    assert len(files(store)) == 6


async def test_what_was_shrunk_is_forgotten_with_its_job(store):
    for _ in range(2):
        got = await store.fetch("job", 0, noise((200, 200)))
        fit = await store.shrink(got, 20_000)
        assert store.path(fit).stat().st_size == fit.size
        await store.discard("job")
    assert files(store) == []


async def test_the_jobs_that_have_files_are_told_and_foreign_files_are_left_alone(store):
    for job in ("old", "new"):
        got = await store.fetch(job, 0, picture())
    (store._folder / "old-1.picture.part").write_bytes(b"")
    (store._folder / "notes.txt").write_text("mine")
    assert await store.owners() == {"old", "new"}
    await store.discard("old")
    assert files(store) == ["new-0.jpeg", "notes.txt"]
    assert await store.holds(got)
    await store.discard("new")
    assert not await store.holds(got)


@pytest.mark.parametrize(("answer", "gone"), [(b"here", False), (status(404), True), (status(410), True)])
async def test_a_file_is_gone_where_its_server_says_so(server, store, answer, gone):
    assert await store.gone(server.put("a", answer)) is gone


@pytest.mark.parametrize("answer", [status(403), status(405), status(500), redirect("http://10.0.0.1/")])
async def test_where_nobody_knows_a_file_is_not_called_gone(server, store, answer):
    assert await store.gone(server.put("a", answer)) is False
    assert await store.gone("https://[") is False


async def test_a_prepared_reference_is_sent_after_its_link_has_died(server, store):
    url = server.put("a", picture("PNG"), status(404))
    await store.prepare_reference("job", 3, url, ReferenceForm(formats=ALL))
    assert await store.prepared_references("job") == {3: True}
    assert await store.prepared_references("jo") == {}
    assert (await store.reference("job", 3)).startswith("data:image/png;base64,")
    await store.discard("job")
    assert await store.prepared_references("job") == {}
    with pytest.raises(BadReference, match="can't be read any more"):
        await store.reference("job", 3)


async def test_a_reference_that_had_to_change_is_known_as_such(server, store):
    for index, content in enumerate((picture("PNG"), picture("PNG") + b"more", picture("BMP"))):
        await store.prepare_reference("job", index, server.put(str(index), content), ReferenceForm(formats=BASIC))
    assert await store.prepared_references("job") == {0: True, 1: False, 2: False}


async def test_a_reference_for_which_there_is_no_room_is_refused(server, store):
    store._folder.rmdir()
    store._folder.touch()
    url = server.put("a", picture())
    with pytest.raises(BadReference, match="couldn't be stored"):
        await store.prepare_reference("job", 0, url, ReferenceForm(formats=ALL))
