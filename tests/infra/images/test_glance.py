"""A file's first bytes, wherever they are cut, say what it is and how large, or that this can't be told yet."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedream.images import GLANCE_BYTES, NotAnImageError, glance, inspect
from seedream.images.structure import BrokenImageError
from tests.support.corpus import SAMPLES

BEHIND = "orientation-6-png-behind-pixels.png"  # how it is turned can't be seen before its end


def is_small(sample):
    return not sample.big and len(sample.content) <= GLANCE_BYTES


def outcome(look, content):
    """(format, sides), or what it is instead; None for what is broken."""
    try:
        seen = look(content)
    except BrokenImageError:
        return None
    except NotAnImageError as error:
        return str(error)
    return seen.format, seen.sides


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_a_glance_agrees_with_a_close_look(sample):
    known, seen = outcome(inspect, sample.content), outcome(glance, sample.content[:GLANCE_BYTES])
    if known is None:  # a damaged file has sides all the same
        assert seen is not None
    elif isinstance(known, str):
        assert seen == known or seen[1] is None
    elif is_small(sample):
        assert seen == known
    else:
        assert seen in {known, (known[0], None)}


@settings(max_examples=300, deadline=None)
@given(
    sample=st.sampled_from([sample for sample in SAMPLES if sample.name != BEHIND]).filter(is_small),
    share=st.floats(0, 1),
    near=st.integers(0, 2048),
)
def test_wherever_it_is_cut_a_glance_says_nothing_wrong(sample, share, near):
    whole = outcome(inspect, sample.content)
    for length in (int(share * len(sample.content)), near):
        seen = outcome(glance, sample.content[:length])
        if isinstance(seen, tuple) and isinstance(whole, tuple):
            assert seen in {whole, (whole[0], None)}


@given(st.binary(max_size=300))
def test_any_bytes_are_an_image_or_named_for_what_they_are(content):
    outcome(glance, content)


@pytest.mark.parametrize(
    "content", [b" ", b"<!-- -->", b"<!--", b"<?xml ?>", b"<!doctype svg [", b"\xff\xe0\0\2", b"!\xf9\0"]
)
@pytest.mark.parametrize("start", [b"", b"\xff\xd8\xff", b"GIF89a" + b"\1\0\1\0\0\0\0"])
def test_crafted_bytes_take_no_time(start, content):
    head = (start + content * GLANCE_BYTES)[:GLANCE_BYTES]
    began = time.process_time()
    outcome(glance, head)
    assert time.process_time() - began < 0.5
