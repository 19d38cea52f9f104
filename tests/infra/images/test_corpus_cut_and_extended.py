"""A picture that is cut anywhere is refused or sent as it was; whatever follows a picture isn't sent."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.infra.images.corpus_calls import as_reference, open_store
from tests.infra.images.files import file_server
from tests.support.corpus import SAMPLES, Either, Refused
from tests.support.corpus.checker import problems, problems_of_refusal

EVERY = frozenset({"jpeg", "png", "webp", "gif", "bmp", "tiff"})
NAMES = [
    "baseline.jpg", "progressive.jpg", "restart-markers.jpg", "mpo-two.jpg", "IMG_turned_6.HEIC", "still.avif",
    "plain.png", "rgb-8-interlaced.png", "lossy.webp", "lossless.webp", "plain.gif", "plain.tif", "24-bit.bmp",
]  # fmt: skip

tried = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture
async def server():
    async with file_server() as server:
        yield server


@pytest.fixture
async def store(tmp_path):
    async with open_store(tmp_path / "spool") as store:
        yield store


@cache
def sample_named(name):
    return next(sample for sample in SAMPLES if sample.name == name)


@pytest.mark.parametrize("name", NAMES)
@tried
@given(data=st.data())
async def test_a_picture_that_is_cut_anywhere_is_refused_or_sent_as_it_was(server, store, name, data):
    whole = sample_named(name)
    place = data.draw(st.integers(0, len(whole.content) - 1))
    sample = replace(whole, reference=Either(whole.reference, Refused()))
    sent = await as_reference(store, server.put(name, whole.content[:place]), EVERY)
    wrong = problems_of_refusal(sample, sent) if isinstance(sent, str) else problems(sample, sent, formats=EVERY)
    assert wrong == []


@pytest.mark.parametrize("name", ["baseline.jpg", "progressive.jpg", "restart-markers.jpg", "mpo-two.jpg"])
async def test_a_jpeg_without_its_last_bytes_is_refused_or_sent_as_it_was(server, store, name):
    whole = sample_named(name)
    sample = replace(whole, reference=Either(whole.reference, Refused()))
    for missing in range(1, 30):
        sent = await as_reference(store, server.put(name, whole.content[:-missing]), EVERY)
        wrong = problems_of_refusal(sample, sent) if isinstance(sent, str) else problems(sample, sent, formats=EVERY)
        assert wrong == [], missing


@pytest.mark.parametrize("name", NAMES)
@tried
@given(behind=st.binary(min_size=1, max_size=300))
async def test_whatever_follows_a_picture_is_not_sent(server, store, name, behind):
    sample = sample_named(name)
    sent = await as_reference(store, server.put(name, sample.content + behind), EVERY)
    wrong = problems_of_refusal(sample, sent) if isinstance(sent, str) else problems(sample, sent, formats=EVERY)
    assert wrong == []
