"""What a sample of the corpus is, and what must become of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tests.support.corpus.drawing import BLUE, COLOURS, GREEN, LIGHT, RED, SIDES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.corpus.drawing import Colour

    Corners = tuple[Colour | None, Colour | None, Colour | None, Colour | None]

UPRIGHT = COLOURS
_TURNED = {  # by EXIF orientation: what is at the top left, top right, bottom left, bottom right
    1: UPRIGHT,
    2: (GREEN, RED, LIGHT, BLUE),
    3: (LIGHT, BLUE, GREEN, RED),
    4: (BLUE, LIGHT, RED, GREEN),
    5: (RED, BLUE, GREEN, LIGHT),
    6: (BLUE, RED, LIGHT, GREEN),
    7: (LIGHT, GREEN, BLUE, RED),
    8: (GREEN, LIGHT, RED, BLUE),
}
_ON_ITS_SIDE = range(5, 9)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """The file becomes a reference.

    `corners`: colours at the top left, top right, bottom left and bottom right; None, as a whole or in a corner, is not
    looked at. `tolerance`: how far each channel may be off. `sides`: pixels, as seen; None if they may change.
    `least_pixels`: how small a picture may become that has to be made smaller. `alpha`: something is transparent and
    stays so. `unchanged`: where the service takes the source's format, the pixels stay exactly as they are.
    """

    corners: Corners | None = UPRIGHT
    tolerance: int = 45
    sides: tuple[int, int] | None = SIDES
    least_pixels: int = 0
    alpha: bool = False
    unchanged: bool = False


@dataclass(frozen=True)
class Refused:
    """The file is refused in a sentence that matches each of these patterns, in whatever case."""

    patterns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Either:
    """The file may be taken or refused; what isn't allowed is to fail, or to send something else."""

    taken: Taken
    refused: Refused = Refused()


@dataclass(frozen=True, kw_only=True)
class Shown:
    """As a result, the file is kept as a picture. `unchanged`: byte for byte, with its marks of origin."""

    unchanged: bool = False


@dataclass(frozen=True)
class Linked:
    """As a result, the file can't be shown as a picture; it is delivered as it came."""


@dataclass(frozen=True)
class Delivered:
    """As a result, the file may be shown or linked."""


@dataclass(frozen=True)
class Sample:
    """A file and what must become of it. `name`: its file name, fit for a URL. `big`: over 3 MB, made again each time.

    `secrets`: what its metadata hold that nobody else may get. `outcome`: as a result, where that doesn't follow from
    the reference: what is taken is shown, and what is refused is linked.
    """

    name: str
    make: Callable[[], bytes]
    reference: Taken | Refused | Either
    outcome: Shown | Linked | Delivered | None = None
    big: bool = False
    secrets: tuple[bytes, ...] = ()

    @cached_property
    def _kept(self) -> bytes:
        return self.make()

    @property
    def content(self) -> bytes:
        return self.make() if self.big else self._kept

    @property
    def result(self) -> Shown | Linked | Delivered:
        if self.outcome is not None:
            return self.outcome
        match self.reference:
            case Taken():
                return Shown()
            case Refused():
                return Linked()
        return Delivered()


TAKEN = Taken()
UNCHANGED = Taken(unchanged=True)
ANY_PICTURE = Taken(corners=None, sides=None)
CUT_OFF = Refused(("cut off",))
DAMAGED = Refused(("damaged|cut off",))


def refused(*patterns: str) -> Refused:
    return Refused(patterns)


def turned(orientation: int, *, sides: tuple[int, int] | None = SIDES) -> Taken:
    """Taken, and as a viewer shows the photo that is stored upright with this EXIF orientation."""
    swapped = sides[::-1] if sides and orientation in _ON_ITS_SIDE else sides
    return Taken(corners=_TURNED[orientation], sides=swapped)
