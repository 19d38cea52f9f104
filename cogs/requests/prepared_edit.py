"""From words and pictures, however they were given, to the request that makes or changes pictures."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cogs.delivery.message_images import Found, of_attachment
from cogs.i18n.translate import _, any_of, marked, ngettext, sentences
from cogs.requests.typed_options import parse_options
from cogs.texts.common import escaped
from cogs.texts.refusal import RefusalError
from seedream.models import known_model
from studio.jobs.editing import (
    LEAST_LAYERED_PIXELS,
    edit_request,
    extracted,
    extractors,
    extracts,
    too_small_for_layers,
)
from studio.jobs.job import Verb
from studio.members.models import nearest_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import discord

    from cogs.requests.submission import Desk
    from seedream import ImageRequest
    from studio.jobs.job import Source
    from studio.members.defaults import Defaults
    from studio.quota.limits import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A request, where its pictures lie, what its placeholder says besides, and whether a picture is a spoiler."""

    request: ImageRequest
    sources: tuple[Source | None, ...]
    note: str
    spoiler: bool


async def imagined(
    desk: Desk,
    member: Member,
    words: str,
    *,
    references: Sequence[Found] = (),
    model: str | None = None,
    size: str | None = None,
    ratio: str | None = None,
    images: int | None = None,
    seed: int | None = None,
    output_format: str | None = None,
    watermark: bool | None = None,
    **options: Any,
) -> Wish:
    """Pictures from words, with the options at their end; what was chosen comes first. `options`: of the request.

    Raises: InvalidRequest.
    """
    typed = parse_options(words).under(model=model, size=size, ratio=ratio, images=images, seed=seed)
    request = await desk.request(
        member,
        prompt=typed.prompt and typed.words,
        model=typed.model,
        images=tuple(one.url for one in references),
        size=typed.size,
        ratio=typed.ratio,
        group=typed.images,
        seed=typed.seed,
        output_format=output_format,
        watermark=watermark,
        **options,
    )
    return _wish(request, references, typed.note())


async def edited(
    desk: Desk,
    member: Member,
    words: str,
    pictures: Sequence[Found],
    *,
    files: Iterable[discord.Attachment] = (),
    files_in: Source | None = None,
    model: str | None = None,
    size: str | None = None,
    ratio: str | None = None,
    usual: str | None = None,
    note: str = "",
) -> Wish:
    """Pictures changed by words, with the options at their end; what was chosen comes first.

    `files`: further references, and `files_in` the message that they lie in, if they lie in one. `usual`: the model
    where none is chosen. Raises: RefusalError, InvalidRequest.
    """
    typed = parse_options(words).under(model=model, size=size, ratio=ratio)
    if not typed.words.strip():
        raise RefusalError(_("Say what to change, such as “make it night”."))
    used = _used(pictures, files, files_in)
    defaults = await desk.defaults(member)
    # The picture's own shape comes first.
    look = replace(defaults.look, model=usual or defaults.look.model, ratio=None)
    request = edit_request(
        typed.words,
        [one.url for one in used],
        look=look,
        sides=used[0].sides,
        model=typed.model,
        size=typed.size,
        ratio=typed.ratio,
        seed=typed.seed,
        group=typed.images,
        watermark=defaults.watermark,
        output_format=defaults.output_format,
        models=defaults.models,
    )
    another = "" if typed.model else substituted(look.model, request, defaults)
    return _wish(request, used, note, _still_note(pictures), another, typed.note())


def _wish(request: ImageRequest, used: Sequence[Found], *notes: str) -> Wish:
    return Wish(
        request=request,
        sources=tuple(one.source for one in used),
        note=sentences(*notes),
        spoiler=any(one.spoiler for one in used),
    )


def _used(pictures: Sequence[Found], files: Iterable[discord.Attachment], files_in: Source | None) -> list[Found]:
    # Translators: stands before what is wrong with an attached picture: "picture: “a.txt” is empty."
    used = [*pictures, *checked(_("picture"), files, files_in)]
    if not used:
        told = _("There is no picture to change: attach one, or give the link of a message that has one.")
        raise RefusalError(told)
    return used


