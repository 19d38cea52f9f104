"""What a request may not be: every rule of the capability table, each as a refusal. Pure."""

from __future__ import annotations

import math
import unicodedata
from typing import TYPE_CHECKING

from seedream import sizes
from seedream.capabilities import MAX_GROUP, MAX_INPUTS_AND_OUTPUTS, SEED_RANGE, Model
from seedream.errors import Refusal
from seedream.models import labels_of, labels_where
from seedream.phrases import OneOf, Phrase
from seedream.references import data_url_format, reference_refusals
from seedream.urls import http_url_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.request_fields import RequestFields

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


def type_refusals(request: RequestFields) -> Iterator[Refusal]:
    """Fields of a wrong type, and numbers too long to speak of: whatever else is checked relies on these."""
    for names, kinds, allowed in _TYPES:
        for name in names:
            value = getattr(request, name)
            if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
                yield Refusal(OPTIONS.get(name, name), type(value).__name__, allowed, Phrase("give that"))
            elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
                yield Refusal(
                    OPTIONS.get(name, name), "", Phrase("this number is far too long"), Phrase("give a smaller one")
                )
    if isinstance(request.images, tuple) and not all(isinstance(one, str) for one in request.images):
        yield Refusal("references", "", Phrase("references are links or data URLs"), Phrase("give them as text"))


_MOST_BITS = 64
_NONE = type(None)
_TYPES: tuple[tuple[tuple[str, ...], tuple[type, ...], str], ...] = (
    (("prompt", "model", "response_format"), (str,), Phrase("this is text")),
    (
        ("size", "ratio", "output_format", "optimize_prompt", "background", "callback_url"),
        (str, _NONE),
        Phrase("this is text, or left out"),
    ),
    (("seed", "group"), (int, _NONE), Phrase("this is a whole number, or left out")),
    (("guidance_scale",), (int, float, _NONE), Phrase("this is a number, or left out")),
    (("stream", "watermark", "web_search", "layer_decomposition", "run_async"), (bool,), Phrase("this is yes or no")),
    (("images",), (tuple,), Phrase("references are a list")),
)


def refusals(request: RequestFields, model: Model) -> Iterator[Refusal]:
    """Everything that is wrong with a request whose types are right and whose texts are normalised."""
    yield from prompt_refusals(request)
    if not (request.layer_decomposition and request.size == sizes.AUTO and request.ratio is None):
        yield from sizes.refusals(model, request.size, request.ratio)
    yield from _references(request, model)
    yield from _group(request, model)
    yield from _numbers(request, model)
    yield from _formats(request, model)
    yield from _switches(request, model)
    yield from _delivery(request, model)
    yield from _pro(request, model)


def prompt_refusals(request: RequestFields) -> Iterator[Refusal]:
    length = len(request.prompt)
    if length > MAX_PROMPT:
        allowed = Phrase("at most {most} characters are taken", most=MAX_PROMPT)
        yield Refusal("prompt", Phrase("{number}", number=length), allowed, Phrase("shorten it"))
    elif not request.layer_decomposition and not any(map(_is_seen, request.prompt)):
        given = Phrase("nothing that can be seen") if length else "0"
        allowed = Phrase("1 to {most} characters are needed", most=MAX_PROMPT)
        yield Refusal("prompt", given, allowed, Phrase("say what to paint"))
    if any("\ud800" <= character <= "\udfff" for character in request.prompt):
        allowed = Phrase("it holds half of a character (a lone surrogate)")
        yield Refusal("prompt", "", allowed, Phrase("type it again"))


def _is_seen(character: str) -> bool:
    """Not a space, a control or a joiner, nor what only looks like nothing."""
    return unicodedata.category(character) not in _UNSEEN and character not in _BLANK


_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}  # of Unicode's general categories
_BLANK = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that are drawn as nothing


