"""What each SeeDream model can do, as data. Source: SeeDream API guide, "Models and what each may be sent"."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from seedream.errors import InvalidRequest, Refusal
from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Mapping


class Size(NamedTuple):
    """Pixels. `str()` is the form that the API takes: 2048x1536."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"

    @classmethod
    def parse(cls, text: str) -> Size:
        """From "2048x1536", "2048 X 1536" or "2048×1536". Raises: ValueError."""
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*[xX×*]\s*([0-9]{1,6})\s*", text)
        if match is None:
            raise ValueError("a size is written as width x height, such as 2048x1536")
        return cls(int(match[1]), int(match[2]))


class Range(NamedTuple):
    """From `low` to `high`, both included."""

    low: int
    high: int

    def __contains__(self, number: object) -> bool:
        return isinstance(number, (int, float)) and self.low <= number <= self.high


class Guidance(NamedTuple):
    """How closely the model may be told to follow the prompt."""

    low: float
    high: float
    default: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model's capabilities.

    wire_ids: what the service may call it, first tried first. presets: what `size` may name instead of width x height.
    sizes: preset -> ratio -> size. Either `pixel_range` (width * height) or `side_range` (each side) is set.
    output_formats: empty when there is no choice. optimize_prompt: the modes, empty when there are none.
    """

    name: str
    label: str
    wire_ids: tuple[str, ...]
    presets: tuple[str, ...] = ()
    default_size: str
    sizes: Mapping[str, Mapping[str, Size]]
    pixel_range: Range | None = None
    side_range: Range | None = None
    min_references: int = 0
    max_references: int
    reference_formats: frozenset[str]
    adaptive: bool = False
    group: bool = False
    stream: bool = False
    seed: bool = False
    guidance: Guidance | None = None
    output_formats: tuple[str, ...] = ()
    web_search: bool = False
    optimize_prompt: tuple[str, ...] = ()
    transparent_background: bool = False
    layers: bool = False

    @property
    def ratio_preset(self) -> str:
        """The preset that an aspect ratio alone is resolved in: 2K where the model has it."""
        return "2K" if "2K" in self.sizes else next(iter(self.sizes))


RATIOS = ("1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9")
MAX_GROUP = 15
MAX_INPUTS_AND_OUTPUTS = 15
MAX_LAYERS = 17
SEED_RANGE = Range(-1, 2**31 - 1)
LONGEST_RATIO = 16  # width to height, or height to width

_BASIC_FORMATS = frozenset({"jpeg", "png"})
_ALL_FORMATS = _BASIC_FORMATS | {"webp", "bmp", "tiff", "gif"}


def _by_ratio(line: str) -> Mapping[str, Size]:
    return MappingProxyType(dict(zip(RATIOS, map(Size.parse, line.split()), strict=True)))


_1K = _by_ratio("1024x1024 1152x864 864x1152 1280x720 720x1280 1248x832 832x1248 1512x648")
_1K_PRO = _by_ratio("1024x1024 1152x864 864x1152 1424x800 800x1424 1248x832 832x1248 1568x672")
_2K = _by_ratio("2048x2048 2304x1728 1728x2304 2848x1600 1600x2848 2496x1664 1664x2496 3136x1344")
_2K_PRO = _by_ratio("2048x2048 2368x1776 1776x2368 2816x1584 1584x2816 2496x1664 1664x2496 3136x1344")
_3K = _by_ratio("3072x3072 3456x2592 2592x3456 4096x2304 2304x4096 3744x2496 2496x3744 4704x2016")
_4K = _by_ratio("4096x4096 4704x3520 3520x4704 5504x3040 3040x5504 4992x3328 3328x4992 6240x2656")

_TABLE = (
    Model(
        name="doubao-seedream-5.0-lite",
        label="SeeDream 5.0 lite",
        wire_ids=("doubao-seedream-5-0-260128", "doubao-seedream-5-0-lite-260128", "doubao-seedream-5.0-lite"),
        presets=("2K", "3K", "4K"),
        default_size="2048x2048",
        sizes=MappingProxyType({"2K": _2K, "3K": _3K, "4K": _4K}),
        pixel_range=Range(3_686_400, 16_777_216),
        max_references=14,
        reference_formats=_ALL_FORMATS,
        group=True,
        stream=True,
        output_formats=("jpeg", "png"),
        web_search=True,
        optimize_prompt=("standard",),
    ),
    Model(
        name="doubao-seedream-4.5",
        label="SeeDream 4.5",
        wire_ids=("doubao-seedream-4-5-251128", "doubao-seedream-4.5"),
        presets=("2K", "4K"),
        default_size="2048x2048",
        sizes=MappingProxyType({"2K": _2K, "4K": _4K}),
        pixel_range=Range(3_686_400, 16_777_216),
        max_references=14,
        reference_formats=_ALL_FORMATS,
        group=True,
        stream=True,
        optimize_prompt=("standard",),
    ),
    Model(
        name="doubao-seedream-4.0",
        label="SeeDream 4.0",
        wire_ids=("doubao-seedream-4-0-250828", "doubao-seedream-4.0"),
        presets=("1K", "2K", "4K"),
        default_size="2048x2048",
        sizes=MappingProxyType({"1K": _1K, "2K": _2K, "4K": _4K}),
        pixel_range=Range(921_600, 16_777_216),
        max_references=14,
        reference_formats=_ALL_FORMATS,
        group=True,
        stream=True,
        optimize_prompt=("standard", "fast"),
    ),
    Model(
        name="doubao-seedream-3.0-t2i",
        label="SeeDream 3.0 t2i",
        wire_ids=("doubao-seedream-3-0-t2i-250415", "doubao-seedream-3.0-t2i"),
        default_size="1024x1024",
        sizes=MappingProxyType({"1K": _1K}),
        side_range=Range(512, 2048),
        max_references=0,
        reference_formats=frozenset(),
        seed=True,
        guidance=Guidance(1.0, 10.0, 2.5),
    ),
    Model(
        name="doubao-seededit-3.0-i2i",
        label="SeedEdit 3.0 i2i",
        wire_ids=("doubao-seededit-3-0-i2i-250628", "doubao-seededit-3.0-i2i"),
        default_size="adaptive",
        sizes=MappingProxyType({"1K": _1K}),
        side_range=Range(512, 2048),
        min_references=1,
        max_references=1,
        reference_formats=_BASIC_FORMATS,
        adaptive=True,
        guidance=Guidance(1.0, 10.0, 5.5),
    ),
    Model(
        name="doubao-seedream-5.0-pro",
        label="SeeDream 5.0 pro",
        wire_ids=("doubao-seedream-5-0-pro-260628", "doubao-seedream-5.0-pro"),
        presets=("1K", "1.5K", "2K"),
        default_size="2048x2048",
        # No source gives the pairs of 1.5K: with an aspect ratio, 1K or 2K must be named.
        sizes=MappingProxyType({"1K": _1K_PRO, "2K": _2K_PRO}),
        pixel_range=Range(921_600, 4_624_220),
        max_references=10,
        reference_formats=_ALL_FORMATS,
        output_formats=("jpeg", "png"),
        optimize_prompt=("standard", "fast"),
        transparent_background=True,
        layers=True,
    ),
)

MODELS: Mapping[str, Model] = MappingProxyType({model.name: model for model in _TABLE})
DEFAULT_MODEL = "doubao-seedream-5.0-lite"


def labels_where(capability: str) -> str:
    """The labels of the models with a capability, for a sentence: "SeeDream 5.0 lite, SeeDream 4.5 or SeeDream 4.0"."""
    return OneOf(model.label for model in MODELS.values() if getattr(model, capability))


def find_model(text: str) -> Model:
    """The model that a name means: its short name, any wire id, its label, or a loose form such as "4.5" or "seededit".

    Raises: InvalidRequest, which names the nearest.
    """
    key = _key(text) if isinstance(text, str) else ""
    if key in _ALIASES:
        return MODELS[_ALIASES[key]]
    names = ", ".join(MODELS)
    near = difflib.get_close_matches(key[:100], _ALIASES, n=1, cutoff=0.5)
    remedy = (
        Phrase("did you mean {model}", model=_ALIASES[near[0]])
        if near
        else Phrase("choose one of {models}", models=names)
    )
    raise InvalidRequest(Refusal("model", str(text), Phrase("SeeDream has no such model"), remedy))


def _key(text: str) -> str:
    return re.sub(r"[\s._]+", "-", text.strip().casefold()).removeprefix("doubao-").removeprefix("seedream-")


_ALIASES = {_key(alias): model.name for model in _TABLE for alias in (model.name, model.label, *model.wire_ids)} | {
    "5": "doubao-seedream-5.0-lite",
    "lite": "doubao-seedream-5.0-lite",
    "pro": "doubao-seedream-5.0-pro",
    "5-pro": "doubao-seedream-5.0-pro",
    "5-lite": "doubao-seedream-5.0-lite",
    "5-0": "doubao-seedream-5.0-lite",
    "4": "doubao-seedream-4.0",
    "3": "doubao-seedream-3.0-t2i",
    "3-0": "doubao-seedream-3.0-t2i",
    "t2i": "doubao-seedream-3.0-t2i",
    "i2i": "doubao-seededit-3.0-i2i",
    "3-0-i2i": "doubao-seededit-3.0-i2i",
    "seededit": "doubao-seededit-3.0-i2i",
    "seededit-3-0": "doubao-seededit-3.0-i2i",
}
