"""Renders one picture of a result for the member who chose it: large, with all its buttons and its whole file. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import in_rows, picture_buttons, version_buttons
from cogs.i18n.translate import _
from cogs.texts.common import escaped
from cogs.texts.layers import alt_text, image_label
from studio.jobs.links import dies_at, image_link_dies_at

if TYPE_CHECKING:
    from datetime import datetime

    from cogs.delivery.message_images import FoundImage
    from studio.jobs.images import JobImage
    from studio.jobs.job import Job
    from studio.quota.prices import Prices

MOST_URL = 512  # characters of a link button. Source: Discord, "Component Reference", Button


def render_picture(
    job: Job, image: JobImage, picture: FoundImage, now: datetime, prices: Prices, *, note: str = "", mine: bool = True
) -> ui.LayoutView:
    """Return the card of a picture.

    `picture`: where it is; `now`: decides which links still work; `note`: one line; `mine`: whether the card is for the
    job's own member, who alone can change the set.
    """
    title = f"**{escaped(image_label(job, image), 100)}**"
    if facts := _facts(job, image, picture):
        title += f"\n-# {facts}"
    if note:
        title += f"\n{note}"
    item = discord.MediaGalleryItem(picture.url, description=alt_text(job, image), spoiler=picture.spoiler)
    view = ui.LayoutView(timeout=None)
    container: ui.Container[ui.LayoutView] = ui.Container(ui.TextDisplay(title), ui.MediaGallery(item))
    url = full_size_url(job, image, picture.url, now.timestamp())
    # Translators: a button, at most 25 characters: opens the file of a picture, larger than Discord shows it.
    link = [ui.Button[ui.LayoutView](label=_("Full size"), url=url)] if url else []
    versions = version_buttons(job, image) if mine else []
    for row in [*in_rows(versions), *in_rows([*picture_buttons(job, image, prices), *link])]:
        container.add_item(row)
    view.add_item(container)
    view.stop()  # its buttons are dynamic items
    return view


def _facts(job: Job, image: JobImage, picture: FoundImage) -> str:
    """Return the picture's sides, and which of its versions it is."""
    sides = "{} × {}".format(*picture.sides) if picture.sides else ""
    indexes = [version.index for version in job.versions(image.shown_slot)]
    if len(indexes) < 2 or image.index not in indexes:  # noqa: PLR2004 - one version is nothing to count
        return sides
    # Translators: of a picture that was made several times.
    version = _("version {n} of {count}", n=indexes.index(image.index) + 1, count=len(indexes))
    return " · ".join(filter(None, (sides, version)))


def full_size_url(job: Job, image: JobImage, url: str, now: float) -> str | None:
    """Return a link to the largest file of a picture that works now: the service's if Discord's may have been shrunk.

    None if no link surely works, or it is too long for a button.
    """
    whole = image.attachment and image.picture and image.attachment.size >= image.picture.size
    original = image.link if image.link and now < image_link_dies_at(job, image) else ""
    links = (url, original) if whole else (original, url)
    return next((link for link in links if 0 < len(link) <= MOST_URL and now < (dies_at(link) or now + 1)), None)
