"""Every file of the corpus, as a reference and as a result, ends as its table says."""

from __future__ import annotations

import pytest

from tests.infra.images.corpus_calls import Kept, as_reference, as_result, open_store, shrunk
from tests.infra.images.files import file_server
from tests.support.corpus import SAMPLES, Linked, Shown, marks
from tests.support.corpus.checker import problems, problems_of_refusal, problems_of_result

EVERY = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff"})
BASIC = frozenset({"jpeg", "png"})
NOT_BASIC = [sample for sample in SAMPLES if sample.name.endswith((".webp", ".gif", ".bmp", ".tif"))]


@pytest.fixture
async def server():
    async with file_server() as server:
        yield server


@pytest.fixture
async def store(tmp_path):
    async with open_store(tmp_path / "spool") as store:
        yield store


def check_reference(sample, sent, formats):
    if isinstance(sent, str):
        assert problems_of_refusal(sample, sent) == []
    else:
        assert problems(sample, sent, formats=formats) == []


def check_result(sample, kept):
    if isinstance(kept, Kept):
        assert problems_of_result(sample, *kept) == []
        if isinstance(sample.result, Linked):  # damaged, or a camera's raw file: it is delivered as it came
            assert (kept.content, kept.sides) == (sample.content, (0, 0)) or kept.form in {"jpeg", "png"}
    else:
        assert not isinstance(sample.result, Shown), kept


def each(samples):
    return pytest.mark.parametrize("sample", samples, ids=[sample.name for sample in samples])


@each(SAMPLES)
async def test_a_reference_is_sent_as_jpeg_or_png_or_refused_in_words(server, store, sample):
    check_reference(sample, await as_reference(store, server.put(sample.name, sample.content), BASIC), BASIC)


@each(NOT_BASIC)
async def test_a_model_that_takes_more_formats_gets_them_as_it_takes_them(server, store, sample):
    check_reference(sample, await as_reference(store, server.put(sample.name, sample.content), EVERY), EVERY)


@each([sample for sample in SAMPLES if not sample.big])  # the large ones would take as long again
async def test_a_result_by_link_is_kept_as_a_picture_or_left_as_it_is(server, store, sample):
    check_result(sample, await as_result(store, server.put(sample.name, sample.content)))


@each(SAMPLES)
async def test_a_result_in_bytes_is_kept_as_a_picture_or_left_as_it_is(store, sample):
    check_result(sample, await as_result(store, sample.content))


@pytest.mark.parametrize("make", [marks.loud_jpeg, marks.loud_png, marks.loud_png_with_alpha, marks.loud_webp])
async def test_marks_of_origin_are_written_again_into_a_smaller_picture(store, make):
    content = await shrunk(store, make(), 50_000)
    assert len(content) <= 50_000
    assert [mark for mark in marks.MARKS if mark not in content] == []
