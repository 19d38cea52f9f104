"""The capabilities of a SeeDream model, as values that validate themselves. The models are in models.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date  # noqa: TC003 - likewise
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from seedream.limits import MAX_ASPECT_RATIO, MAX_REFERENCES_AND_IMAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

PRESET_RATIOS = ("1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9")  # of which each preset has a size
RATIOS = (*PRESET_RATIOS, "4:5", "5:4")
MAX_PRICE = 1_000  # credits for an image
MAX_PIXELS = 1 << 30  # of an image, and MAX_SIDE of each side: no service makes larger ones
MAX_SIDE = 1 << 15
ADAPTIVE = "adaptive"
SQUARE = "1:1"
_COMMON_PRESET = "2K"


class Size(NamedTuple):
    """A size in pixels. `str()` gives the API's form: 2048x1536."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def parse(cls, text: str) -> Size:
        """Parse "2048x1536", "2048 X 1536" or "2048×1536". Raises: ValueError."""
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*[xX×*]\s*([0-9]{1,6})\s*", text)
        if match is None:
            raise ValueError("write a size as width x height, such as 2048x1536")
        return cls(int(match[1]), int(match[2]))


class Range(NamedTuple):
    """The numbers from `low` to `high`, both included."""

    low: int
    high: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, (int, float)) and self.low <= number <= self.high


Finite = Annotated[float, Field(allow_inf_nan=False)]


class Guidance(NamedTuple):
    """The range of the guidance scale: how closely the model follows the prompt."""

    low: Finite
    high: Finite
    default: Finite


def _parsed_size(value: Any) -> Any:
    return Size.parse(value) if isinstance(value, str) else value


def _within(least: int, most: int) -> AfterValidator:
    def check(span: Range) -> Range:
        if span.low > span.high:
            raise ValueError("the first number is larger than the second")
        if span.low < least or span.high > most:
            raise ValueError(f"both numbers are from {least} to {most}")
        return span

    return AfterValidator(check)


def _one_of(*allowed: str) -> AfterValidator:
    def check(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"it should be one of {', '.join(allowed)}")
        return text

    return AfterValidator(check)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("it contains an invisible character")
    return text


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise ValueError("it contains a value twice")
    return values


Credits = Annotated[int, Field(ge=0, le=MAX_PRICE, strict=True)]


class PriceAbove(BaseModel):
    """The price in credits of an image with more than `pixels` pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pixels: Annotated[int, Field(gt=0, strict=True)]
    price: Credits


Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{1,63}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), AfterValidator(_printable)]
ReferenceFormat = Annotated[str, _one_of("jpeg", "png", "webp", "bmp", "tiff", "gif")]
OutputFormat = Annotated[str, _one_of("jpeg", "png")]
Mode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
WireId = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,100}$")]
Preset = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]?(\.[0-9])?K$")]
SizeTable = Mapping[str, Annotated[Size, BeforeValidator(_parsed_size)]]


class Model(BaseModel):
    """The capabilities of one model; models.toml explains the keys. Raises: pydantic.ValidationError."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name
    label: Text
    aliases: tuple[Text, ...] = ()
    wire_ids: Annotated[tuple[WireId, ...], Field(min_length=1, max_length=20)]
    since: date | None = None
    withdrawn: date | None = None
    offered: bool = True
    presets: Annotated[tuple[Preset, ...], AfterValidator(_distinct)] = ()
    default_size: str
    sizes: Mapping[str, SizeTable] = Field(default_factory=dict)
    pixels: Annotated[Range, _within(1, MAX_PIXELS)] | None = None
    sides: Annotated[Range, _within(1, MAX_SIDE)] | None = None
    references: Annotated[Range, _within(0, MAX_REFERENCES_AND_IMAGES)]
    reference_formats: frozenset[ReferenceFormat] = frozenset({"jpeg", "png"})
    adaptive: bool = False
    group: bool = False
    stream: bool = False
    seed: bool = False
    guidance: Guidance | None = None
    output_formats: tuple[OutputFormat, ...] = ()
    web_search: bool = False
    optimize_prompt: tuple[Mode, ...] = ()
    transparent_background: bool = False
    layers: bool = False
    price: Credits = 1
    price_above: PriceAbove | None = None
    price_reference: Credits = 0
    price_layer: Credits | None = None

    @property
    def ratio_preset(self) -> str:
        """The preset for an aspect ratio without a size: 2K if the model has it."""
        return _COMMON_PRESET if _COMMON_PRESET in self.sizes else next(iter(self.sizes))

    @property
    def most_pixels(self) -> int:
        """The pixels of the largest image that it makes."""
        if self.sides is not None:
            return self.sides.high**2
        return self.pixels.high if self.pixels else 0

    def allows(self, size: Size) -> bool:
        """Return whether it makes images of that size."""
        if self.sides is not None:
            return all(side in self.sides for side in size)
        within = self.pixels is None or size.pixels in self.pixels
        return within and max(size) <= MAX_ASPECT_RATIO * min(size)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if problem := next(self._problems(), None):
            raise ValueError(problem)
        return self

    def _problems(self) -> Iterator[str]:
        if (self.pixels is None) == (self.sides is None):
            yield "either pixels or sides is needed, not both"
        yield from self._size_problems()
        if self.references.high and not self.reference_formats:
            yield "reference_formats is empty, but the model accepts references"
        if not self._makes(self.default_size):
            yield f"default_size: {self.default_size} is neither a preset nor a size that the model makes"
        if self.since and self.withdrawn and self.withdrawn < self.since:
            yield "withdrawn is before since"
        if self.guidance and not self.guidance.low <= self.guidance.default <= self.guidance.high:
            yield "guidance is [least, most, default], but the default isn't between them"

    def _size_problems(self) -> Iterator[str]:
        if not self.sizes:
            yield "sizes is missing: aspect ratios need the pixels of at least one preset"
        yield from (
            f"sizes has no pixels for the preset {preset}" for preset in self.presets if preset not in self.sizes
        )
        for preset, table in self.sizes.items():
            if not set(PRESET_RATIOS) <= set(table) <= set(RATIOS):
                yield f"sizes.{preset} needs a size for each of {', '.join(PRESET_RATIOS)}"
            for size in table.values():
                if not self.allows(size):
                    yield f"sizes.{preset} contains {size}, which `pixels` or `sides` excludes"

    def _makes(self, size: str) -> bool:
        if size in self.presets or (size == ADAPTIVE and self.adaptive):
            return True
        try:
            return self.allows(Size.parse(size))
        except ValueError:
            return False
