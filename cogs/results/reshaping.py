"""Handles Reframe and Zoom out: a picture with more around it, in a shape that its member chooses privately."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import button, custom_id, shape_verb
from cogs.delivery.transports import QUIET
from cogs.i18n.translate import _
from cogs.requests.job_images import found_image, image_of
from cogs.requests.preparation import substituted
from cogs.texts.prices import cost_range
from cogs.texts.shapes import shape_label
from studio.jobs.job import PreparedRequest, Verb
from studio.jobs.reshaping import SHAPES, reframed, shapes_for, zoomed_out
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cogs.delivery.message_images import FoundImage
    from cogs.requests.submission import Requester, RequestSubmitter
    from seedream import ImageRequest
    from studio.jobs.job import Job
    from studio.members.defaults import Defaults

    Make = Callable[[ImageRequest, str, tuple[int, int] | None, Defaults], ImageRequest]
    """Makes the request for a picture, given as its link and sides, of an earlier request."""
    Accept = Callable[[discord.Interaction, Job, Verb, PreparedRequest, Requester], Awaitable[None]]
    """Submits a request made from a job."""


class Reshaping:
    """`verbs`: what the buttons do."""

    def __init__(self, submitter: RequestSubmitter, accept: Accept) -> None:
        self._submitter = submitter
        self._accept = accept
        self.verbs: dict[str, Callable[[discord.Interaction, Job, int], Awaitable[None]]] = {
            Verb.REFRAME: self.choose,
            Verb.ZOOM_OUT: partial(self._make, Verb.ZOOM_OUT, zoomed_out),
            **{
                shape_verb(ratio): partial(self._make, Verb.REFRAME, partial(reframed, ratio=ratio)) for ratio in SHAPES
            },
        }

    async def choose(self, interaction: discord.Interaction, job: Job, index: int) -> None:
        """Show the shapes that a picture can be extended to, with their price, to the member alone."""
        picture = found_image(job, image_of(job, index), interaction.message)
        defaults = (await self._submitter.requester(interaction)).defaults
        same = zoomed_out(job.request, picture.url, picture.sides, defaults)  # refuses if no model can do either
        shapes = shapes_for(job.request, picture.url, picture.sides, defaults)
        cost = cost_range([price_of(request, self._submitter.prices) for request in (same, *shapes.values())])
        view = _choice(job, index, picture, list(shapes), f"{same.capabilities.label} · {cost}")
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=QUIET)

    async def _make(self, verb: Verb, make: Make, interaction: discord.Interaction, job: Job, index: int) -> None:
        picture = found_image(job, image_of(job, index), interaction.message)
        requester = await self._submitter.requester(interaction)
        request = make(job.request, picture.url, picture.sides, requester.defaults)
        note = substituted(job.request.model, request, requester.defaults)
        prepared = PreparedRequest(request=request, sources=(picture.source,), note=note)
        await self._accept(interaction, job, verb, prepared, requester)


def _choice(job: Job, index: int, picture: FoundImage, ratios: Sequence[str], small: str) -> ui.LayoutView:
    # Translators: a picture's shape.
    title = _("Which shape?")
    how = _("The model extends the picture instead of cropping it.")
    text: ui.TextDisplay[ui.LayoutView] = ui.TextDisplay(f"**{title}**\n{how}\n-# {small}")
    thumbnail: ui.Thumbnail[ui.LayoutView] = ui.Thumbnail(picture.url, spoiler=picture.spoiler)
    view = ui.LayoutView(timeout=None)
    buttons = [_shape_button(ratio, job.id, index) for ratio in ratios]
    high = [one for one, ratio in zip(buttons, ratios, strict=True) if _is_high(ratio)]
    wide = [one for one in buttons if one not in high]
    rows = [ui.ActionRow(*row) for row in (high, wide, [button(Verb.ZOOM_OUT, job.id, index)]) if row]
    view.add_item(ui.Container(ui.Section(text, accessory=thumbnail), *rows))
    view.stop()  # its buttons are dynamic items
    return view


def _shape_button(ratio: str, job_id: str, index: int) -> ui.Button[ui.LayoutView]:
    return ui.Button(label=shape_label(ratio), custom_id=custom_id(shape_verb(ratio), job_id, index))


def _is_high(ratio: str) -> bool:
    width, height = map(int, ratio.split(":"))
    return width <= height
