"""What a request may not be: every rule of the capability table, each as a refusal. Pure."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

from seedream import sizes
from seedream.errors import Refusal
from seedream.models import MAX_GROUP, MAX_INPUTS_AND_OUTPUTS, SEED_RANGE, Model, either, labels_where
from seedream.pictures import data_url_format, http_url_problem, reference_refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.requests import ImageRequest

MAX_PROMPT = 4000
RESPONSE_FORMATS = ("url", "b64_json")

# How a field is named to people, where its name differs.
OPTIONS = {
    "images": "references",
    "group": "images",
    "guidance_scale": "guidance",
    "output_format": "format",
    "optimize_prompt": "optimize",
    "layer_decomposition": "layers",
    "run_async": "async",
}


def type_refusals(request: ImageRequest) -> Iterator[Refusal]:
    """Fields of a wrong type, and numbers too long to speak of: whatever else is checked relies on these."""
    for names, kinds, allowed in _TYPES:
        for name in names:
            value = getattr(request, name)
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                yield Refusal(OPTIONS.get(name, name), type(value).__name__, allowed, "give that")
            elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
                yield Refusal(OPTIONS.get(name, name), "", "this number is far too long", "give a smaller one")
    if isinstance(request.images, tuple) and not all(isinstance(one, str) for one in request.images):
        yield Refusal("references", "", "references are links or data URLs", "give them as text")


_MOST_BITS = 64
_NONE = type(None)
_TYPES: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (("prompt", "model", "response_format"), (str,), "this is text"),
    (
        ("size", "ratio", "output_format", "optimize_prompt", "background", "callback_url"),
        (str, _NONE),
        "this is text, or left out",
    ),
    (("seed", "group"), (int, _NONE), "this is a whole number, or left out"),
    (("guidance_scale",), (int, float, _NONE), "this is a number, or left out"),
    (("stream", "watermark", "web_search", "layer_decomposition", "run_async"), (bool,), "this is yes or no"),
    (("images",), (tuple,), "references are a list"),
)


def refusals(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    """Everything that is wrong with a request whose types are right and whose texts are normalised."""
    yield from prompt_refusals(request)
    yield from sizes.refusals(model, request.size, request.ratio)
    yield from _references(request, model)
    yield from _group(request, model)
    yield from _numbers(request, model)
    yield from _formats(request, model)
    yield from _switches(request, model)
    yield from _delivery(request, model)
    yield from _pro(request, model)


def prompt_refusals(request: ImageRequest) -> Iterator[Refusal]:
    length = len(request.prompt)
    if length > MAX_PROMPT:
        yield Refusal("prompt", f"{length:,}", f"at most {MAX_PROMPT:,} characters are taken", "shorten it")
    elif not request.layer_decomposition and not any(map(_is_seen, request.prompt)):
        given = "nothing that can be seen" if length else "0"
        yield Refusal("prompt", given, f"1 to {MAX_PROMPT:,} characters are needed", "say what to paint")
    if any("\ud800" <= character <= "\udfff" for character in request.prompt):
        yield Refusal("prompt", "", "it holds half of a character (a lone surrogate)", "type it again")


def _is_seen(character: str) -> bool:
    """Not a space, a control or a joiner, nor what only looks like nothing."""
    return unicodedata.category(character) not in _UNSEEN and character not in _BLANK


_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # of Unicode's general categories
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing


def _references(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    count = len(request.images)
    if count > model.max_references == 0:
        remedy = "choose SeeDream 4.0 or later, or remove them"
        yield Refusal("references", str(count), f"{model.label} takes no reference images", remedy)
        return
    if count > model.max_references:
        remedy = f"remove {count - model.max_references}"
        yield Refusal("references", str(count), f"{model.label} takes at most {_images(model.max_references)}", remedy)
    if count < model.min_references:
        remedy = "add the picture to edit, or choose SeeDream 4.0 or later"
        yield Refusal("references", str(count), f"{model.label} needs a reference image", remedy)
    yield from reference_refusals(model, request.images)


def _images(count: int) -> str:
    return "1 reference image" if count == 1 else f"{count} reference images"


def _group(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    group, references = request.group, len(request.images)
    if group is None or group == 1:
        return
    if not 1 <= group <= MAX_GROUP:
        remedy = "choose fewer" if group > MAX_GROUP else "choose 1 or more"
        yield Refusal("images", str(group), f"1 to {MAX_GROUP} images can be made at once", remedy)
    elif not model.group:
        remedy = f"choose 1, or {labels_where('group')}"
        yield Refusal("images", str(group), f"{model.label} makes one image at a time", remedy)
    elif references + group > MAX_INPUTS_AND_OUTPUTS:
        allowed = f"references and images to make are at most {MAX_INPUTS_AND_OUTPUTS} together"
        remedy = f"make {MAX_INPUTS_AND_OUTPUTS - references} or fewer, or remove references"
        yield Refusal("images", f"{references} and {group}", allowed, remedy)


def _numbers(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    seed, guidance = request.seed, request.guidance_scale
    if seed is not None and not model.seed:
        yield _unavailable("seed", str(seed), model, "takes no seed", "seed")
    elif seed is not None and seed not in SEED_RANGE:
        allowed = f"a seed is {SEED_RANGE.low} (random) to {SEED_RANGE.high}"
        yield Refusal("seed", str(seed), allowed, "choose a number in that range")
    if guidance is None:
        return
    if model.guidance is None:
        yield _unavailable("guidance", f"{guidance:g}", model, "takes no guidance", "guidance")
    elif not (math.isfinite(guidance) and model.guidance.low <= guidance <= model.guidance.high):
        allowed = f"guidance is {model.guidance.low:g} to {model.guidance.high:g}"
        yield Refusal("guidance", f"{guidance:g}", allowed, f"the default is {model.guidance.default:g}")


def _formats(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    if request.response_format not in RESPONSE_FORMATS:
        allowed = f"an answer's format is {either(RESPONSE_FORMATS)}"
        yield Refusal("response_format", request.response_format, allowed, "choose one of them")
    kind = request.output_format
    formats = model.output_formats or ("jpeg",)
    if kind is not None and kind not in formats:
        allowed = f"{model.label} makes {either(formats)}"
        others = f", or {labels_where('output_formats')}" if kind == "png" else ""
        yield Refusal("format", kind, allowed, f"choose {either(formats)}{others}")


def _switches(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    if request.web_search and not model.web_search:
        yield _unavailable("web_search", "", model, "can't search the web", "web_search")
    mode = request.optimize_prompt
    if mode is None or mode in model.optimize_prompt:
        return
    if not model.optimize_prompt:
        yield _unavailable("optimize", mode, model, "does not optimize prompts", "optimize_prompt")
    else:
        modes = either(model.optimize_prompt)
        yield Refusal("optimize", mode, f"{model.label} optimizes prompts in mode {modes}", f"choose {modes}")


def _delivery(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    if request.stream and not model.stream:
        yield _unavailable("stream", "", model, "can't stream", "stream")
    for given, option in ((request.run_async, "async"), (request.callback_url is not None, "callback_url")):
        if request.stream and given:
            yield Refusal("stream", "", f"a stream can't be combined with {option}", "leave one of them out")
    if request.callback_url is not None and (problem := http_url_problem(request.callback_url)):
        yield Refusal("callback_url", request.callback_url, problem, "give an address that the service can reach")


def _pro(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    if request.background is not None:
        yield from _background(request, model)
    if request.layer_decomposition and not model.layers:
        yield _unavailable("layers", "", model, "can't take a picture apart into layers", "layers")
    elif request.layer_decomposition and len(request.images) != 1:
        allowed = "taking a picture apart needs exactly one reference image"
        yield Refusal("layers", str(len(request.images)), allowed, "give the picture to take apart")


def _background(request: ImageRequest, model: Model) -> Iterator[Refusal]:
    if not model.transparent_background:
        given = request.background or ""
        yield _unavailable("background", given, model, "has no choice of background", "transparent_background")
        return
    if request.background != "transparent":
        given = request.background or ""
        yield Refusal("background", given, "a background is transparent, or left out", "leave it out")
    kinds = [data_url_format(reference) for reference in request.images]
    if len(kinds) != 1 or kinds[0] not in {None, "png"}:
        given = f"one {kinds[0]}" if len(kinds) == 1 else str(len(kinds))
        yield Refusal("background", given, "transparency needs exactly one PNG reference image", "give that picture")
    if request.output_format not in {None, "png"}:
        remedy = "choose the format png"
        yield Refusal("background", str(request.output_format), "only a png can be transparent", remedy)


def _unavailable(option: str, given: str, model: Model, cannot: str, capability: str) -> Refusal:
    return Refusal(option, given, f"{model.label} {cannot}", f"choose {labels_where(capability)}, or leave it out")
