"""ZIP files of a job's pictures."""

from __future__ import annotations

import stat
from zipfile import ZipFile

import pytest

from infra.images.spool import PictureStore
from studio.jobs.pictures import Bundle, PictureUnavailable
from tests.infra.images.files import noise

TEXTS = {"layers.json": "{}\n"}
LIMIT = 10 * 2**20


@pytest.fixture
async def store(tmp_path):
    async with PictureStore(tmp_path / "spool", allow_local=True) as store:
        yield store


@pytest.fixture
async def pictures(store):
    return {f"0{at}-fox.png": await store.fetch("job-1", at, noise((60, 40))) for at in (1, 2)}


async def content(store: PictureStore, pictures, limit: int = LIMIT) -> bytes:
    bundle = await store.bundle("job-1", pictures, TEXTS, limit=limit)
    data = store.path(bundle).read_bytes()
    assert bundle == Bundle(path="job-1-bundle.zip", size=len(data))
    return data


async def test_it_holds_the_pictures_and_the_texts_under_their_names(store, pictures):
    await content(store, pictures)
    with ZipFile(store.path(Bundle(path="job-1-bundle.zip", size=0))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [*pictures, *TEXTS]
        for name, picture in pictures.items():
            assert archive.read(name) == store.path(picture).read_bytes()
        assert archive.read("layers.json") == b"{}\n"
        assert {stat.filemode(one.external_attr >> 16) for one in archive.infolist()} == {"-rw-r--r--"}


async def test_the_same_pictures_give_the_same_bytes(store, pictures):
    assert await content(store, pictures) == await content(store, pictures)


async def test_one_over_the_limit_is_none(store, pictures):
    size = len(await content(store, pictures))
    assert len(await content(store, pictures, limit=size)) == size
    assert await store.bundle("job-1", pictures, TEXTS, limit=size - 1) is None
    assert await store.bundle("job-1", pictures, TEXTS, limit=100) is None


async def test_a_picture_whose_file_is_gone_is_told(store, pictures):
    store.path(pictures["01-fox.png"]).unlink()
    with pytest.raises(PictureUnavailable, match="No such file"):
        await store.bundle("job-1", pictures, TEXTS, limit=LIMIT)
    assert [file for file in store._folder.iterdir() if file.suffix == ".part"] == []


async def test_it_is_removed_with_the_jobs_pictures(store, pictures):
    await content(store, pictures)
    assert await store.owners() == {"job-1"}
    await store.discard("job-1")
    assert list(store._folder.iterdir()) == []
