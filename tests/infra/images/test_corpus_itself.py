"""The corpus is what its tables say: many files, small, and the same each time."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest

from tests.support.corpus import SAMPLES, Either, Refused, Taken

BIG = 3_000_000  # bytes


def test_there_are_many_files_and_each_has_a_name_of_its_own():
    names = Counter(sample.name for sample in SAMPLES)
    assert [name for name, times in names.items() if times > 1] == []
    assert len(names) >= 170
    assert [name for name in names if not re.fullmatch(r"[\w.-]+", name, re.ASCII)] == []


@pytest.mark.parametrize("kind", [Taken, Refused])
def test_much_is_taken_and_much_is_refused(kind):
    assert sum(isinstance(sample.reference, kind) for sample in SAMPLES) > 60


def test_most_of_it_is_certain():
    assert sum(isinstance(sample.reference, Either) for sample in SAMPLES) < len(SAMPLES) / 10


def test_files_are_small_but_for_those_that_are_marked_so():
    sizes = {sample.name: len(sample.content) for sample in SAMPLES if not sample.big}
    assert {name: size for name, size in sizes.items() if size > BIG} == {}
    assert sum(sizes.values()) < 100_000_000
    assert sum(len(sample.make()) for sample in SAMPLES if sample.big) < 300_000_000


def test_every_file_is_made_the_same_again_and_quickly():
    began = time.process_time()
    assert [sample.name for sample in SAMPLES if sample.make() != sample.make()] == []
    assert time.process_time() - began < 40  # seconds, for both
