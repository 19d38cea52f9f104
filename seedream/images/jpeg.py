"""Reads JPEG files by their markers. Source: ITU-T T.81, Annex B; Exif 2.3; ICC.1, Annex B.4.

An image ends with its EOI marker. What phones write behind it (a film, further images, depth maps) is no part of it.
Some leave EOI out: then the last scan's data ends where no scan goes on, and only decoding shows whether it is whole.
"""

from __future__ import annotations

import re
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seedream.images.exif import UPRIGHT, orientation_of
from seedream.images.profiles import MAX_PRINT_PROFILE_BYTES, MAX_PROFILE_BYTES, is_profile
from seedream.images.structure import BrokenImageError, ImageStructure, NotAnImageError, cut_off, damaged, upright
from seedream.phrases import Phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seedream.images.structure import Content, Sides, Span

MAX_SCANS = 100
"""A scan of a hundred bytes makes a decoder go over all pixels; no camera writes more than two dozen."""

MAX_SCANS_OF_LARGE = 25
LARGE_PIXELS = 2**24

MAX_SEGMENTS = 10_000

END = b"\xff\xd9"

_START, _EOI, _SOS, _DHT, _DQT, _DNL, _DRI, _DAC, _COM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDC, 0xDD, 0xCC, 0xFE
_FILL = 0xFF  # the first byte of a marker, which may be repeated
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_FRAMES = {*range(0xC0, 0xD0)} - {_DHT, 0xC8, _DAC}
_PROGRESSIVE = {0xC2, 0xCA}
_COMMON = {0xC0, 0xC1, 0xC2}
_SUPPORTED = {*_COMMON, 0xC9, 0xCA}  # with arithmetic coding, which few programs read
_TABLES = {_DHT, _DQT, _DNL, _DRI, _DAC}
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_MARKER_IN_SCAN = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # within a scan, FF 00 is data and D0 to D7 are restarts
_RESTARTS = tuple(bytes((0xFF, code)) for code in range(0xD0, 0xD8))
_ANY_MARKER = re.compile(
    rb"\xff++[^\xff]?"
)  # or data, if 00 follows: a pattern without 00 would retry each FF of a run
_STEP = 1 << 20  # bytes that are searched at once: other threads wait meanwhile
_COEFFICIENTS = 64
_EIGHT_BITS = 8
_FRAME_BYTES = 6  # of a frame's header, before its components
_JFIF_BYTES = 14
_ADOBE_BYTES = 12
_CMYK = 4
_PROFILE_HEAD = b"ICC_PROFILE\0"
_PROFILE_HEAD_BYTES = len(_PROFILE_HEAD) + 2  # with the part's number and how many there are


@dataclass(slots=True)
class _Component:
    """`missing`: how many low bits of each coefficient are still missing. `across`, `down`: blocks in a unit."""

    across: int
    down: int
    missing: list[int | None] = field(default_factory=lambda: [None] * _COEFFICIENTS)


