"""Finds a font for each character: Pillow's own, the font of emoji, and those that are installed on this machine."""

from __future__ import annotations

import os
import sys
import unicodedata
from functools import cache, lru_cache
from pathlib import Path

from PIL import ImageFont, features

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

OWN = Path()  # Pillow's own font, which has Latin letters
EMOJI = Path(__file__).parents[1] / "emoji/twemoji.woff2"
MOST_FONTS = 300  # that are tried for a character
_PROBE = 20  # pixels
_IN_NO_FONT = "\U000fffff"
_ENDINGS = {".ttf", ".otf", ".ttc"}
_LESS_FIT = ("bold", "italic", "oblique", "serif", "mono", "condensed", "light", "thin", "black", "emoji", "icon")
_FIRST_EMOJI = 0x2300  # what is below is text unless a keycap follows
_KEYCAP = "\u20e3"
_JOINERS = "\u200c\u200d"
# Scripts whose letters change their forms or places: Indic ones, Tibetan, Myanmar, Khmer.
_SHAPED = (range(0x900, 0xE00), range(0xF00, 0x10A0), range(0x1780, 0x1800))


def font_with(cluster: str, preferred: Path = OWN) -> Path | None:
    """Find a font for a character and its marks, the preferred one if it has them. None: it can't be drawn here."""
    if _is_emoji(cluster):
        return EMOJI
    if _needs_shaping(cluster[0]) and not can_shape():
        return None
    return preferred if _has(preferred, cluster[0]) else _first_with(cluster[0])


def drawable(cluster: str, font: Path) -> str:
    """Return a cluster without the marks that its font lacks, and an emoji without what is joined to it."""
    if font == EMOJI:
        return cluster if cluster[-1] == _KEYCAP else cluster[0]
    return "".join(letter for letter in cluster if _has(font, letter) or (letter in _JOINERS and can_shape()))


@cache
def can_shape() -> bool:
    """Tell whether Pillow can order and join letters: for that it needs the FriBidi library."""
    return bool(features.check("raqm"))


@lru_cache(64)
def load(path: Path, size: int) -> Font | None:
    """Load a font, or return None if it isn't one that Pillow draws in this size."""
    if path == OWN:
        return ImageFont.load_default(size)
    try:
        return ImageFont.truetype(path, size)
    except OSError:
        return None


def is_right_to_left(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in {"R", "AL"}


def _is_emoji(cluster: str) -> bool:
    if cluster[-1] == _KEYCAP:
        return can_shape()
    return ord(cluster[0]) >= _FIRST_EMOJI and _has(EMOJI, cluster[0])


def _needs_shaping(letter: str) -> bool:
    return is_right_to_left(letter) or any(ord(letter) in script for script in _SHAPED)


@lru_cache(4096)
def _first_with(letter: str) -> Path | None:
    return next((path for path in (OWN, *_installed()) if _has(path, letter)), None)


@lru_cache(16384)
def _has(path: Path, letter: str) -> bool:
    """Tell whether a font has a letter: for those that it lacks, it draws the same box or nothing."""
    font = load(path, _PROBE)
    return font is not None and (letter.isspace() or _drawn(font, letter) != _drawn(font, _IN_NO_FONT))


def _drawn(font: Font, letter: str) -> bytes:
    mask = font.getmask(letter)
    return bytes(mask) + repr(mask.size).encode()


@cache
def _installed() -> tuple[Path, ...]:
    """List this machine's fonts, plain sans-serif ones first."""
    files = {file for folder in _folders() for file in folder.rglob("*") if file.suffix.lower() in _ENDINGS}

    def unfitness(file: Path) -> tuple[int, int, str]:
        name = file.stem.lower()
        return sum(word in name for word in _LESS_FIT), len(name), name

    return tuple(sorted(files, key=unfitness)[:MOST_FONTS])


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        return [Path(os.environ.get("WINDIR", "C:/Windows")) / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    shared = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    return [*(Path(folder) / "fonts" for folder in shared.split(":")), home / ".local/share/fonts", home / ".fonts"]
