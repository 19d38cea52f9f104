"""Writes the texts of a job's message: the title, the progress, what is missing and why. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cogs.delivery.link_text import kept_lines, link_lines, shrunk_lines
from cogs.delivery.model_choice import compared_models
from cogs.delivery.render_options import archive_name
from cogs.delivery.set_text import child_lines, idea_lines
from cogs.i18n.translate import N_, _, ngettext, number, sentences
from cogs.texts.common import (
    came_from,
    clamped,
    credit_count,
    dotted,
    escaped,
    failure_sentence,
    in_code,
    links_until,
    refused_sentence,
    seconds,
    size_line,
    unbroken,
)
from cogs.texts.layers import layer_names, shown_images
from cogs.texts.prices import cost_line, up_to
from studio.jobs.editing import EXTRACTIONS, has_words
from studio.jobs.messages import MessageForm, Part
from studio.jobs.sets import at_stake, made, requested
from studio.jobs.states import JobState, Reason

if TYPE_CHECKING:
    from cogs.delivery.render_options import RenderOptions
    from studio.jobs.job import Job
    from studio.jobs.states import Failure

MINUTE = 60.0  # seconds
PROMPT_COLUMNS = 84  # three lines of bold text on a phone; Details has the whole prompt
COLUMNS_BESIDE = 48  # three lines beside a small picture


def head(job: Job, options: RenderOptions, *, beside: bool = False) -> str:
    """Return the title, the source and the note. An extraction has no prompt, so its source is the title.

    `beside`: whether a small picture is beside it.
    """
    came = came_from(job)
    if job.parent and job.parent.verb in EXTRACTIONS:
        title, came = came, None
    else:
        title = _title(job, options, COLUMNS_BESIDE if beside else PROMPT_COLUMNS)
    note = "" if options.hides(Part.PROMPT) else job.note
    lines = [f"-# ↪ {came}" if came else "", f"-# {note}" if note else ""]
    greeting = f"<@{job.origin.user_id}>" if options.mention else ""
    return "\n".join(filter(None, (greeting, f"**{title}**", *lines)))


def _title(job: Job, options: RenderOptions, columns: int) -> str:
    if not has_words(job.request):
        # Translators: the headings of a picture's subject without its background, and of its layers.
        return _("Layers") if job.request.layer_decomposition else _("Cut-out")
    if options.hides(Part.PROMPT):
        # Translators: the heading of a result whose prompt can't be shown.
        return _("Result")
    return escaped(clamped(job.title or job.prompt, columns), columns)


def status_lines(job: Job, options: RenderOptions) -> list[str]:
    """Return the lines for the job's state: its progress, or what is missing and why."""
    match job.state:
        case JobState.DONE:
            links = [*shrunk_lines(job, options), *link_lines(job, options), *kept_lines(job, options)]
            ideas, joined = idea_lines(job, options), child_lines(job)
            return [*_layers(job, options), *ideas, *links, *_difference(job, options), *joined]
        case _ if job.state is JobState.CANCELLED or job.dropped_at is not None:
            return [f"-# {stopped_line(job)}"]
        case JobState.FAILED:
            return _failed(job, options)
        case _:
            return [_progress(job)]


def stopped_line(job: Job) -> str:
    """Say that a job was stopped, and what that costs."""
    if job.state is JobState.CANCELLED:
        return _("Cancelled. Nothing was charged.")
    if not job.state.final or at_stake(job):
        # Translators: a request. {credits} is such as "up to 4 credits".
        return _("Stopped. It had been sent, so {credits} will be billed.", credits=up_to(credit_count(at_stake(job))))
    if job.cost:
        return ngettext(
            "Stopped. {n} credit was billed, as it had been sent.",
            "Stopped. {n} credits were billed, as it had been sent.",
            job.cost,
        )
    return sentences(_("Stopped."), _cost_of_failure(job))


def _cost_of_failure(job: Job) -> str:
    unsure = job.failure is not None and may_have_cost(job, job.failure)
    return _("The service may still have charged for it.") if unsure else _("Nothing was charged.")


