"""matplotlib lists the installed fonts in a cache on disk. What is installed or removed later counts all the same."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

ROOT = Path(__file__).parents[3]
LETTER = "\U00013000"  # an Egyptian hieroglyph; no usual font has it
ASK = f"from infra.reports.charts import can_draw; print(can_draw({LETTER!r}))"
INSTALL_BETWEEN = f"""
import os, shutil, sys
from infra.reports.charts import can_draw
before = can_draw({LETTER!r})
os.mkdir(sys.argv[2])
shutil.copy(sys.argv[1], sys.argv[2])
print(before, can_draw({LETTER!r}))
"""


def square():
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for point in ((0, 700), (700, 700), (700, 0)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


def save_font(path: Path) -> None:
    """A font of a family that charts use, with one letter."""
    font = FontBuilder(1000, isTTF=True)
    font.setupGlyphOrder([".notdef", "letter"])
    font.setupCharacterMap({ord(LETTER): "letter"})
    font.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "letter": square()})
    font.setupHorizontalMetrics({".notdef": (700, 0), "letter": (700, 0)})
    font.setupHorizontalHeader(ascent=800, descent=-200)
    font.setupNameTable({"familyName": "Noto Sans Symbols 2", "styleName": "Regular"})
    font.setupOS2()
    font.setupPost()
    path.parent.mkdir(parents=True, exist_ok=True)
    font.save(path)


@pytest.fixture
def run(tmp_path):
    """Run a program in a new process, which finds the cache of the one before."""
    environ = os.environ | {"MPLCONFIGDIR": str(tmp_path / "cache"), "XDG_DATA_HOME": str(tmp_path)}

    def run(*program: str) -> str:
        command = (sys.executable, "-c", *program)
        return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True).stdout.strip()

    return run


@pytest.fixture
def can_draw(run):
    return lambda: {"True": True, "False": False}[run(ASK)]


def test_a_font_that_is_installed_later_is_used(can_draw, tmp_path):
    assert not can_draw()
    save_font(tmp_path / "fonts/symbols.ttf")
    assert can_draw()


def test_a_font_that_is_installed_while_the_bot_runs_is_used(run, tmp_path):
    save_font(tmp_path / "made/symbols.ttf")
    assert run(INSTALL_BETWEEN, str(tmp_path / "made/symbols.ttf"), str(tmp_path / "fonts")) == "False True"


def test_a_font_that_is_removed_later_is_missed_by_nobody(can_draw, tmp_path):
    save_font(tmp_path / "fonts/symbols.ttf")
    assert can_draw()
    (tmp_path / "fonts/symbols.ttf").unlink()
    assert not can_draw()


def test_a_file_that_is_no_font_is_passed_over(can_draw, tmp_path):
    assert not can_draw()
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts/broken.ttf").write_bytes(b"not a font")
    assert not can_draw()