def _still_note(pictures: Iterable[Found]) -> str:
    return _("It's animated, so I used its still image.") if any(one.still for one in pictures) else ""


# What can't be done where no model may do it, and where none is known that could.
_NOT_ALLOWED = {
    # Translators: {models} is one model or several, with "or" between them.
    Verb.CUT_OUT: marked(
        "This server does not allow {models}, which cutting out needs. Ask an admin to allow it in /settings."
    ),
    # Translators: layers of a picture; {models} is one model or several, with "or" between them.
    Verb.LAYERS: marked(
        "This server does not allow {models}, which taking a picture apart needs. "
        "Ask an admin to allow it in /settings."
    ),
}
_NOT_OFFERED = {
    Verb.CUT_OUT: marked("No model that can cut out pictures is available right now. Try again tomorrow."),
    # Translators: into layers, as in an image editor.
    Verb.LAYERS: marked("No model that can take pictures apart is available right now. Try again tomorrow."),
}


async def extraction(desk: Desk, member: Member, picture: Found, verb: Verb, *, usual: str | None = None) -> Wish:
    """The picture cut out or taken apart, by the model nearest to the `usual` one that can.

    Raises: RefusalError where none may be used, InvalidRequest.
    """
    defaults = await desk.defaults(member)
    model = nearest_model(usual or defaults.look.model, partial(extracts, verb), defaults.models)
    if model is None:
        labels = [one.label for one in extractors(verb) if one.name in defaults.offered]
        raise RefusalError(_(_NOT_ALLOWED[verb], models=any_of(labels)) if labels else _(_NOT_OFFERED[verb]))
    if verb is Verb.LAYERS and too_small_for_layers(picture.sides):
        least = f"{LEAST_LAYERED_PIXELS**0.5:.0f}"
        raise RefusalError(
            _("This picture is too small to take apart. Choose one of at least {least} × {least} pixels.", least=least)
        )
    request = extracted(verb, picture.url, model, sides=picture.sides, watermark=defaults.watermark)
    return Wish(request=request, sources=(picture.source,), note="", spoiler=picture.spoiler)


def checked(option: str, attachments: Iterable[discord.Attachment], source: Source | None = None) -> list[Found]:
    """What Discord itself says is no picture is refused before anything is spent. Raises: RefusalError."""
    for attachment in attachments:
        kind = (attachment.content_type or "image/").split(";")[0]
        file = escaped(attachment.filename, 80)
        if attachment.size == 0:
            empty = _(
                "{option}: “{file}” is empty. Attach a JPEG, PNG, WebP, BMP, TIFF or GIF picture.",
                option=option,
                file=file,
            )
            raise RefusalError(empty)
        if not kind.startswith("image/"):
            # Translators: {kind} is such as application/pdf.
            other = _(
                "{option}: “{file}” is {kind}, not a picture. Attach a JPEG, PNG, WebP, BMP, TIFF or GIF picture.",
                option=option,
                file=file,
                kind=kind,
            )
            raise RefusalError(other)
    return [of_attachment(one, source) for one in attachments]


def substituted(usual: str, request: ImageRequest, defaults: Defaults) -> str:
    """What is said where another model than the usual one does it."""
    wanted = known_model(usual)
    if wanted.name == request.model:
        return ""
    labels = {"usual": wanted.label, "other": request.capabilities.label}
    if wanted.name not in defaults.offered:
        # Translators: {usual} and {other} are models.
        return _("{usual} is no longer available, so this uses {other}.", **labels)
    if wanted.name not in defaults.models:
        # Translators: {usual} and {other} are models.
        return _("{usual} may not be used in this server, so {other} does it.", **labels)
    # Translators: {usual} and {other} are models.
    return ngettext(
        "{usual} can't do this with {n} picture, so {other} does.",
        "{usual} can't do this with {n} pictures, so {other} does.",
        len(request.images),
        **labels,
    )
