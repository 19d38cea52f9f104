"""Writes the lines of a result about pictures that its message doesn't show whole: reduced, linked or kept. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import N_, _, listing, ngettext, number
from cogs.texts.common import link_target, links_until
from cogs.texts.layers import image_name
from studio.jobs.links import to_fetch
from studio.jobs.messages import MessageForm, Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.delivery.render_options import RenderOptions
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job

LINKS_ROOM = 1400  # characters


def shrunk_lines(job: Job, options: RenderOptions) -> list[str]:
    """Say that pictures were shrunk to the channel's upload limit, with links to their full size if there are any."""
    smaller = [image for image in job.current if _is_smaller(image, options)]
    if not smaller:
        return []
    limit = f"{number(job.origin.upload_limit / 2**20)} MiB"
    linked = [] if options.hides(Part.LINKS) else [image for image in smaller if image.link]
    if not linked:
        return ["-# " + _("Reduced to fit this channel's upload limit of {limit}.", limit=limit)]
    made_smaller = _(
        # Translators: {time} is a date and time, until which the links work.
        "Reduced to fit this channel's upload limit of {limit}. Full size, until {time}: {links}",
        limit=limit,
        time=links_until(job, linked),
        links=_linked(job, linked),
    )
    return [f"-# {made_smaller}"]


def _is_smaller(image: JobImage, options: RenderOptions) -> bool:
    if image.picture is None:
        return False
    if image.attachment:
        return image.attachment.size < image.picture.size
    return options.fitted.get(image.index, image.picture) is not image.picture


def link_lines(job: Job, options: RenderOptions) -> list[str]:
    """Return links to pictures that couldn't be attached, and to those that couldn't be downloaded so far."""
    unattached = [image for image in job.current if image.link and (image.picture is None or not options.shows(image))]
    if options.form is MessageForm.CARD or options.hides(Part.LINKS):
        return []
    awaited = [image for image in unattached if image in to_fetch(job, None)]
    others = [image for image in unattached if image not in awaited]
    room = LINKS_ROOM // 2 if awaited and others else LINKS_ROOM
    lines = []
    if others:
        # Translators: pictures. {time} is a date and time, until which the links work.
        text = N_("🔗 Couldn't be attached here. Save before {time}: {links}")
        lines.append(_(text, time=links_until(job, others), links=_linked(job, others, room)))
    if awaited:
        # Translators: pictures. {time} is a date and time, until which the links should work.
        text = N_("🔗 Couldn't be downloaded so far. I'll keep trying until {time}: {links}")
        lines.append(_(text, time=links_until(job, awaited), links=_linked(job, awaited, room)))
    return lines


def kept_lines(job: Job, options: RenderOptions) -> list[str]:
    """Return where to get pictures that are shown neither as files nor as links."""
    kept = [image for image in job.current if image.picture and not image.link and not options.shows(image)]
    if not kept:
        return []
    # Translators: /me is a command, and stays as it is. {names} is such as "Picture 2, Picture 3".
    text = ngettext(
        "📬 {names} couldn't be attached here. Get it with /me within a week.",
        "📬 {names} couldn't be attached here. Get them with /me within a week.",
        len(kept),
        names=listing(image_name(job, image) for image in kept),
    )
    return [text]


def _linked(job: Job, images: Sequence[JobImage], room: int = LINKS_ROOM) -> str:
    """Return as many links as fit; a message's texts can have 4,000 characters together."""
    links: list[str] = []
    for image in images:
        link = _link(job, image)
        room -= len(link) + 3
        if room < 0:
            # Translators: so many more pictures. Details is a button; it ends a list of links.
            more = ngettext("and {n} more in Details", "and {n} more in Details", len(images) - len(links))
            return " · ".join([*links, more])
        links.append(link)
    return " · ".join(links)


def _link(job: Job, image: JobImage) -> str:
    """Return a link to a picture; as a spoiler where the picture is one, because Discord shows a preview of it."""
    link = f"[{image_name(job, image)}]({link_target(image.link or '')})"
    return f"||{link}||" if job.spoiler else link