@dataclass(slots=True)
class _Frame:
    marker: int
    height: int
    width: int
    components: dict[int, _Component]  # by id

    @property
    def is_progressive(self) -> bool:
        return self.marker in _PROGRESSIVE

    @property
    def complete(self) -> bool:
        """Whether the scans so far hold every coefficient."""
        return all(bit == 0 for component in self.components.values() for bit in component.missing)

    def units(self, scanned: Sequence[_Component]) -> int:
        """Return of how many units, between which there may be restarts, a scan of these components consists."""
        across = max(component.across for component in self.components.values())
        down = max(component.down for component in self.components.values())
        part = scanned[0]
        if len(scanned) > 1:
            return -(-self.width // (8 * across)) * -(-self.height // (8 * down))
        return -(-self.width * part.across // (8 * across)) * -(-self.height * part.down // (8 * down))


@dataclass(slots=True)
class _Reader:
    content: Content
    at: int = 2
    frame: _Frame | None = None
    orientation: int = UPRIGHT
    has_exif: bool = False
    restart_interval: int = 0
    scans: int = 0
    end: int | None = None  # of the last scan's data
    whole: tuple[int, int] | None = None  # where the scans first held everything, and how much was kept by then
    kept: list[Span | bytes] = field(default_factory=lambda: [(0, 2)])
    profile: dict[int, Span] = field(default_factory=dict)  # by number
    profile_parts: int = 0

    def read(self) -> bool:
        """Read the segments until the image ends. Returns whether it has its end mark."""
        for _ in range(MAX_SEGMENTS):
            match = _ANY_MARKER.search(self.content, self.at)
            marker = self.content[match.end() - 1] if match else _FILL
            if match is None or marker == _FILL or (self.end is not None and (not marker or match.start() != self.at)):
                return self._without_end()
            start, self.at = match.end() - 2, match.end()
            if marker == _EOI:
                self.kept.append(END)
                return self._with_end()
            if marker in _ALONE or not marker:
                continue
            if (self.end is not None and not self._goes_on(marker)) or not self._try_segment(marker, start):
                return self._without_end()
            if self.scans and self.scans > (most := self._max_scans):
                what = Phrase("a JPEG picture with more than {most} scans", most=most)
                raise NotAnImageError(what, Phrase("Save it as an ordinary JPEG and use that."))
        raise damaged("JPEG")

    @property
    def _max_scans(self) -> int:
        return MAX_SCANS_OF_LARGE if self._frame.width * self._frame.height > LARGE_PIXELS else MAX_SCANS

    def _with_end(self) -> bool:
        if self.end is None:
            raise cut_off("JPEG")
        return True

    def _without_end(self) -> bool:
        """The image stops here. Raises: NotAnImageError, if there must be more."""
        if self.whole is None:
            raise cut_off("JPEG")
        self.end, kept = self.whole
        self.kept[kept:] = [END]
        return False

    def _goes_on(self, marker: int) -> bool:
        """Whether a marker after a scan can belong to the image."""
        is_comment = marker in {_DNL, _COM} or _APP0 <= marker <= _APP15
        may_have_scans = self._frame.is_progressive or not self._frame.complete
        return is_comment or (may_have_scans and (marker in _TABLES or marker == _SOS))

    def _try_segment(self, marker: int, start: int) -> bool:
        """Read one segment; False if it isn't one: what is behind a whole image may look like anything."""
        try:
            return self._segment(marker, start)
        except NotAnImageError:
            if self.whole is None:
                raise
            return False

    def _segment(self, marker: int, start: int) -> bool:
        """Read one segment; False if the file ends within it."""
        body = self._body()
        if body is None:
            return False
        self.at = body[1]
        if marker == _SOS:
            return self._scan(start, body)
        if marker in _FRAMES:
            self._start_frame(marker, body)
        elif marker == _DRI:
            self.restart_interval = int.from_bytes(self.content[body[0] : body[0] + 2], "big")
        if marker in _FRAMES or marker in _TABLES:
            self.kept.append((start, body[1]))
        elif _APP0 <= marker <= _APP15 and self.end is None:
            self._application(marker, (start, body[1]), body)
        return True

    def _body(self) -> Span | None:
        """Return where the segment's content is, None if the file ends before its end."""
        length = int.from_bytes(self.content[self.at : self.at + 2], "big")
        end = self.at + length
        if length < 2 and self.end is None:  # noqa: PLR2004 - the length counts itself
            raise damaged("JPEG")
        return None if length < 2 or end > len(self.content) else (self.at + 2, end)  # noqa: PLR2004

    @property
    def _frame(self) -> _Frame:
        if self.frame is None:
            raise damaged("JPEG")
        return self.frame

    def _start_frame(self, marker: int, body: Span) -> None:
        data = self.content[slice(*body)]
        if self.frame is not None or len(data) < _FRAME_BYTES or len(data) < _FRAME_BYTES + 3 * data[5]:
            raise damaged("JPEG")
        precision, height, width, count = struct.unpack_from(">BHHB", data)
        if not width or not height or count not in {1, 3, 4}:
            raise damaged("JPEG")
        if precision != _EIGHT_BITS:
            what = Phrase("a {bits}-bit JPEG", bits=str(precision))
            raise NotAnImageError(what, Phrase("Save it as an ordinary JPEG (8 bits) and use that."))
        if marker not in _SUPPORTED:
            what = Phrase("a lossless or hierarchical JPEG")
            raise NotAnImageError(what, Phrase("Save it as an ordinary JPEG and use that."))
        described = [data[at : at + 2] for at in range(_FRAME_BYTES, _FRAME_BYTES + 3 * count, 3)]
        components = {name: _Component(sizes >> 4, sizes & 0x0F) for name, sizes in described}
        if not all(part.across and part.down for part in components.values()):
            raise damaged("JPEG")
        self.frame = _Frame(marker, height, width, components)

    def _scan(self, start: int, body: Span) -> bool:
        data = self.content[slice(*body)]
        count = data[0] if data else 0
        if len(data) < 2 * count + 4 or not count:
            raise damaged("JPEG")
        scanned = [self._frame.components.get(name) for name in data[1 : 2 * count + 1 : 2]]
        first, last, bits = data[2 * count + 1 : 2 * count + 4]
        if not self._frame.is_progressive:
            first, last, bits = 0, _COEFFICIENTS - 1, 0
        parts = [part for part in scanned if part is not None]
        if len(parts) < count or not first <= last < _COEFFICIENTS:
            raise damaged("JPEG")
        self.scans += 1
        found = _next_in_scan(self.content, body[1])
        self.end = self.at = self._end_of_file() if found is None else found
        self.kept.append((start, self.end))
        if self._has_all_restarts(parts, (body[1], self.end)):
            for part in parts:
                part.missing[first : last + 1] = [bits & 0x0F] * (last + 1 - first)
        if self.whole is None and self._frame.complete:
            self.whole = self.end, len(self.kept)
        return found is not None

    def _has_all_restarts(self, parts: Sequence[_Component], span: Span) -> bool:
        """Whether a scan's data have as many restart markers as they need: what is behind the last may be missing."""
        if not self.restart_interval:
            return True
        needed = -(-self._frame.units(parts) // self.restart_interval) - 1
        return _restarts(self.content, span) >= needed

    def _end_of_file(self) -> int:
        """Return where the file ends, without half an end mark."""
        end = len(self.content)
        while self.content[end - 1] == _FILL:
            end -= 1
        return end

    def _application(self, marker: int, span: Span, body: Span) -> None:
        head = self.content[body[0] : body[0] + 16]
        if marker == _APP0 and head.startswith(b"JFIF\0") and len(head) >= _JFIF_BYTES:
            self.kept.append(b"\xff\xe0\0\x10" + head[:12] + b"\0\0")  # without its thumbnail
        elif marker == _APP14 and head.startswith(b"Adobe") and body[1] - body[0] >= _ADOBE_BYTES:
            self.kept.append(span)  # says how colours are stored
        elif marker == _APP1 and head.startswith(b"Exif\0") and not self.has_exif:
            self.has_exif = True
            self.orientation = orientation_of(self.content[slice(*body)])
        elif marker == _APP2 and head.startswith(_PROFILE_HEAD) and body[1] - body[0] > _PROFILE_HEAD_BYTES:
            number, self.profile_parts = head[len(_PROFILE_HEAD) : _PROFILE_HEAD_BYTES]
            self.profile.setdefault(number, span)


def _next_in_scan(content: Content, at: int) -> int | None:
    """Return where the next marker that ends a scan starts."""
    for start in range(at, len(content), _STEP):
        if match := _MARKER_IN_SCAN.search(content, start, start + _STEP + 1):
            return match.start()
    return None


def _restarts(content: Content, span: Span) -> int:
    parts = (content[at : min(at + _STEP + 1, span[1])] for at in range(*span, _STEP))
    return sum(part.count(marker) for part in parts for marker in _RESTARTS)


def glance_jpeg(head: bytes) -> Sides | None:
    """Return the sides, if all that stands before the first scan is among a file's first bytes."""
    reader = _Reader(head)
    with suppress(BrokenImageError):
        reader.read()
    frame = reader.frame
    return upright(frame.width, frame.height, reader.orientation) if frame and reader.scans else None


def inspect_jpeg(content: Content) -> ImageStructure:
    """Raises: NotAnImageError."""
    reader = _Reader(content)
    ended = reader.read()
    frame = reader.frame
    assert frame is not None  # noqa: S101 - without one there is no scan
    channels = len(frame.components)
    pixels = frame.width * frame.height
    return ImageStructure(
        format="jpeg",
        width=frame.width,
        height=frame.height,
        orientation=reader.orientation,
        channels=channels,
        plain=ended and frame.marker in _COMMON and channels != _CMYK and reader.orientation == UPRIGHT,
        ended=ended,
        buffered=2 * pixels * channels if frame.is_progressive or reader.scans > 1 else 0,
        parts=(*reader.kept[:1], *_profile(reader, channels), *reader.kept[1:]),
    )


def _profile(reader: _Reader, channels: int) -> list[Span]:
    """Return the segments of the ICC profile, if it is a whole one that fits the colours."""
    spans = [reader.profile[number] for number in sorted(reader.profile)]
    most = MAX_PRINT_PROFILE_BYTES if channels == _CMYK else MAX_PROFILE_BYTES
    if len(spans) != reader.profile_parts or sum(end - start for start, end in spans) > 2 * most:
        return []
    profile = b"".join(reader.content[start + 4 + _PROFILE_HEAD_BYTES : end] for start, end in spans)
    return spans if is_profile(profile, channels, most=most) else []
