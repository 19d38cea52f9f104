"""Camera raw files, whose previews must not be taken for the photo; and plain TIFFs of cameras, which are taken."""

from __future__ import annotations

import struct

from tests.support.corpus.drawing import encoded, photo, png, rubbish, samples_of
from tests.support.corpus.isobmff import box, file_type
from tests.support.corpus.samples import TAKEN, Refused, Sample, Taken, refused
from tests.support.corpus.tiff_writer import (
    Blobs,
    Directories,
    Directory,
    Field,
    Value,
    long,
    picture,
    short,
    text,
    tiff,
    undefined,
)

RAW = refused("camera raw")
DNG = refused("camera raw", "dng")
_PREVIEW = long(1)  # of NewSubfileType: a smaller version
_DNG_VERSION = {50706: Field(1, (1, 4, 0, 0)), 50708: text("Example One")}
_SENSOR = 32803  # of PhotometricInterpretation: one colour a pixel, in a pattern


def _sensor(compression: int = 7) -> Directory:
    data = rubbish(20_000, 9)
    return {
        254: long(0), 256: long(4000), 257: long(3000), 258: short(14), 259: short(compression), 262: short(_SENSOR),
        273: Blobs([data]), 277: short(1), 278: long(3000), 279: long(len(data)), 33421: short(2, 2),
        33422: Field(1, (0, 1, 1, 2)),
    }  # fmt: skip


def _preview(size: tuple[int, int] = (160, 120), **fields: Value) -> Directory:
    return picture(samples_of(photo(size)), t254=_PREVIEW, **fields)


def _camera(make: str, model: str) -> dict[str, Value]:
    return {"t271": text(make), "t272": text(model)}


def _raw(make: str, model: str, compression: int, more: Directory | None = None, order: str = "<") -> bytes:
    """Returns a preview whose subdirectory is what the sensor saw."""
    first = _preview(**_camera(make, model), t330=Directories([_sensor(compression)]))
    return tiff(first | (more or {}), order=order)


def _dng() -> bytes:
    return _raw("Apple", "iPhone 15 Pro", 7, _DNG_VERSION)


def _whole_dng() -> bytes:
    """Returns a DNG whose first directory is a complete picture."""
    return tiff(picture(samples_of(photo((600, 400))), **_camera("DJI", "FC3582")) | _DNG_VERSION)


def _sensor_first(make: str, model: str, compression: int) -> bytes:
    """Returns what the sensor saw, followed by a preview."""
    return tiff(_sensor(compression) | {271: text(make), 272: text(model)}, _preview())


def _cr2() -> bytes:
    jpeg = encoded(photo((600, 400)), "JPEG")
    first: Directory = {
        256: long(600), 257: long(400), 258: short(8, 8, 8), 259: short(6), 271: text("Canon"),
        272: text("Canon EOS R6"), 273: Blobs([jpeg]), 279: long(len(jpeg)),
    }  # fmt: skip
    return tiff(first, _preview(), _preview(), _sensor(6), gap=b"CR\2\0" + bytes(4))


def _cr3() -> bytes:
    return file_type(b"crx ", b"crx ", b"isom") + box(b"moov", rubbish(3000)) + box(b"mdat", rubbish(9000))


def _raf() -> bytes:
    preview = encoded(photo((160, 120)), "JPEG")
    return (
        b"FUJIFILMCCD-RAW 0201FF389501X-T5".ljust(84, b"\0")
        + struct.pack(">II", 148, len(preview))
        + bytes(56)
        + preview
    )


def _olympus(magic: bytes, order: str = "<") -> bytes:
    return tiff(_preview(**_camera("OLYMPUS CORPORATION", "E-M1")), order=order, magic=magic)


def _panasonic() -> bytes:
    first: Directory = {
        1: undefined(b"0420"),
        2: short(6048),
        3: short(4016),
        271: text("Panasonic"),
        272: text("DC-G9"),
    }
    return tiff(first | {46: undefined(encoded(photo((160, 120)), "JPEG"))}, magic=b"IIU\0")