# After these it is unknown whether the service made, and charged for, something. A lost picture was made.
_MAY_HAVE_COST = {
    *(Reason.LOST, Reason.CUT, Reason.INTERRUPTED, Reason.CRASHED, Reason.EXPIRED, Reason.INTERNAL, Reason.PICTURE)
}
_OF_A_LOOK_UP = {
    Reason.BAD_KEY,
    Reason.DISABLED,
    Reason.OVERDUE,
    Reason.WRONG_ADDRESS,
    Reason.BAD_REQUEST,
    Reason.UNKNOWN,
}


_LEFT_OUT = {
    Part.PICTURES: N_("Discord blocked these pictures as explicit content."),
    Part.LINKS: N_("Discord blocks a link in this result, so the links are left out."),
    Part.PROMPT: N_("The prompt isn't shown: Discord or this server's AutoMod blocked it."),
}


def left_out(job: Job, options: RenderOptions) -> list[str]:
    """Return the parts that Discord refused, and where they can be found."""
    lines = [_(words) for part, words in _LEFT_OUT.items() if options.hides(part)]
    unattached = [image for image in job.current if image.link and not options.shows(image)]
    if job.state.final and unattached and (options.form is MessageForm.CARD or options.hides(Part.LINKS)):
        where = _(
            # Translators: *Details* is the button under a result. {time} is a date and time.
            "Discord doesn't accept these pictures here. *Details* has links to them. Save them before {time}.",
            time=links_until(job, unattached),
        )
        lines.append(where)
    return [f"-# {line}" for line in lines]


def _progress(job: Job) -> str:
    if job.late and job.by_token_alone:
        # Translators: /me is a command, and stays as it is.
        return _(
            "⏳ This is taking longer than usual. I'll send you the result by direct message; if that fails, get it "
            "with /me."
        )
    since = f"<t:{int(job.created_at)}:R>"
    if job.request.layer_decomposition and not job.place:
        # Translators: into layers. {since} is such as "5 seconds ago".
        return _("🎨 Splitting into layers … requested {since}", since=since)
    ready = sum(image.arrived for image in job.current)
    if ready:
        # Translators: so many pictures are done. {since} is such as "5 seconds ago".
        return ngettext(
            "🎨 {ready} of {n} picture … requested {since}",
            "🎨 {ready} of {n} pictures … requested {since}",
            requested(job),
            ready=number(ready),
            since=since,
        )
    if job.place:
        # Translators: so many requests are ahead. {since} is such as "5 seconds ago".
        return _("⏳ In the queue, {ahead} ahead of you … requested {since}", ahead=number(job.place), since=since)
    # Translators: {since} is such as "5 seconds ago".
    painting = ngettext(
        "🎨 Painting {n} picture … requested {since}",
        "🎨 Painting {n} pictures … requested {since}",
        requested(job),
        since=since,
    )
    usual = usual_time(job)
    return f"{painting} · {unbroken(usual)}" if usual else painting


def usual_time(job: Job) -> str | None:
    """Return how long requests like this one took lately, rounded; None if that isn't known."""
    usual = job.hints.usual_seconds
    if usual is None:
        return None
    if usual > 2 * MINUTE:
        # Translators: minutes; how long it usually takes
        return _("usually about {n} min", n=number(round(usual / MINUTE)))
    exact = 10  # seconds, up to which each counts
    rounded = max(1, round(usual)) if usual < exact else 5 * round(usual / 5)
    # Translators: seconds; how long it usually takes
    return _("usually about {n} s", n=number(rounded))


def remembered_line(job: Job) -> str:
    """Say which of the request's options are the member's defaults, as they chose them before; "" if none are.

    Nothing is said where there will be no pictures, as their shape can't surprise anybody.
    """
    if job.state in {JobState.FAILED, JobState.CANCELLED} or job.dropped_at is not None:
        return ""
    request = job.request
    values = {"model": request.capabilities.label, "size": request.size, "ratio": request.ratio}
    chosen = [value for name in job.hints.remembered if (value := values.get(name))]
    if not chosen:
        return ""
    # Translators: {choices} is such as "SeeDream 4.5, 21:9": what a member chose before and did not change now
    text = ngettext("Your default: {choices}", "Your defaults: {choices}", len(chosen), choices=", ".join(chosen))
    return f"-# {text}"


def may_have_cost(job: Job, failure: Failure) -> bool:
    """Return whether the service may have charged for what the member didn't get."""
    unsettling = _MAY_HAVE_COST | _OF_A_LOOK_UP if job.task_id else _MAY_HAVE_COST
    return job.started_at is not None and failure.reason in unsettling


