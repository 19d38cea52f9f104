"""Where every way of asking ends: a request is taken on, its placeholder posted, and only then may it run."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord

from cogs.places import check_channel, check_place, origin_of, origin_of_message
from cogs.ui.modals import OpenModals
from seedream import MODELS, ImageRequest
from seedream.errors import InvalidRequest
from seedream.models import find_model
from seedream.sizes import normal_ratio, normal_size
from studio.editing import Look
from studio.errors import DeliveryDelayedError, UndeliverableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cogs.delivery import Presenter
    from studio.jobs import Job, Origin, Parent, PostedMessage, Source
    from studio.preferences import Preferences
    from studio.service import ImageService

log = logging.getLogger(__name__)


log = logging.getLogger(__name__)


class PreferenceStore(Protocol):
    """What members chose last."""

    async def of(self, user_id: int) -> Preferences: ...
    async def remember(self, user_id: int, preferences: Preferences) -> None: ...
    async def forget(self, user_id: int) -> None: ...


class Desk:
    """`look`: what is chosen where neither a member nor their last choice says; `watermark` likewise."""

    def __init__(
        self,
        service: ImageService,
        presenter: Presenter,
        preferences: PreferenceStore,
        *,
        look: Look,
        watermark: bool,
    ) -> None:
        self.service = service
        self.presenter = presenter
        self.preferences = preferences
        self.watermark = watermark
        self.modals = OpenModals()
        self._look = look

    @property
    def model(self) -> str:
        """The operator's model."""
        return self._look.model

    # --- what is chosen where it is left open ---------------------------------------------------------------------

    async def look(self, user_id: int) -> Look:
        """What the member chose last, and for the rest what the operator chose."""
        last = await self.preferences.of(user_id)
        model = last.model if last.model and last.model in MODELS else self._look.model
        return Look(model=model, size=last.size or self._look.size, ratio=last.ratio)

    async def request(
        self, user_id: int, *, model: str | None, size: str | None, ratio: str | None, **options: Any
    ) -> ImageRequest:
        """A request with what is open filled in, as far as the model takes it. Raises: InvalidRequest."""
        look = await self.look(user_id)
        options["model"] = model or look.model
        presets = find_model(options["model"]).presets
        preset = self._look.size if self._look.size in presets else presets[0] if presets and ratio else None
        *better, last = (
            (size or look.size, ratio or look.ratio),
            (size or look.size, ratio),
            (size or preset, ratio or look.ratio),
            (size or preset, ratio),
        )
        for size_tried, ratio_tried in better:
            with suppress(InvalidRequest):
                return ImageRequest(size=size_tried, ratio=ratio_tried, **options)
        return ImageRequest(size=last[0], ratio=last[1], **options)

    async def remember(self, user_id: int, *, model: str | None, size: str | None, ratio: str | None) -> None:
        """Keep what a member has chosen, to be their default. Their request is taken on already: it never fails."""
        try:
            last = await self.preferences.of(user_id)
            chosen = last.chosen(
                model=find_model(model).name if model else None,
                size=normal_size(size) if size else None,
                ratio=normal_ratio(ratio) if ratio else None,
            )
            if chosen != last:
                await self.preferences.remember(user_id, chosen)
        except Exception:
            log.exception("what member %d chose last could not be kept", user_id)

    # --- taking on ------------------------------------------------------------------------------------------------

    async def accept(
        self,
        interaction: discord.Interaction,
        request: ImageRequest,
        *,
        private: bool = False,
        parent: Parent | None = None,
        sources: Sequence[Source | None] = (),
        note: str = "",
    ) -> Job:
        """Take a request on from an interaction that has no answer yet: the placeholder is its answer."""
        check_place(interaction, private=private)
        return await self._taken_on(
            origin_of(interaction, private=private),
            request,
            lambda job: self.presenter.post(interaction, job),
            parent=parent,
            sources=sources,
            note=note,
        )

    async def accept_reply(
        self,
        message: discord.Message,
        request: ImageRequest,
        *,
        application_id: int,
        parent: Parent | None = None,
        sources: Sequence[Source | None] = (),
        note: str = "",
    ) -> Job:
        """Take a request on from a message: the placeholder is a reply to it."""
        check_channel(message)
        return await self._taken_on(
            origin_of_message(message, application_id),
            request,
            lambda job: self.presenter.post_reply(message, job),
            parent=parent,
            sources=sources,
            note=note,
        )

    async def _taken_on(
        self, origin: Origin, request: ImageRequest, post: Callable[[Job], Awaitable[PostedMessage]], **about: Any
    ) -> Job:
        job = await self.service.submit(origin, request, **about)
        try:
            message = await post(job)
        except DeliveryDelayedError as error:  # the service looks for it again, and goes on from there
            log.warning("job %s: %s", job.id, error)
            return job
        except (discord.DiscordException, aiohttp.ClientError, OSError, UndeliverableError):
            await self.service.abandon(job.id)
            raise
        await self.service.posted(job.id, message)
        return job
