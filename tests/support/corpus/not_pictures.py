"""What isn't a picture that the service takes, and must be called by its name."""

from __future__ import annotations

import io
import zipfile

from tests.support.corpus.drawing import encoded, photo, rubbish
from tests.support.corpus.isobmff import box, file_type, film
from tests.support.corpus.samples import ANY_PICTURE, Delivered, Either, Refused, Sample, refused

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="400" height="300"><rect width="400" height="300"/></svg>'
_XML = b'<?xml version="1.0" encoding="UTF-8"?>\n'
_BOM = b"\xef\xbb\xbf"
_DOCTYPE = b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
_HTML = b"<html><head><title>502</title></head><body>Bad Gateway</body></html>"
_PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
_PSD = b"8BPS\0\1" + bytes(6) + b"\0\3\0\0\1\x2c\0\0\1\x90\0\x08\0\3" + bytes(200)
_WORDS = "Привет, мир. Это только текст, и не картинка.\n" * 9

SVG, WEB_PAGE, VIDEO, TEXT = refused("svg"), refused("web page"), refused("video"), refused("text")
_JXL, _UNNAMED = refused("jpeg xl"), Refused()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo("a.txt"), "words")
    return file.getvalue()


def _webm(kind: bytes = b"webm") -> bytes:
    return (
        b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\xf7\x81\1\x42\xf2\x81\4\x42\xf3\x81\x08\x42\x82\x84"
        + kind
        + rubbish(500)
    )


DRAWINGS = (
    Sample("drawing.svg", lambda: _XML + _SVG, SVG),
    Sample("drawing-alone.svg", lambda: _SVG, SVG),
    Sample("drawing-comment-first.svg", lambda: b"<!-- Created with Inkscape -->\n" + _SVG, SVG),
    Sample("drawing-xml-and-comment-first.svg", lambda: _XML + b"<!-- a > b -->\n" * 20 + _SVG, SVG),
    Sample("drawing-byte-order-mark.svg", lambda: _BOM + _SVG, SVG),
    Sample("drawing-doctype.svg", lambda: _XML + _DOCTYPE + _SVG, SVG),
    Sample(
        "drawing-prefixed.svg", lambda: _SVG.replace(b"svg ", b"svg:svg ", 1).replace(b"xmlns=", b"xmlns:svg="), SVG
    ),
    Sample("drawing-utf-16.svg", lambda: _SVG.decode().encode("utf-16"), _UNNAMED),
    Sample("drawing-named.png", lambda: b"\n\n  " + _SVG, SVG),
)