def _why(failure: Failure, options: RenderOptions) -> str:
    return failure_sentence(_without_prompt(failure, options))


def _without_prompt(failure: Failure, options: RenderOptions) -> Failure:
    """Leaves out the service's own message where the prompt is hidden, because it may repeat the prompt."""
    return replace(failure, detail="") if options.hides(Part.PROMPT) else failure


def _failed(job: Job, options: RenderOptions) -> list[str]:
    if job.failure is None:
        return []
    small = [_cost_of_failure(job)]
    if job.trace_id:
        small.append(_("Trace ID: `{id}`", id=in_code(job.trace_id, 80)))
    return [f"⚠️ {_why(job.failure, options)}", f"-# {' '.join(small)}"]


def _layers(job: Job, options: RenderOptions) -> list[str]:
    """Return the names of the layers, and why there is no ZIP file if there isn't one."""
    if not job.request.layer_decomposition or not shown_images(job):
        return []
    names = [] if options.hides(Part.PROMPT) else [f"-# {layer_names(job)}"]
    return [*names, *_no_archive(job, options)]


def _no_archive(job: Job, options: RenderOptions) -> list[str]:
    if archive_name(job, options):
        return []
    limit = job.origin.upload_limit
    too_large = _(
        "The ZIP file of the layers exceeds this channel's upload limit of {limit}. Details lists their order and "
        "positions.",
        limit=f"{number(limit / 2**20)} MiB",
    )
    otherwise = _("The ZIP file of the layers couldn't be attached here. Details lists their order and positions.")
    sizes = sum(image.picture.size for image in job.current if image.picture)
    return [f"-# {too_large if sizes > limit else otherwise}"]


def _difference(job: Job, options: RenderOptions) -> list[str]:
    """Return why there are other pictures than were requested."""
    if job.dropped_at is not None:
        return [f"-# {stopped_line(job)}"]
    return [*_missing(job, options), *_extra(job)]


def _missing(job: Job, options: RenderOptions) -> list[str]:
    """Return one line that says why fewer pictures were made than requested; nothing if none is missing."""
    layers = job.request.layer_decomposition
    wanted = len(job.images) if layers else requested(job)  # the number of layers isn't known beforehand
    broken = job.failure is not None and layers
    if made(job) >= wanted and not broken:
        return []
    # Translators: of pictures: "3 of 4 made." A sentence that says why follows.
    count = ngettext("{made} of {n} made.", "{made} of {n} made.", wanted, made=number(made(job)))
    return [f"-# {sentences(count, _why_fewer(job, wanted - made(job), options))}"]


def _extra(job: Job) -> list[str]:
    """Return one line where the service made more than was requested. Of layers, the number isn't known beforehand."""
    extra = made(job) - requested(job)
    if extra <= 0 or job.request.layer_decomposition:
        return []
    text = ngettext(
        "The service made {n} extra picture, which is free.",
        "The service made {n} extra pictures, which are free.",
        extra,
    )
    return [f"-# {text}"]


def _why_fewer(job: Job, missing: int, options: RenderOptions) -> str:
    failures = [image.failure for image in job.current if image.failure and not image.link]
    refused = [failure for failure in failures if failure.reason is Reason.CONTENT_REFUSED]
    if refused and len(refused) == missing:
        return refused_sentence(_without_prompt(refused[0], options), missing)
    lost = next((failure for failure in failures if failure.reason is Reason.PICTURE), None)
    failure = job.failure or lost or next(iter(failures), None)
    reason = _why(failure, options) if failure else _("The model chose to make fewer.")
    if lost or (failure and may_have_cost(job, failure)):
        # Translators: of the pictures that the member didn't get
        return sentences(reason, _("The service may still have charged for the rest."))
    # Translators: of the pictures that were not made
    return sentences(reason, _("The rest wasn't charged."))


def footer(job: Job) -> str:
    request = job.request
    seed = None if request.seed in (None, -1) else _("seed {seed}", seed=request.seed)
    model = None if compared_models(job) else request.capabilities.label  # a comparison has them all above
    parts = (model, size_line(job), seed, seconds(job), cost_line(job), f"<@{job.origin.user_id}>")
    return f"-# {dotted(parts)}"
