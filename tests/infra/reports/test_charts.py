"""The report's charts: what is seen, and what is heard."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from infra.reports import plotting
from infra.reports.charts import can_draw, days_chart, members_chart
from infra.reports.font_fallback import drawable, families_for
from studio.quota.reports import ChartWords, Share

TODAY = date(2026, 5, 13)
WIDTH = 1020


def days(count: int) -> list[str]:
    return [f"{TODAY - timedelta(days=count - 1 - number):%d %b}" for number in range(count)]


def titled(title: str, figure="{:,.0f}".format) -> ChartWords:
    return ChartWords(title=title, nothing="Nothing was used.", others="others", figure=figure)


def picture(png: bytes) -> Image.Image:
    """What is seen on the card's own colour."""
    drawn = Image.open(io.BytesIO(png))
    image = Image.new("RGB", drawn.size, plotting._CARD)
    image.paste(drawn, mask=drawn)
    return image


def pixels(image: Image.Image, colour: str) -> list[tuple[int, int]]:
    wanted = ImageColor.getrgb(colour)
    data = image.load()
    return [(x, y) for x in range(image.width) for y in range(image.height) if data[x, y] == wanted]


def bars(image: Image.Image, colour: str) -> list[tuple[int, int]]:
    """(left, pixels) of each run of columns below the legend that have this colour: a bar's area is its figure."""
    columns: dict[int, int] = {}
    for x, y in pixels(image, colour):
        if y > 220:
            columns[x] = columns.get(x, 0) + 1
    found: list[list[int]] = []
    for x in sorted(columns):
        if found and x - found[-1][1] <= 1:
            found[-1][1:] = [x, found[-1][2] + columns[x]]
        else:
            found.append([x, x, columns[x]])
    return [(left, area) for left, _, area in found]


def luminance(colour: str) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in ImageColor.getrgb(colour))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


def test_a_bar_is_as_high_as_its_figure():
    chart = days_chart(
        titled("Credits a day"), days(4), {"SeeDream 4.5": [40, 20, 0, 10], "SeeDream 4.0": [0, 20, 10, 0]}
    )
    image = picture(chart.png)
    assert (image.width, image.height) == (WIDTH, 3 * (46 + 22 + 165))
    first = [area for _, area in bars(image, plotting._COLOURS[0])]
    second = [area for _, area in bars(image, plotting._COLOURS[1])]
    assert [round(4 * area / first[0], 1) for area in first] == pytest.approx([4, 2, 1], rel=0.05)
    assert second[0] == pytest.approx(first[1], rel=0.02)
    assert second[1] == pytest.approx(first[0] / 4, rel=0.05)


def test_the_longest_bar_is_on_top_and_the_others_are_in_proportion():
    chart = members_chart(
        titled("Who used most"), [Share("Ada", "ada", 10), Share("Bob", "bob", 40), Share("Eve", "eve", 0)]
    )
    image = picture(chart.png)
    rows: dict[int, int] = {}
    for _, y in pixels(image, plotting._COLOURS[0]):
        rows[y] = rows.get(y, 0) + 1
    lengths = [rows[y] for y in sorted(rows)]
    assert lengths[0] == pytest.approx(444, abs=4)
    assert lengths[-1] == pytest.approx(444 / 4, abs=4)
    assert image.height == 3 * (46 + 2 * 28 + 14)


def test_what_is_shown_is_told():
    chart = days_chart(titled("Credits a day"), days(3), {"SeeDream 4.5": [1, 1200, 3], "SeeDream 4.0": [0, 5, 0]})
    assert chart.shown == (("SeeDream 4.5", 1204), ("SeeDream 4.0", 5))
    shares = [Share("Ada", "ada", 3), Share("田中", "tanaka", 1500)]
    assert members_chart(titled("Who used most"), shares).shown == (("田中", 1500), ("Ada", 3))


def test_where_nothing_was_used_it_says_so():
    for chart in (
        days_chart(titled("Credits"), days(7), {"SeeDream 4.5": [0] * 7}),
        members_chart(titled("Credits"), []),
    ):
        assert chart.shown == ()
        assert picture(chart.png).size == (WIDTH, 300)


