"""Names of shapes, in every language."""

from __future__ import annotations

import pytest

from cogs.i18n.translate import LANGUAGES, using_locale
from cogs.texts.shapes import SHAPES, read_ratio, shape_label
from seedream import RATIOS
from studio.jobs import reshaping


def test_shapes_with_names_come_first():
    assert [shape_label(ratio) for ratio in SHAPES] == [
        "Square 1:1", "Portrait 4:5", "Tall 9:16", "Landscape 3:2", "Wide 16:9", "Banner 21:9",
        "4:3", "3:4", "2:3", "5:4",
    ]  # fmt: skip
    assert set(SHAPES) == set(RATIOS)
    assert SHAPES[: len(reshaping.SHAPES)] == reshaping.SHAPES


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_name_means_the_same_shape_in_every_language(locale):
    for ratio in SHAPES:
        with using_locale(locale):
            label = shape_label(ratio)
        assert read_ratio(label) == ratio
        name = label.removesuffix(ratio)
        assert len(label) <= 26
        assert not name or read_ratio(f"  {name.upper()} ") == ratio


def test_ratios_are_read_as_well_and_other_texts_stay_as_they_are():
    assert (read_ratio("16x9"), read_ratio("21 : 9"), read_ratio("huge")) == ("16:9", "21:9", "huge")
