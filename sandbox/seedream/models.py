"""The capabilities of each SeeDream model, as the service checks them.

Sources: SeeDream API guide; for what is newer, the provider's own clients (AceDataCloud/SeedreamN8N, SeedreamDify), the
1.5K sizes of withceleste/celeste-python, and BytePlus's schema as published by Comfy (Comfy-Org/docs, comfy-router).
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

EARLY_FORMATS = frozenset({"jpeg", "png"})
ALL_FORMATS = EARLY_FORMATS | {"webp", "bmp", "tiff", "gif"}

# The sizes of presets if the prompt names no aspect ratio.
SQUARE = {"1K": (1024, 1024), "1.5K": (1536, 1536), "2K": (2048, 2048), "3K": (3072, 3072), "4K": (4096, 4096)}


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model's limits: `pixels` of width x height, `sides` of each side; None is no limit.

    The first of `wire_ids` is the current one.
    """

    name: str
    wire_ids: tuple[str, ...]
    presets: tuple[str, ...] = ()
    pixels: tuple[int, int] | None = None
    sides: tuple[int, int] | None = None
    references: tuple[int, int] = (0, 14)
    default_size: str = "2048x2048"
    group: bool = True
    stream: bool = True
    seed: bool = False
    guidance: bool = False
    output_formats: tuple[str, ...] = ()
    web_search: bool = False
    optimize_modes: tuple[str, ...] = ()
    input_formats: frozenset[str] = ALL_FORMATS
    layers: bool = False
    preset_ratios: Mapping[str, Mapping[str, tuple[int, int]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExtraModel:
    """A fictional model: its id, and the name of the model whose capabilities it has."""

    id: str
    like: str


def _ratios(sizes: str) -> dict[str, tuple[int, int]]:
    names = ("1:1", "4:3", "3:4", "16:9", "9:16", "3:2", "2:3", "21:9")
    pairs = [(int(width), int(height)) for width, height in (size.split("x") for size in sizes.split())]
    return dict(zip(names, pairs, strict=True))


ONE_K = _ratios("1024x1024 1152x864 864x1152 1280x720 720x1280 1248x832 832x1248 1512x648")
ONE_K_PRO = _ratios("1024x1024 1152x864 864x1152 1424x800 800x1424 1248x832 832x1248 1568x672")
ONE_AND_A_HALF_K = _ratios("1536x1536 1792x1344 1344x1792 2048x1152 1152x2048 1872x1248 1248x1872 2352x1008")
TWO_K = _ratios("2048x2048 2304x1728 1728x2304 2848x1600 1600x2848 2496x1664 1664x2496 3136x1344")
TWO_K_PRO = _ratios("2048x2048 2368x1776 1776x2368 2816x1584 1584x2816 2496x1664 1664x2496 3136x1344")
THREE_K = _ratios("3072x3072 3456x2592 2592x3456 4096x2304 2304x4096 3744x2496 2496x3744 4704x2016")
FOUR_K = _ratios("4096x4096 4704x3520 3520x4704 5504x3040 3040x5504 4992x3328 3328x4992 6240x2656")
PRO_RATIOS = {"1K": ONE_K_PRO, "1.5K": ONE_AND_A_HALF_K, "2K": TWO_K_PRO}

# In the order of the service's error message.
MODELS = (
    ServedModel(
        name="doubao-seedream-5.0-pro",
        wire_ids=("doubao-seedream-5-0-pro-260628",),
        presets=("1K", "1.5K", "2K"),
        pixels=(921_600, 4_624_220),
        references=(0, 10),
        group=False,
        stream=False,
        output_formats=("jpeg", "png"),
        optimize_modes=("standard", "fast"),
        layers=True,
        preset_ratios=PRO_RATIOS,
    ),
    ServedModel(
        name="doubao-seedream-5.0-lite",
        wire_ids=("doubao-seedream-5-0-lite-260128", "doubao-seedream-5-0-260128"),
        presets=("2K", "3K", "4K"),
        pixels=(3_686_400, 16_777_216),
        output_formats=("jpeg", "png"),
        web_search=True,
        optimize_modes=("standard",),
        preset_ratios={"2K": TWO_K, "3K": THREE_K, "4K": FOUR_K},
    ),
    ServedModel(
        name="doubao-seedream-4.5",
        wire_ids=("doubao-seedream-4-5-251128",),
        presets=("2K", "4K"),
        pixels=(3_686_400, 16_777_216),
        optimize_modes=("standard",),
        preset_ratios={"2K": TWO_K, "4K": FOUR_K},
    ),
    ServedModel(
        name="doubao-seedream-4.0",
        wire_ids=("doubao-seedream-4-0-250828",),
        presets=("1K", "2K", "4K"),
        pixels=(921_600, 16_777_216),
        optimize_modes=("standard", "fast"),
        preset_ratios={"1K": ONE_K, "2K": TWO_K, "4K": FOUR_K},
    ),
    ServedModel(
        # Documented: the id, the presets and pixels, 10 references, jpeg and png, layers and a transparent background;
        # neither group, stream nor optimize_prompt_options. That the rest is as with 5.0 pro is assumed.
        name="doubao-seedream-5.0-flash",
        wire_ids=("doubao-seedream-5-0-flash-260915",),
        presets=("1K", "1.5K", "2K"),
        pixels=(921_600, 4_624_220),
        references=(0, 10),
        group=False,
        stream=False,
        output_formats=("jpeg", "png"),
        layers=True,
        preset_ratios=PRO_RATIOS,
    ),
    ServedModel(
        name="doubao-seedream-3.0-t2i",
        wire_ids=("doubao-seedream-3-0-t2i-250415",),
        sides=(512, 2048),
        references=(0, 0),
        default_size="1024x1024",
        group=False,
        stream=False,
        seed=True,
        guidance=True,
        input_formats=EARLY_FORMATS,
    ),
    ServedModel(
        name="doubao-seededit-3.0-i2i",
        wire_ids=("doubao-seededit-3-0-i2i-250628",),
        presets=("adaptive",),
        sides=(512, 2048),
        references=(1, 1),
        default_size="1024x1024",
        group=False,
        stream=False,
        guidance=True,
        input_formats=EARLY_FORMATS,
    ),
)


# Accepted ids: each model's current dated one, all dated ones, the short names, all of these, or BytePlus's.
POLICIES: Mapping[str, Callable[[ServedModel], tuple[str, ...]]] = {
    "current": lambda model: model.wire_ids[:1],
    "dated": lambda model: model.wire_ids,
    "short": lambda model: (model.name,),
    "both": lambda model: (*model.wire_ids, model.name),
    "modelark": lambda model: tuple(wire_id.removeprefix("doubao-") for wire_id in model.wire_ids),
}


def accepted_names(
    policy: str, withdrawn: Collection[str] = (), extra: Iterable[ExtraModel] = ()
) -> dict[str, ServedModel]:
    """Return the accepted model ids, in the order of the service's error message."""
    ids = POLICIES[policy]
    taken = {wire_id: model for model in MODELS if model.name not in withdrawn for wire_id in ids(model)}
    named = {model.name: model for model in MODELS}
    return taken | {model.id: replace(named[model.like], name=model.id, wire_ids=(model.id,)) for model in extra}
