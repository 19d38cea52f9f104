"""EXIF blocks, XMP packets and the secrets in them."""

from __future__ import annotations

from tests.support.corpus.drawing import encoded, photo, rubbish
from tests.support.corpus.tiff_writer import (
    Blobs,
    Directories,
    Directory,
    Field,
    long,
    rational,
    short,
    text,
    tiff,
    undefined,
)

HEAD = b"Exif\0\0"
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"
ORIENTATION = 0x0112

_SECONDS = int.from_bytes(b"Qz7k", "big")  # of the latitude: it can be found in any file, whatever surrounds it
POSITION = (b"Qz7k", b"k7zQ", b"48,51.4938N", b"48.858")
OWNER = (b"Ada Example", b"SN-4711-0815")


def gps() -> Directory:
    return {
        0: Field(1, (2, 3, 0, 0)),
        1: text("N"),
        2: rational(48, 1, 51, 1, _SECONDS, 60_000_000),
        3: text("E"),
        4: rational(2, 1, 17, 1, _SECONDS, 60_000_000),
        29: text("2026:01:02"),
    }


def block(orientation: int = 1, *, order: str = "<", note: bytes = b"", thumbnail: bool = False) -> bytes:
    """Returns what a phone writes: who took the photo with what, where, which way up, and the maker's own note."""
    inner: Directory = {0x9003: text("2026:01:02 03:04:05"), 0xA430: text("Ada Example"), 0xA431: text("SN-4711-0815")}
    if note:
        inner[0x927C] = undefined(note)
    first: Directory = {
        0x010F: text("Example"),
        0x0110: text("Phone 9"),
        ORIENTATION: short(orientation),
        0x8769: Directories([inner]),
        0x8825: Directories([gps()]),
    }
    return tiff(first, *([_thumbnail()] if thumbnail else []), order=order)


def orientation(value: int, *, order: str = "<", kind: int = 3) -> bytes:
    """Returns a block of this one field."""
    return tiff({ORIENTATION: Field(kind, (value,))}, order=order)


def _thumbnail() -> Directory:
    small = encoded(photo((160, 120)), "JPEG")
    return {0x0103: short(6), 0x0201: Blobs([small]), 0x0202: long(len(small))}


def maker_note(size: int = 60_000) -> bytes:
    return b"Example\0" + rubbish(size, 3)


def xmp(attributes: str = "", namespace: str = "") -> bytes:
    """Returns a packet with these attributes."""
    return (
        '<?xpacket begin="\N{ZERO WIDTH NO-BREAK SPACE}" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/" {namespace} {attributes}/>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def xmp_with_position() -> bytes:
    return xmp('exif:GPSLatitude="48,51.4938N" exif:GPSLongitude="2,17.6684E"')
