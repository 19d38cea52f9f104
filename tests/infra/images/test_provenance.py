"""Marks that say that a picture was made by AI: read from real files of each format, and written after a re-encode."""

from __future__ import annotations

import io
import json
import struct
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from infra.images.imaging import packet_options
from infra.images.provenance import MOST_AIGC, MOST_BYTES, Marks, marks_of, packet_of

FORMS = ["jpeg", "png", "webp"]
COMPOSITE = "compositeWithTrainedAlgorithmicMedia"
URI = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AIGC = json.dumps({"Label": "1", "ContentProducer": "豆包 <a> & “b”", "ProduceID": "f123"}, ensure_ascii=False)
SPACES = (
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"'
)


def save_options(marks: Marks, form: str) -> dict[str, object]:
    return packet_options(packet_of(marks), form)


def xmp(fields="", attributes=""):
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description rdf:about="" {SPACES} {attributes}>'
        f"{fields}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


def saved(form, **options):
    file = io.BytesIO()
    Image.new("RGB", (16, 12), (200, 30, 30)).save(file, form, **options)
    return file.getvalue()


def with_xmp(form, packet):
    if form != "png":
        return saved(form, xmp=packet)
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", packet.decode())
    return saved("png", pnginfo=info)


def with_exif_comment(form, comment):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = comment
    return saved(form, exif=exif.tobytes())


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_with(name, content):
    png = saved("png")
    return png[:33] + png_chunk(name, content) + png[33:]


def jpeg_with(marker, content):
    return b"\xff\xd8" + bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content + saved("jpeg")[2:]


def webp_with(name, content):
    webp = saved("webp")
    body = webp[12:] + name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


# --- reading --------------------------------------------------------------------------------------------------------

XMP_FORMS = {
    "an element": xmp(f"<Iptc4xmpExt:DigitalSourceType>{URI}{COMPOSITE}</Iptc4xmpExt:DigitalSourceType>"),
    "an attribute": xmp(attributes=f'Iptc4xmpExt:DigitalSourceType="{URI}{COMPOSITE}"'),
    "a resource": xmp(f'<Iptc4xmpExt:DigitalSourceType rdf:resource="{URI}{COMPOSITE}"/>'),
    "the bare name": xmp(f"<Iptc4xmpExt:DigitalSourceType> {COMPOSITE}</Iptc4xmpExt:DigitalSourceType>"),
    "another prefix": xmp(f"<i:DigitalSourceType>{URI}{COMPOSITE}</i:DigitalSourceType>"),
}
ESCAPED = AIGC.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
AIGC_FORMS = {
    "an element": xmp(f"<TC260:AIGC>{ESCAPED}</TC260:AIGC>"),
    "an attribute": xmp(attributes=f'TC260:AIGC="{ESCAPED}"'),
    "in single quotes": xmp(attributes=f"TC260:AIGC='{ESCAPED}'"),
    "character data": xmp("<TC260:AIGC><![CDATA[" + AIGC.replace("<a> ", "") + "]]></TC260:AIGC>"),
    "another prefix": xmp(f'<t:AIGC xmlns:t="urn:t">\n {ESCAPED}\n</t:AIGC>'),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packet", XMP_FORMS.values(), ids=list(XMP_FORMS))
def test_the_source_type_is_read_from_xmp(form, packet):
    assert marks_of(with_xmp(form, packet)) == Marks(source_type=COMPOSITE)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("packet", AIGC_FORMS.values(), ids=list(AIGC_FORMS))
def test_the_aigc_field_is_read_from_xmp(form, packet):
    found = marks_of(with_xmp(form, packet)).aigc
    assert found in {AIGC, AIGC.replace("<a> ", "")}


def test_another_vocabulary_s_aigc_is_not_china_s():
    assert marks_of(saved("jpeg", xmp=b"<x:xmpmeta><a:AIGC>yes</a:AIGC></x:xmpmeta>")).aigc is None


@pytest.mark.parametrize(
    "content",
    [
        png_with(b"tEXt", b"AIGC\0" + AIGC.encode()),
        png_with(b"zTXt", b"AIGC\0\0" + zlib.compress(AIGC.encode())),
        png_with(b"iTXt", b"AIGC\0\0\0zh\0Kennzeichen\0" + AIGC.encode()),
        png_with(b"iTXt", b"AIGC\0\1\0\0\0" + zlib.compress(AIGC.encode())),
        png_with(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(AIGC_FORMS["an element"])),
    ],
    ids=["tEXt", "zTXt", "iTXt", "compressed iTXt", "compressed XMP"],
)
def test_the_aigc_field_is_read_from_each_kind_of_png_text(content):
    assert marks_of(content).aigc == AIGC


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "comment",
    [
        b"ASCII\0\0\0" + json.dumps({"AIGC": json.loads(AIGC)}).encode(),
        json.dumps({"AIGC": json.loads(AIGC)}, ensure_ascii=False).encode(),
        b"UNICODE\0" + json.dumps({"AIGC": json.loads(AIGC)}).encode("utf-16-le"),
        AIGC.encode(),
    ],
    ids=["ASCII", "UTF-8", "UTF-16", "not wrapped"],
)
def test_the_aigc_field_is_read_from_the_exif_comment(form, comment):
    assert json.loads(marks_of(with_exif_comment(form, comment)).aigc) == json.loads(AIGC)