REFUSED: tuple[tuple[tuple[str, ...], object, Refused], ...] = (
    (("IMG_0001.DNG", "dng-named.tif", "dng-named.jpg", "dng-without-ending"), _dng, DNG),
    (("dng-whole.dng",), _whole_dng, DNG),
    (("dng-big-endian.dng",), lambda: _raw("Leica Camera AG", "LEICA Q2", 7, _DNG_VERSION, order=">"), DNG),
    (("dng-sensor-first.dng",), lambda: tiff(_sensor(7) | _DNG_VERSION, _preview()), DNG),
    (("DSC_0001.NEF", "nef-named.tif"), lambda: _raw("NIKON CORPORATION", "NIKON Z 6", 34713), RAW),
    (("nef-big-endian.nef",), lambda: _raw("NIKON CORPORATION", "NIKON D70", 34713, order=">"), RAW),
    (("DSC00001.ARW", "arw-named.tif", "arw-named.jpg"), lambda: _raw("SONY", "ILCE-7M4", 32767), RAW),
    (("IMGP0001.PEF", "pef-named.tif"), lambda: _sensor_first("PENTAX", "PENTAX K-3", 65535), RAW),
    (("pef-preview-first.pef",), lambda: _raw("PENTAX Corporation", "PENTAX K-1", 65535), RAW),
    (("SAM_0001.SRW", "srw-named.tif"), lambda: _raw("SAMSUNG", "NX500", 32772), RAW),
    (("_MG_0001.CR2", "cr2-named.tif", "cr2-named.jpg"), _cr2, refused("camera raw", "cr2")),
    (("_MG_0001.CR3", "cr3-named.jpg"), _cr3, refused("camera raw", "cr3")),
    (("P1010001.ORF", "orf-named.tif"), lambda: _olympus(b"IIRO"), refused("camera raw", "orf")),
    (("orf-older.orf",), lambda: _olympus(b"IIRS"), refused("camera raw", "orf")),
    (("orf-big-endian.orf",), lambda: _olympus(b"MMOR", ">"), refused("camera raw", "orf")),
    (("P1010001.RW2", "rw2-named.jpg"), _panasonic, refused("camera raw", "rw2")),
    (("DSCF0001.RAF", "raf-named.jpg"), _raf, refused("camera raw", "raf")),
    (("kodak.dcr",), lambda: _raw("EASTMAN KODAK COMPANY", "DCS Pro", 65000), RAW),
    (("hasselblad.3fr",), lambda: _raw("Hasselblad", "X2D", 7), RAW),
    (("canon-older.crw",), lambda: b"II\x1a\0\0\0HEAPCCDR" + rubbish(500), Refused()),
    (("minolta.mrw",), lambda: b"\0MRM" + rubbish(500), Refused()),
    (("sigma.x3f",), lambda: b"FOVb\0\0\3\0" + rubbish(500), Refused()),
)


def _of(make: str, model: str, **fields: Value) -> bytes:
    return tiff(picture(samples_of(photo()), **_camera(make, model), **fields))


PLAIN = (
    Sample("scan-of-epson.tif", lambda: _of("EPSON", "Perfection V600"), TAKEN),
    Sample("tiff-of-nikon.tif", lambda: _of("NIKON CORPORATION", "NIKON D70"), TAKEN),
    Sample("tiff-of-canon.tif", lambda: _of("Canon", "Canon EOS R6"), TAKEN),
    Sample("tiff-of-sony.tif", lambda: _of("SONY", "ILCE-7M4"), TAKEN),
    Sample("tiff-of-pentax.tif", lambda: _of("PENTAX", "PENTAX K-3"), TAKEN),
    Sample(
        "tiff-of-dji-with-exif.tif", lambda: _of("DJI", "FC3582", t34665=Directories([{36867: text("2026")}])), TAKEN
    ),
    Sample("tiff-with-thumbnail-below.tif", lambda: _of("NIKON", "D70", t330=Directories([_preview()])), TAKEN),
    Sample("tiff-with-thumbnail-behind.tif", lambda: tiff(picture(samples_of(photo())), _preview()), TAKEN),
    Sample("tiff-that-says-it-is-smaller.tif", lambda: tiff(_preview((400, 300))), TAKEN),
    Sample("tiff-converted-from-raw.tif", lambda: _of("Canon", "EOS", t270=text("Converted from IMG_1.DNG")), TAKEN),
    Sample("jpeg-named.dng", lambda: encoded(photo(), "JPEG"), TAKEN),
    Sample("png-named.nef", png, Taken(unchanged=True)),
)

SAMPLES = (*(Sample(name, make, expected) for names, make, expected in REFUSED for name in names), *PLAIN)
