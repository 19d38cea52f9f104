"""Tells what kind of file something is by its first bytes."""

from __future__ import annotations

import re

from seedream.images.structure import ANOTHER_IMAGE, NotAnImageError
from seedream.phrases import Phrase

HEAD_BYTES = 4096
"""How many first bytes tell what a file is."""


def _pattern(expression: bytes, flags: int = 0) -> re.Pattern[bytes]:
    return re.compile(expression, re.DOTALL | flags)


_FORMATS = (
    (_pattern(rb"\xff\xd8\xff"), "jpeg"),
    (_pattern(rb"\x89PNG\r\n\x1a\n"), "png"),
    (_pattern(rb"GIF8[79]a"), "gif"),
    (_pattern(rb"BM(?:.{4}\0\0\0\0|.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0)"), "bmp"),
    (_pattern(rb"II[*+]\0|MM\0[*+]"), "tiff"),
    (_pattern(rb"RIFF.{4}WEBP"), "webp"),
    (_pattern(rb".{4}ftyp(?:avi[fs]|(?:mif1|msf1|miaf).{4}(?:.{4}){0,20}avi[fs])"), "avif"),
    (_pattern(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1|miaf)"), "heic"),
)

RAW_REMEDY = Phrase("Export it as a JPEG and use that.")
_AS_PNG = Phrase("Export it as a PNG and use that.")
_SCREENSHOT = Phrase("Take a screenshot of the moment you want, and use that.")
_UNPACK = Phrase("Unpack it and use a picture from it.")
_OPEN = Phrase("Open the picture itself, save it, and use that.")

_VIDEO = Phrase("a video")
_SOUND = Phrase("a sound file")
_TEXT = Phrase("a text file")

# Possessive repetitions (*+): crafted bytes would otherwise be tried in every way.
_BOM = rb"(?:\xef\xbb\xbf)?\s*+"
_PROLOGUE = rb"(?:<\?xml[^>]*>|<!--.*?-->|<!doctype\s+svg[^>\[]*(?:\[.*?\])?\s*>|\s)*+"

# Shape of the first bytes, what such a file is, and what its owner can do.
_OTHERS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (_pattern(rb".{4}ftypcrx "), Phrase("a camera raw file ({name})", name="CR3"), RAW_REMEDY),
    (_pattern(rb"IIR[OS]|MMOR"), Phrase("a camera raw file ({name})", name="ORF"), RAW_REMEDY),
    (_pattern(rb"IIU\0"), Phrase("a camera raw file ({name})", name="RW2"), RAW_REMEDY),
    (_pattern(rb"FUJIFILMCCD-RAW"), Phrase("a camera raw file ({name})", name="RAF"), RAW_REMEDY),
    (_pattern(rb"FOVb"), Phrase("a camera raw file ({name})", name="X3F"), RAW_REMEDY),
    (_pattern(rb"\0MRM"), Phrase("a camera raw file ({name})", name="MRW"), RAW_REMEDY),
    (_pattern(rb".{4}ftypjxl |\xff\x0a|\0\0\0\x0cJXL "), Phrase("a JPEG XL picture"), RAW_REMEDY),
    (_pattern(rb"\0\0\0\x0cjP |\xff\x4f\xff\x51|.{4}ftypjp2"), Phrase("a JPEG 2000 picture"), RAW_REMEDY),
    (_pattern(rb".{4}ftyp(?:M4A|M4B|F4A)"), _SOUND, ANOTHER_IMAGE),
    (_pattern(rb".{4}(?:ftyp|moov|mdat|wide|free|skip)"), _VIDEO, _SCREENSHOT),
    (_pattern(rb"\x1a\x45\xdf\xa3|RIFF.{4}AVI |FLV\x01|\x00\x00\x01[\xb3\xba]|\x30\x26\xb2\x75"), _VIDEO, _SCREENSHOT),
    (_pattern(rb"ID3|OggS|fLaC|RIFF.{4}WAVE|\xff[\xe2\xe3\xf2\xf3\xfa\xfb]|FORM.{4}AIF|MThd"), _SOUND, ANOTHER_IMAGE),
    (_pattern(rb"%PDF"), Phrase("a PDF"), Phrase("Export the page as a PNG and use that.")),
    (_pattern(rb"8BPS"), Phrase("a Photoshop file"), RAW_REMEDY),
    (_pattern(rb"gimp xcf"), Phrase("a GIMP file"), RAW_REMEDY),
    (_pattern(rb"%!PS|\xc5\xd0\xd3\xc6"), Phrase("a PostScript drawing"), _AS_PNG),
    (_pattern(rb"\xd7\xcd\xc6\x9a|\x01\x00\x00\x00.{36} EMF"), Phrase("a Windows drawing"), _AS_PNG),
    (_pattern(rb"\x00\x00[\x01\x02]\x00.\x00"), Phrase("an icon file"), _AS_PNG),
    (_pattern(rb".{128}DICM"), Phrase("a DICOM file"), _AS_PNG),
    (
        _pattern(rb"PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd"),
        Phrase("an archive"),
        _UNPACK,
    ),
    (_pattern(_BOM + _PROLOGUE + rb"<(?:\w+:)?svg[\s>/]", re.IGNORECASE), Phrase("an SVG drawing"), _AS_PNG),
    (
        _pattern(_BOM + rb"(?:<!--.*?-->\s*+)*+<(?:!doctype\s+html|html|head|body|script)\b", re.IGNORECASE),
        Phrase("a web page"),
        _OPEN,
    ),
    (_pattern(rb"\xff\xfe[^\0].|\xfe\xff.[^\0]"), _TEXT, ANOTHER_IMAGE),
    (_pattern(rb"(?:\xef\xbb\xbf)?(?:[\t\n\r\x20-\x7e]|[\xc2-\xf4][\x80-\xbf]{1,3}){8}"), _TEXT, ANOTHER_IMAGE),
)


def format_of(head: bytes) -> str | None:
    """Return an image's format by its first bytes, of which 128 are enough: see `ImageStructure`; None for others."""
    return next((name for signature, name in _FORMATS if signature.match(head)), None)


def other_kind(head: bytes) -> NotAnImageError:
    """Return what a file is that isn't an image of a known format."""
    if not head:
        return NotAnImageError(Phrase("an empty file"))
    for shape, what, remedy in _OTHERS:
        if shape.match(head):
            return NotAnImageError(what, remedy)
    return NotAnImageError(Phrase("not a picture"))