MANIFEST = b"\0\0\0\x40jumb\0\0\0\x1ejumdc2pa" + f"digitalSourceTypex{URI}{COMPOSITE}".encode() + b"\xa1gactions"


@pytest.mark.parametrize(
    "content",
    [
        jpeg_with(0xEB, b"JP\0\1\0\0\0\1" + MANIFEST),
        png_with(b"caBX", MANIFEST),
        webp_with(b"C2PA", MANIFEST),
    ],
    ids=FORMS,
)
def test_a_signed_manifest_is_seen_and_its_source_type_read(content):
    assert marks_of(content) == Marks(source_type=COMPOSITE, c2pa=True)


def test_a_large_manifest_counts():
    assert marks_of(png_with(b"caBX", MANIFEST + bytes(4 * MOST_BYTES))).c2pa


def test_marks_behind_the_pixels_of_a_png_count():
    png = saved("png")
    assert marks_of(png[:-12] + png_chunk(b"tEXt", b"AIGC\0" + AIGC.encode()) + png[-12:]).aigc == AIGC


def test_of_another_format_its_xmp_packet_is_read():
    file = io.BytesIO()
    Image.new("RGB", (16, 12)).save(file, "TIFF", tiffinfo={700: XMP_FORMS["an element"]})
    assert marks_of(file.getvalue()) == Marks(source_type=COMPOSITE)


@pytest.mark.parametrize("form", FORMS)
def test_a_plain_picture_has_no_marks(form):
    assert marks_of(saved(form)) == Marks()


# --- bounds ---------------------------------------------------------------------------------------------------------

HEADS = [b"", b"\xff\xd8\xff\xe1", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"II*\0", b"<x:xmpmeta"]
MARKED = [
    *(with_xmp(form, packet) for form in FORMS for packet in (*XMP_FORMS.values(), *AIGC_FORMS.values())),
    *(with_exif_comment(form, b'{"AIGC": {"Label": "1"}}') for form in FORMS),
]


@given(st.sampled_from(HEADS), st.binary(max_size=4096))
def test_any_bytes_are_read_without_an_error(head, rest):
    assert isinstance(marks_of(head + rest), Marks)


@given(st.sampled_from(MARKED), st.data())
def test_a_damaged_picture_is_read_without_an_error_and_what_was_read_can_be_written(content, data):
    at = data.draw(st.integers(0, len(content)))
    put = data.draw(st.binary(max_size=64))
    damaged = marks_of(content[:at] + put + content[at + data.draw(st.integers(0, 64)) :])
    for form in FORMS:
        saved(form, **save_options(damaged, form))


