"""Picture files that people have, made in code, and what must become of each as a reference and as a result.

Every file is made when it is first needed and is the same each time. None holds personal data.
"""

from __future__ import annotations

from tests.support.corpus import (
    avif_and_heic,
    bmp_and_tiff,
    exif_tables,
    gif_and_webp,
    jpeg_kinds,
    marks,
    not_pictures,
    phones,
    png_chunks,
    png_kinds,
    raw_files,
    secrets_of_members,
    sizes,
)
from tests.support.corpus.samples import Delivered, Either, Linked, Refused, Sample, Shown, Taken

__all__ = ["SAMPLES", "Delivered", "Either", "Linked", "Refused", "Sample", "Shown", "Taken"]

_TABLES = (
    phones, exif_tables, jpeg_kinds, png_kinds, png_chunks, gif_and_webp, avif_and_heic, bmp_and_tiff, raw_files,
    not_pictures, sizes, secrets_of_members, marks,
)  # fmt: skip

SAMPLES: tuple[Sample, ...] = tuple(sample for table in _TABLES for sample in table.SAMPLES)