def _references(request: RequestFields, model: Model) -> Iterator[Refusal]:
    count = len(request.images)
    if count > model.references.high == 0:
        allowed = Phrase("{model} takes no reference images", model=model.label)
        remedy = Phrase("choose {models}, or remove them", models=labels_of(lambda one: one.references.high))
        yield Refusal("references", str(count), allowed, remedy)
        return
    if count > model.references.high:
        allowed = Phrase.counted(
            "{model} takes at most {n} reference image",
            "{model} takes at most {n} reference images",
            model.references.high,
            model=model.label,
        )
        remedy = Phrase("remove {count}", count=count - model.references.high)
        yield Refusal("references", str(count), allowed, remedy)
    if count < model.references.low:
        allowed = Phrase("{model} needs a reference image", model=model.label)
        others = labels_of(lambda one: not one.references.low)
        remedy = Phrase("add the picture to edit, or choose {models}", models=others)
        yield Refusal("references", str(count), allowed, remedy)
    yield from reference_refusals(model, request.images)


def _group(request: RequestFields, model: Model) -> Iterator[Refusal]:
    group, references = request.group, len(request.images)
    if group is None or group == 1:
        return
    if not 1 <= group <= MAX_GROUP:
        allowed = Phrase("1 to {most} images can be made at once", most=MAX_GROUP)
        remedy = Phrase("choose fewer") if group > MAX_GROUP else Phrase("choose 1 or more")
        yield Refusal("images", str(group), allowed, remedy)
    elif not model.group:
        allowed = Phrase("{model} makes one image at a time", model=model.label)
        remedy = Phrase("choose 1, or {models}", models=labels_where("group"))
        yield Refusal("images", str(group), allowed, remedy)
    elif references + group > MAX_INPUTS_AND_OUTPUTS:
        given = Phrase("{references} and {images}", references=references, images=group)
        allowed = Phrase("references and images to make are at most {most} together", most=MAX_INPUTS_AND_OUTPUTS)
        remedy = Phrase("make {most} or fewer, or remove references", most=MAX_INPUTS_AND_OUTPUTS - references)
        yield Refusal("images", given, allowed, remedy)


def _numbers(request: RequestFields, model: Model) -> Iterator[Refusal]:
    seed, guidance = request.seed, request.guidance_scale
    if seed is not None and not model.seed:
        yield _unavailable("seed", str(seed), Phrase("{model} takes no seed", model=model.label), "seed")
    elif seed is not None and seed not in SEED_RANGE:
        allowed = Phrase("a seed is {low} (random) to {high}", low=str(SEED_RANGE.low), high=str(SEED_RANGE.high))
        yield Refusal("seed", str(seed), allowed, Phrase("choose a number in that range"))
    if guidance is None:
        return
    if model.guidance is None:
        allowed = Phrase("{model} takes no guidance", model=model.label)
        yield _unavailable("guidance", f"{guidance:g}", allowed, "guidance")
    elif not (math.isfinite(guidance) and model.guidance.low <= guidance <= model.guidance.high):
        low, high, default = (f"{one:g}" for one in (model.guidance.low, model.guidance.high, model.guidance.default))
        allowed = Phrase("guidance is {low} to {high}", low=low, high=high)
        yield Refusal("guidance", f"{guidance:g}", allowed, Phrase("the default is {default}", default=default))


def _formats(request: RequestFields, model: Model) -> Iterator[Refusal]:
    if request.response_format not in RESPONSE_FORMATS:
        allowed = Phrase("an answer's format is {formats}", formats=OneOf(RESPONSE_FORMATS))
        yield Refusal("response_format", request.response_format, allowed, Phrase("choose one of them"))
    kind = request.output_format
    formats = model.output_formats or ("jpeg",)
    if kind is not None and kind not in formats:
        allowed = Phrase("{model} makes {formats}", model=model.label, formats=OneOf(formats))
        remedy = (
            Phrase("choose {formats}, or {models}", formats=OneOf(formats), models=labels_where("output_formats"))
            if kind == "png"
            else Phrase("choose {formats}", formats=OneOf(formats))
        )
        yield Refusal("format", kind, allowed, remedy)