def test_of_more_than_can_be_read_the_most_used_are_shown_and_the_others_together():
    use = {f"Model {number:02}": [number] * 200 for number in range(1, 21)}
    chart = days_chart(titled("Credits a day"), days(200), use)
    assert chart.shown[-2:] == (("Model 10", 10 * 90), ("others", sum(range(1, 10)) * 90))
    assert sum(figure for _, figure in chart.shown) == sum(range(1, 21)) * 90
    members = members_chart(titled("Who used most"), [Share(f"Member {n}", f"m{n}", n) for n in range(1, 1000)])
    assert members.shown == tuple((f"Member {n}", n) for n in range(999, 989, -1))
    assert picture(members.png).height == 3 * (46 + 10 * 28 + 14)


def test_words_that_no_font_has_are_known_before_they_are_drawn():
    assert can_draw("Créditos por día · 13 de set. " * 9)
    assert not can_draw("Credits 𐎀")


@pytest.mark.parametrize("written", ["1", "9,999", "1.2億", "999.999", "123,5 Mio.", "1000 Bio."])
def test_a_figure_has_its_place_however_its_language_writes_it(written):
    words = titled("x", lambda _: written)
    charts = [days_chart(words, days(1), {"m": [123_456]}), members_chart(words, [Share("Ada", "ada", 123_456)])]
    for chart in charts:
        image = picture(chart.png)
        edge = {image.getpixel((x, y)) for x in (9, WIDTH - 10) for y in range(60, image.height - 60)}
        assert edge == {ImageColor.getrgb(plotting._CARD)}


def test_a_chart_is_a_card_with_round_corners_whatever_is_behind_it():
    drawn = Image.open(io.BytesIO(days_chart(titled("Credits a day"), days(3), {"m": [1, 2, 3]}).png))
    assert drawn.getpixel((0, 0))[3] == 0
    assert drawn.getpixel((60, 60))[3] == 255


def test_everything_can_be_read_against_the_card():
    assert contrast(plotting._INK, plotting._CARD) > 7
    assert contrast(plotting._FAINT, plotting._CARD) > 4.5
    assert all(contrast(colour, plotting._CARD) > 4.5 for colour in plotting._COLOURS)
    assert len(set(plotting._COLOURS)) == 12


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada \n Lovelace ", "Ada Lovelace"),
        ("Łukasz Żółć", "Łukasz Żółć"),
        ("Дмитрий", "Дмитрий"),
        ("\U0001d4d0\U0001d4ed\U0001d4ea", "Ada"),
        ("🫎 Ada 🫎", "Ada"),
        ("\u202eAda\0", "Ada"),
        ("A" + "\u0301" * 40 + "da", "Á\u0301\u0301da"),
        ("🫎", "ada"),
        ("", "ada"),
        ("\u200d", "ada"),
        ("𐎀𐎁 Ada", "ada"),  # half a name is none; Ugaritic is in no font that is looked for
    ],
)
def test_a_name_is_drawn_as_far_as_the_fonts_go(name, expected):
    assert drawable(name, "ada") == expected


@given(st.text(max_size=40))
def test_whatever_a_member_is_called_every_letter_of_what_is_drawn_has_a_glyph(name):
    told = drawable(name, "handle")
    assert told
    assert families_for(told)
    assert told == "handle" or drawable(told, "handle") == told


@settings(max_examples=15)
@given(
    st.lists(st.builds(Share, st.text(max_size=40), st.just("handle"), st.integers(0, 10**12)), max_size=12), st.text()
)
def test_no_name_breaks_a_chart(shares, title):
    # A glyph that is missing would be a warning, which is an error here; a dollar sign would begin a formula.
    shares = [*shares, Share("$x_{$^", "dollar", 5)]
    assert picture(members_chart(titled(title), shares).png).width == WIDTH
    assert (
        picture(days_chart(titled(title), days(1), {share.name: [share.amount] for share in shares}).png).width == WIDTH
    )


def test_whoever_asks_for_no_chart_does_not_pay_for_matplotlib():
    code = "import sys, infra.reports.charts; sys.exit(any(name in sys.modules for name in ('matplotlib', 'numpy')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
