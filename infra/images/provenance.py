"""Reads and writes the marks in a picture file that say that it was made by AI. Pure.

    mark                        where it is read                               after a re-encode
    IPTC DigitalSourceType      XMP, C2PA manifest (it has no field in IIM)    written as XMP, always
    AIGC (GB 45438-2025)        XMP, PNG text "AIGC", EXIF UserComment         written as XMP, if it was there
    C2PA                        JPEG APP11, PNG caBX, WebP C2PA                lost: it signs the bytes of the original

Every result of the API was made by AI, so a re-encoded one says so even if the service wrote nothing. The original
metadata isn't copied: it may hold anything. Patterns read the XMP, as an XML parser would refuse what is slightly wrong
and might expand entities. Sources: IPTC Photo Metadata Standard 2023.1; TC260-PG-20258A, the guide to GB 45438-2025;
XMP Specification Part 3; C2PA Specification 2.1, "Embedding manifests".
"""

from __future__ import annotations

import html
import json
import re
import zlib
from dataclasses import dataclass
from enum import Enum, auto
from itertools import islice
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from seedream.images import format_of
from seedream.images.exif import exif_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST_STEPS = 100_000  # from one segment or chunk to the next
MOST_BLOCKS = 64  # of such metadata, in one file
MOST_BYTES = 1 << 18  # of a block, once unpacked; what is beyond isn't read
MOST_AIGC = 8192  # characters: as XML, they fit into one segment of a JPEG
MOST_COMMENTS = 16  # places in EXIF that look like the field

_PNG_HEADER_BYTES = 33
_SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_GENERATED = "trainedAlgorithmicMedia"
_SYNTHETIC = {
    _GENERATED,
    "compositeWithTrainedAlgorithmicMedia",
    "compositeSynthetic",
    "algorithmicMedia",
    "algorithmicallyEnhanced",
}

_END_OF_SEGMENTS = {b"\xff\xda", b"\xff\xd9"}  # the pixels, or the end
_XMP_SEGMENT = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_KEYWORD = b"XML:com.adobe.xmp"
_SOURCE_TYPE = re.compile(
    r"DigitalSourceType\b[^<>]{0,80}?[>\"']\s{0,80}(?:https?://cv\.iptc\.org/newscodes/digitalsourcetype/)?(\w{1,64})"
)
_SOURCE_URI = re.compile(rb"https?://cv\.iptc\.org/newscodes/digitalsourcetype/(\w{1,64})")
_AIGC_SPACE = "tc260.org.cn/ns/AIGC"
_AIGC_ELEMENT = re.compile(r"<[\w.-]{1,32}:AIGC(?:\s[^<>]{0,200})?>\s{0,80}(<!\[CDATA\[)?([^<]+)<")
_AIGC_ATTRIBUTE = re.compile(r"\b[\w.-]{1,32}:AIGC\s{0,8}=\s{0,8}(?:\"([^\"<]+)\"|'([^'<]+)')")
_AIGC_JSON = re.compile(r'\{\s*"(?:AIGC|Label)"')
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # what XML 1.0 can't hold

_PACKET = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/">'
    '{fields}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a file says of its origin.

    source_type: the last part of IPTC's DigitalSourceType. aigc: China's AIGC field, its JSON as it was found.
    c2pa: whether there is a signed C2PA manifest.
    """

    source_type: str | None = None
    aigc: str | None = None
    c2pa: bool = False


class _Kind(Enum):
    XMP = auto()
    EXIF = auto()
    AIGC = auto()
    C2PA = auto()


_Block = tuple[_Kind, bytes]


def marks_of(data: bytes) -> Marks:
    """Read the marks of a JPEG, PNG or WebP file; of another file, those in its first XMP packet. Never raises."""
    blocks = list(islice(_blocks(data), MOST_BLOCKS))
    return Marks(
        source_type=_first(_source_type(kind, block) for kind, block in blocks),
        aigc=_first(_aigc(kind, block) for kind, block in blocks),
        c2pa=any(kind is _Kind.C2PA and b"c2pa" in block for kind, block in blocks),
    )


def marked(image: bytes, form: str, marks: Marks, orientation: int) -> bytes:
    """Return a "jpeg" or "png" file without metadata with the marks, its pixels untouched; other files as they are.

    `orientation`: as in EXIF; it is written, too.
    """
    packet, exif = packet_of(marks).encode(), exif_of(orientation)
    match form:
        case "jpeg":
            return image[:2] + _segment(b"Exif\0\0" + exif) + _segment(_XMP_SEGMENT + packet) + image[2:]
        case "png":
            chunks = _chunk(b"iTXt", _XMP_KEYWORD + bytes(5) + packet) + _chunk(b"eXIf", exif)
            return image[:_PNG_HEADER_BYTES] + chunks + image[_PNG_HEADER_BYTES:]
        case _:
            return image


def _segment(data: bytes) -> bytes:
    return b"\xff\xe1" + (len(data) + 2).to_bytes(2, "big") + data


def _chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")


def packet_of(marks: Marks) -> str:
    """Return the XMP packet that says what the file said; if it doesn't say that AI made it, that is added."""
    source_type = marks.source_type if marks.source_type in _SYNTHETIC else _GENERATED
    fields = f"<Iptc4xmpExt:DigitalSourceType>{_SOURCE_TYPES}{source_type}</Iptc4xmpExt:DigitalSourceType>"
    if marks.aigc:
        fields += f"<TC260:AIGC>{escape(marks.aigc)}</TC260:AIGC>"
    return _PACKET.format(fields=fields)


def _first(values: Iterable[str | None]) -> str | None:
    return next(filter(None, values), None)