def _switches(request: RequestFields, model: Model) -> Iterator[Refusal]:
    if request.web_search and not model.web_search:
        allowed = Phrase("{model} can't search the web", model=model.label)
        yield _unavailable("web_search", "", allowed, "web_search")
    mode = request.optimize_prompt
    if mode is None or mode in model.optimize_prompt:
        return
    if not model.optimize_prompt:
        allowed = Phrase("{model} does not optimize prompts", model=model.label)
        yield _unavailable("optimize", mode, allowed, "optimize_prompt")
    else:
        modes = OneOf(model.optimize_prompt)
        allowed = Phrase("{model} optimizes prompts in mode {modes}", model=model.label, modes=modes)
        yield Refusal("optimize", mode, allowed, Phrase("choose {modes}", modes=modes))


def _delivery(request: RequestFields, model: Model) -> Iterator[Refusal]:
    if request.stream and not model.stream:
        yield _unavailable("stream", "", Phrase("{model} can't stream", model=model.label), "stream")
    for given, option in ((request.run_async, "async"), (request.callback_url is not None, "callback_url")):
        if request.stream and given:
            allowed = Phrase("a stream can't be combined with {option}", option=option)
            yield Refusal("stream", "", allowed, Phrase("leave one of them out"))
    if request.callback_url is not None and (problem := http_url_problem(request.callback_url)):
        remedy = Phrase("give an address that the service can reach")
        yield Refusal("callback_url", request.callback_url, problem, remedy)


def _pro(request: RequestFields, model: Model) -> Iterator[Refusal]:
    if request.background is not None:
        yield from _background(request, model)
    if request.layer_decomposition:
        yield from _layers(request, model)


def _layers(request: RequestFields, model: Model) -> Iterator[Refusal]:
    """Source: BytePlus's schema of the images API."""
    if not model.layers:
        allowed = Phrase("{model} can't take a picture apart into layers", model=model.label)
        yield _unavailable("layers", "", allowed, "layers")
        return
    if len(request.images) != 1:
        allowed = Phrase("taking a picture apart needs exactly one reference image")
        yield Refusal("layers", str(len(request.images)), allowed, Phrase("give the picture to take apart"))
    if request.ratio is not None or (request.size is not None and sizes.exact(request.size)):
        allowed = Phrase("layers have the picture's shape")
        yield Refusal("size", request.size or request.ratio or "", allowed, Phrase("leave it out"))
    for option, given in (
        ("stream", request.stream),
        ("web_search", request.web_search),
        ("background", request.background),
    ):
        if given:
            allowed = Phrase("layers can't be combined with {option}", option=option)
            yield Refusal(option, "", allowed, Phrase("leave one of them out"))


def _background(request: RequestFields, model: Model) -> Iterator[Refusal]:
    if not model.transparent_background:
        allowed = Phrase("{model} has no choice of background", model=model.label)
        yield _unavailable("background", request.background or "", allowed, "transparent_background")
        return
    if request.background != "transparent":
        allowed = Phrase("a background is transparent, or left out")
        yield Refusal("background", request.background or "", allowed, Phrase("leave it out"))
    kinds = [data_url_format(reference) for reference in request.images]
    if len(kinds) != 1 or kinds[0] not in {None, "png"}:
        given = Phrase("one {format}", format=kinds[0]) if len(kinds) == 1 else str(len(kinds))
        allowed = Phrase("transparency needs exactly one PNG reference image")
        yield Refusal("background", given, allowed, Phrase("give that picture"))
    if request.output_format not in {None, "png"}:
        allowed = Phrase("only a png can be transparent")
        yield Refusal("background", str(request.output_format), allowed, Phrase("choose the format png"))


def _unavailable(option: str, given: str, allowed: Phrase, capability: str) -> Refusal:
    return Refusal(option, given, allowed, Phrase("choose {models}, or leave it out", models=labels_where(capability)))