def png_of_texts(count, size):
    text = b"AIGC\0\0" + zlib.compress(bytes(size), 1)
    return saved("png")[:33] + png_chunk(b"zTXt", text) * count


BOMBS = {  # made when they are needed: together they are large
    "a text of 300 MB": lambda: png_of_texts(1, 300_000_000),
    "a thousand texts of 100 MB": lambda: png_of_texts(1000, 100_000_000),
    "a million empty chunks": lambda: saved("png")[:33] + b"\0\0\0\0abCd\0\0\0\0" * 1_000_000,
    "segments without a size": lambda: b"\xff\xd8" + b"\xff\xe1\0\0" * 100_000,
    "fill bytes": lambda: b"\xff\xd8" + b"\xff" * 1_000_000,
    "names without values": lambda: with_xmp("png", xmp("<a DigitalSourceType" * 10_000)),
    "openings": lambda: with_xmp("png", xmp("<a:AIGC>" * 30_000)),
    "character data without an end": lambda: with_xmp("png", xmp("<a:AIGC><![CDATA[" * 15_000)),
    "attributes without an end": lambda: with_xmp("png", xmp(attributes="a:AIGC = " * 25_000)),
    "words": lambda: with_xmp("png", xmp("a-" * 130_000)),
    "spaces": lambda: with_xmp("png", xmp("<a:AIGC>" + " " * 250_000)),
    "deep JSON": lambda: with_exif_comment("jpeg", b'{"AIGC":' + b"[" * 60_000),
    "much JSON": lambda: with_exif_comment("jpeg", b'{"Label":' * 7_000),
}


@pytest.mark.parametrize("make", BOMBS.values(), ids=list(BOMBS))
def test_hostile_files_are_read_in_no_time(make):
    content = make()
    began = time.thread_time()
    marks_of(content)
    assert time.thread_time() - began < 1.0


def test_a_field_that_would_not_fit_into_a_jpeg_is_left_out():
    assert marks_of(png_with(b"tEXt", b"AIGC\0" + b"x" * (MOST_AIGC + 1))) == Marks()


# --- writing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("marks", [Marks(source_type=COMPOSITE), Marks(source_type=COMPOSITE, aigc=AIGC)])
def test_marks_come_through_a_save(form, marks):
    assert marks_of(saved(form, **save_options(marks, form))) == marks


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", [None, "digitalCapture", "nonsense"])
def test_what_does_not_say_that_ai_made_it_says_so_afterwards(form, before):
    written = marks_of(saved(form, **save_options(Marks(source_type=before), form)))
    assert written == Marks(source_type="trainedAlgorithmicMedia")


@pytest.mark.parametrize("form", FORMS)
@given(st.text(max_size=MOST_AIGC))
def test_any_aigc_field_comes_through_each_format(form, text):
    read = marks_of(png_with(b"tEXt", b"AIGC\0" + text.encode("utf-8", "replace")))
    again = marks_of(saved(form, **save_options(read, form)))
    assert (again.aigc or "").split() == (read.aigc or "").split()  # XML has one kind of line break


@pytest.mark.parametrize("form", FORMS)
def test_the_longest_field_fits(form):
    longest = Marks(source_type=COMPOSITE, aigc="&" * MOST_AIGC)
    assert marks_of(saved(form, **save_options(longest, form))) == longest


@pytest.mark.parametrize("form", FORMS)
def test_other_readers_find_the_packet(form):
    image = Image.open(io.BytesIO(saved(form, **save_options(Marks(), form))))
    image.load()
    packet = image.info["xmp"]
    assert URI.encode() + b"trainedAlgorithmicMedia" in (packet if isinstance(packet, bytes) else packet.encode())