DOCUMENTS = (
    Sample("paper.pdf", lambda: _PDF, refused("pdf")),
    Sample("pdf-named.jpg", lambda: _PDF, refused("pdf")),
    Sample("layers.psd", lambda: _PSD, refused("photoshop")),
    Sample("psd-named.png", lambda: _PSD, refused("photoshop")),
    Sample("jpeg-xl.jxl", lambda: b"\xff\x0a" + rubbish(300), _JXL),
    Sample("jpeg-xl-in-boxes.jxl", lambda: b"\0\0\0\x0cJXL \r\n\x87\n" + file_type(b"jxl ") + rubbish(300), _JXL),
    Sample("jpeg-xl-named.jpg", lambda: b"\xff\x0a" + rubbish(300), _JXL),
    Sample("jpeg-2000.jp2", lambda: encoded(photo(), "JPEG2000"), Either(ANY_PICTURE), Delivered()),
    Sample("jpeg-2000-stream.j2k", lambda: encoded(photo(), "JPEG2000", no_jp2=True), Either(ANY_PICTURE), Delivered()),
    Sample("icon.ico", lambda: encoded(photo((256, 256)), "ICO"), Either(ANY_PICTURE), Delivered()),
    Sample("cursor.cur", lambda: b"\0\0\2\0\1\0" + rubbish(500), _UNNAMED),
    Sample("icons.icns", lambda: b"icns\0\0\2\0" + rubbish(500), _UNNAMED),
    Sample("print.eps", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 400 300\nshowpage\n", _UNNAMED),
    Sample("print-dos.eps", lambda: b"\xc5\xd0\xd3\xc6" + rubbish(500), _UNNAMED),
    Sample("scan.dcm", lambda: bytes(128) + b"DICM\2\0\0\0UL\4\0" + rubbish(500), _UNNAMED),
    Sample("drawing.wmf", lambda: b"\xd7\xcd\xc6\x9a" + rubbish(500), _UNNAMED),
    Sample("drawing.emf", lambda: b"\1\0\0\0\x88\0\0\0" + bytes(32) + b" EMF" + rubbish(500), _UNNAMED),
    Sample("grey.pgm", lambda: encoded(photo(mode="L"), "PPM"), Either(ANY_PICTURE), Delivered()),
    Sample("colours.tga", lambda: encoded(photo(), "TGA"), Either(ANY_PICTURE), Delivered()),
    Sample("texture.dds", lambda: b"DDS \x7c\0\0\0" + rubbish(500), _UNNAMED),
    Sample("light.exr", lambda: b"\x76\x2f\x31\x01\2\0\0\0" + rubbish(500), _UNNAMED),
    Sample("light.hdr", lambda: b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 300 +X 400\n", _UNNAMED),
    Sample("layers.xcf", lambda: b"gimp xcf v011\0" + rubbish(500), _UNNAMED),
    Sample("brushes.clip", lambda: b"CSFCHUNK" + rubbish(500), _UNNAMED),
    Sample("document.docx", _zip, _UNNAMED),
    Sample("zip-named.png", _zip, _UNNAMED),
    Sample("seven.7z", lambda: b"7z\xbc\xaf\x27\x1c" + rubbish(500), _UNNAMED),
    Sample("packed.gz", lambda: b"\x1f\x8b\x08\0" + rubbish(500), _UNNAMED),
    Sample("program.exe", lambda: b"MZ\x90\0" + rubbish(500), _UNNAMED),
    Sample("rubbish.bin", lambda: rubbish(5000, 7), _UNNAMED),
    Sample("zeros.bin", lambda: bytes(5000), _UNNAMED),
    Sample("riff-of-something-else.webp", lambda: b"RIFF\0\1\0\0WAVEfmt " + bytes(200), _UNNAMED),
)

FILMS = (
    Sample("film.mp4", lambda: film(rubbish(500)), VIDEO),
    Sample("film-named.jpg", lambda: film(rubbish(500), b"isom"), VIDEO),
    Sample("film.mov", lambda: film(rubbish(500), b"qt  "), VIDEO),
    Sample("film-without-type.mov", lambda: box(b"moov", box(b"mvhd", bytes(100))) + box(b"mdat", bytes(99)), _UNNAMED),
    Sample("film.3gp", lambda: film(rubbish(500), b"3gp5"), VIDEO),
    Sample("film.webm", _webm, VIDEO),
    Sample("film.mkv", lambda: _webm(b"matroska"), VIDEO),
    Sample("film.avi", lambda: b"RIFF\0\1\0\0AVI LIST" + rubbish(500), VIDEO),
    Sample("sound.mp3", lambda: b"ID3\4\0\0\0\0\0\x0a" + rubbish(500), _UNNAMED),
    Sample("sound.ogg", lambda: b"OggS\0\2" + rubbish(500), _UNNAMED),
    Sample("sound.m4a", lambda: film(rubbish(500), b"M4A "), _UNNAMED),
)

TEXTS = (
    Sample("words.txt", lambda: b"Hello, this is only a text in a file.\n" * 5, TEXT),
    Sample("words-named.png", lambda: b"Hello, this is only a text that is named so.\n" * 5, TEXT),
    Sample("words-utf-8.txt", _WORDS.encode, TEXT),
    Sample("words-byte-order-mark.txt", lambda: _WORDS.encode("utf-8-sig"), TEXT),
    Sample("words-utf-16.txt", lambda: b"\xff\xfe" + _WORDS.encode("utf-16-le"), TEXT),
    Sample("words-utf-16-big-endian.txt", lambda: b"\xfe\xff" + _WORDS.encode("utf-16-be"), TEXT),
    Sample("answer.json", lambda: b'{"error": {"code": "not_found", "message": "gone"}}', TEXT),
    Sample("table.csv", lambda: b"name,size\ncat.png,400\n" * 9, TEXT),
    Sample("page-named.jpg", lambda: b"<!DOCTYPE html>\n" + _HTML, WEB_PAGE),
    Sample("page-alone-named.jpg", lambda: _HTML, WEB_PAGE),
    Sample("page-upper-case-named.jpg", lambda: b"<!DOCTYPE HTML>\n" + _HTML.upper(), WEB_PAGE),
    Sample("page-byte-order-mark-named.jpg", lambda: _BOM + _HTML, WEB_PAGE),
    Sample("page-comment-first-named.jpg", lambda: b"<!-- saved from -->\n<!doctype html>\n" + _HTML, WEB_PAGE),
    Sample("page-with-a-drawing-named.jpg", lambda: _HTML.replace(b"Bad Gateway", _SVG), WEB_PAGE),
    Sample("error.xml", lambda: _XML + b"<Error><Code>AccessDenied</Code></Error>", _UNNAMED),
    Sample("data-url.txt", lambda: b"data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAA", TEXT),
    Sample("base64-named.png", lambda: b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ" * 9, TEXT),
)

NOTHING = (
    Sample("empty.png", lambda: b"", refused("empty")),
    Sample("empty.jpg", lambda: b"", refused("empty")),
    Sample("one-byte.png", lambda: b"\x89", _UNNAMED),
    Sample("one-letter.txt", lambda: b"a", _UNNAMED),
    Sample("newline.png", lambda: b"\n", _UNNAMED),
)

SAMPLES = DRAWINGS + DOCUMENTS + FILMS + TEXTS + NOTHING
