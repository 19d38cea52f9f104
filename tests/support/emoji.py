"""Makes `sandbox/emoji/twemoji.woff2` from the whole font, which it reads from standard input.

Kept are older emoji, which have the smallest drawings and are what most people write, and all that the bot's texts use.
"""

from __future__ import annotations

import copy
import io
import sys
import unicodedata
from pathlib import Path

from fontTools import subset
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent

ROOT = Path(__file__).parents[2]
FONT = ROOT / "sandbox/emoji/twemoji.woff2"
SOURCES = ("cogs", "studio", "infra", "seedream", "check", "sandbox/page", "sandbox/demo")
SUFFIXES = {".py", ".po", ".toml", ".js", ".html"}
LAST_OF_OLDER = 0x1F64F
FIRST_SYMBOL = 0x2300
LINES_AND_BLOCKS = map(chr, range(0x2500, 0x25A0))
SIGNS = frozenset("⌄☰◐➤✕✦★☆●○■□▲▼◆◇").union(LINES_AND_BLOCKS)  # every text font has them, in the text's colour
JOINER = 0x200D
FLAGS, SKIN_TONES = range(0x1F1E6, 0x1F200), range(0x1F3FB, 0x1F400)


def emoji_in(text: str) -> set[str]:
    """The characters of a text that are drawn in colours."""
    return {c for c in text if ord(c) >= FIRST_SYMBOL and unicodedata.category(c) == "So" and c not in SIGNS}


def used_emoji() -> set[str]:
    """Every emoji in the code and the catalogs of the bot, and on the page."""
    files = (file for folder in SOURCES for file in (ROOT / folder).rglob("*") if file.suffix in SUFFIXES)
    return set().union(*(emoji_in(file.read_text(encoding="utf-8")) for file in files))


def made(whole: bytes) -> bytes:
    """The subset, as WOFF2."""
    options = subset.Options(flavor="woff2", layout_features=["ccmp"], hinting=False, glyph_names=False)
    options.drop_tables += ["FFTM"]
    font = subset.load_font(io.BytesIO(whole), options)
    left_out = {JOINER, *FLAGS, *SKIN_TONES}
    older = {code for code in font.getBestCmap() if code <= LAST_OF_OLDER} - left_out
    chosen = subset.Subsetter(options)
    chosen.populate(unicodes=older | {ord(c) for c in used_emoji()})
    chosen.subset(font)
    outline(font)
    shorten_keycaps(font)
    file = io.BytesIO()
    font.save(file)
    return file.getvalue()


def outline(font) -> None:
    """Give each emoji its layers' outlines: without any, FreeType finds no room to draw the layers in."""
    glyphs = font["glyf"]
    for name, layers in font["COLR"].ColorLayers.items():
        glyphs[name] = glyph = Glyph()
        glyph.numberOfContours, glyph.components = -1, [component(layer.name) for layer in layers]
        glyph.recalcBounds(glyphs)


def shorten_keycaps(font) -> None:
    """Let a keycap be found without its variation selector, which Chromium takes out."""
    for lookup in font["GSUB"].table.LookupList.Lookup:
        for table in lookup.SubTable:
            for ligatures in table.ligatures.values():
                shorter = copy.deepcopy(ligatures[0])
                shorter.Component, shorter.CompCount = shorter.Component[1:], shorter.CompCount - 1
                ligatures.append(shorter)


def component(name: str) -> GlyphComponent:
    part = GlyphComponent()
    part.glyphName, part.x, part.y, part.flags = name, 0, 0, 0x4
    return part


if __name__ == "__main__":
    FONT.write_bytes(made(sys.stdin.buffer.read()))
    print(f"{FONT.relative_to(ROOT)}  {FONT.stat().st_size // 1024} KiB")