# --- what a block says ----------------------------------------------------------------------------------------------


def _source_type(kind: _Kind, block: bytes) -> str | None:
    if kind is _Kind.XMP and (match := _SOURCE_TYPE.search(_text(block))):
        return match[1]
    if kind is _Kind.C2PA and (found := _SOURCE_URI.search(block)):
        return found[1].decode("ascii", "replace")
    return None


def _aigc(kind: _Kind, block: bytes) -> str | None:
    match kind:
        case _Kind.XMP:
            found = _aigc_of_xmp(_text(block))
        case _Kind.AIGC:
            found = _text(block)
        case _Kind.EXIF:
            found = _aigc_of_comment(block)
        case _:
            return None
    return _NOT_XML.sub("", found).strip() if found and len(found) <= MOST_AIGC else None


def _aigc_of_xmp(xmp: str) -> str | None:
    if _AIGC_SPACE not in xmp:
        return None
    if match := _AIGC_ELEMENT.search(xmp):
        return match[2].rstrip().removesuffix("]]>") if match[1] else html.unescape(match[2])
    match = _AIGC_ATTRIBUTE.search(xmp)
    return html.unescape(match[1] or match[2]) if match else None


def _aigc_of_comment(exif: bytes) -> str | None:
    """Find the field as JSON in EXIF, where it is a part of UserComment: ASCII, UTF-8 or UTF-16."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        text = exif.decode(encoding, "replace")
        for match in islice(_AIGC_JSON.finditer(text), MOST_COMMENTS):
            if field := _json_field(text[match.start() : match.start() + MOST_AIGC]):
                return field
    return None


def _json_field(text: str) -> str | None:
    """Return the field that the text starts with: as it is, or without the object it is wrapped in."""
    try:
        value, end = json.JSONDecoder().raw_decode(text)
        if "AIGC" not in value:
            return text[:end]
        inner = value["AIGC"]
        return json.dumps(inner, ensure_ascii=False) if isinstance(inner, dict) else None
    except (ValueError, RecursionError):
        return None


def _text(block: bytes) -> str:
    return block.decode("utf-8", "replace")


# --- where the blocks are -------------------------------------------------------------------------------------------


def _blocks(data: bytes) -> Iterator[_Block]:
    """Yield the blocks of metadata that may hold marks."""
    match format_of(data[:12]):
        case "jpeg":
            yield from _of_jpeg(data)
        case "png":
            yield from _of_png(data)
        case "webp":
            yield from _of_webp(data)
        case _:
            yield from _raw_packet(data)


def _of_jpeg(data: bytes) -> Iterator[_Block]:
    """Walk the segments before the pixels. A block in several segments, such as a large C2PA manifest, is several."""
    at = 2
    for _ in range(MOST_STEPS):
        marker, size = data[at : at + 2], int.from_bytes(data[at + 2 : at + 4])
        if marker == b"\xff\xff":  # fills up
            at += 1
            continue
        if not marker.startswith(b"\xff") or marker in _END_OF_SEGMENTS:
            return
        segment = data[at + 4 : at + 2 + size]
        match marker:
            case b"\xff\xe1" if segment.startswith(_XMP_SEGMENT):
                yield _Kind.XMP, segment[len(_XMP_SEGMENT) :]
            case b"\xff\xe1" if segment.startswith(b"Exif\0"):
                yield _Kind.EXIF, segment
            case b"\xff\xeb" if segment.startswith(b"JP"):
                yield _Kind.C2PA, segment
        at += 2 + size


def _of_png(data: bytes) -> Iterator[_Block]:
    at = 8
    for _ in range(MOST_STEPS):
        size, name = int.from_bytes(data[at : at + 4]), data[at + 4 : at + 8]
        chunk = slice(at + 8, at + 8 + min(size, MOST_BYTES))
        match name:
            case b"":
                return
            case b"caBX":
                yield _Kind.C2PA, data[chunk]
            case b"eXIf":
                yield _Kind.EXIF, data[chunk]
            case b"tEXt" | b"zTXt" | b"iTXt":
                yield from _of_png_text(name, data[chunk])
        at += size + 12


def _of_png_text(name: bytes, chunk: bytes) -> Iterator[_Block]:
    keyword, _, rest = chunk.partition(b"\0")
    kind = {_XMP_KEYWORD: _Kind.XMP, b"AIGC": _Kind.AIGC}.get(keyword)
    if kind is None:
        return
    packed = name == b"zTXt" or (name == b"iTXt" and rest[:1] == b"\1")
    if name == b"zTXt":
        rest = rest[1:]  # the method
    elif name == b"iTXt":
        rest = rest[2:].split(b"\0", 2)[-1]  # the language, and the keyword in it
    yield kind, _unpacked(rest) if packed else rest


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_BYTES)
    except zlib.error:
        return b""


def _of_webp(data: bytes) -> Iterator[_Block]:
    kinds = {b"XMP ": _Kind.XMP, b"EXIF": _Kind.EXIF, b"C2PA": _Kind.C2PA}
    at = 12
    for _ in range(MOST_STEPS):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if not name:
            return
        if kind := kinds.get(name):
            yield kind, data[at + 8 : at + 8 + min(size, MOST_BYTES)]
        at += 8 + size + size % 2


def _raw_packet(data: bytes) -> Iterator[_Block]:
    """Yield the XMP packet of any other file, if it isn't compressed there."""
    start = data.find(b"<x:xmpmeta")
    if start >= 0:
        yield _Kind.XMP, data[start : start + MOST_BYTES].partition(b"</x:xmpmeta>")[0]
