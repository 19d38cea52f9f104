"""Where every way of asking ends: a request is taken on, its placeholder posted, and only then may it run."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol

import aiohttp
import discord

from cogs.delivery.channels import place_of
from cogs.delivery.origins import origin_of, origin_of_message
from cogs.requests.access_rules import check_rules, check_sources
from cogs.requests.context import author_of, check_reply, member_of
from cogs.requests.duplicate_presses import Presses
from cogs.requests.forms import OpenModals
from cogs.requests.retry_offers import RetryOffer, RetryOffers
from seedream import ImageRequest
from seedream.errors import InvalidRequest
from seedream.models import find_model
from seedream.sizes import normal_ratio, normal_size
from studio.guilds.settings import GuildSettings
from studio.jobs.errors import DeliveryDelayedError, ModelUnavailableError, ReferencesGoneError, UndeliverableError
from studio.quota.errors import QuotaExceededError
from studio.quota.ledger import PERSONAL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cogs.delivery.channels import Place
    from cogs.delivery.presenter import DiscordPresenter
    from studio.guilds.ports import GuildStore
    from studio.jobs.job import Job, Origin, Parent, PictureSource
    from studio.jobs.messages import PostedMessage
    from studio.jobs.service import ImageService
    from studio.members.defaults import Defaults
    from studio.members.preferences import Preferences
    from studio.quota.limits import Member
    from studio.quota.prices import Prices

log = logging.getLogger(__name__)


class PreferenceStore(Protocol):
    """What members chose last."""

    async def of(self, user_id: int) -> Preferences: ...
    async def remember(self, user_id: int, preferences: Preferences) -> None: ...
    async def forget(self, user_id: int) -> None: ...


class RequestSubmitter:
    """`usual`: what the operator chose for where neither a member nor their server's admins did, as it is now.

    prices: the operator's. `clock`: seconds, from whenever.
    """

    def __init__(
        self,
        service: ImageService,
        presenter: DiscordPresenter,
        preferences: PreferenceStore,
        guilds: GuildStore,
        *,
        usual: Callable[[], Defaults],
        prices: Prices,
        clock: Callable[[], float],
    ) -> None:
        self.service = service
        self.presenter = presenter
        self.preferences = preferences
        self.prices = prices
        self.modals = OpenModals()
        self.offers = RetryOffers()
        self.presses = Presses(clock)
        self._guilds = guilds
        self._usual = usual

    @property
    def model(self) -> str:
        """The operator's model."""
        return self._usual().look.model

    # --- what is chosen where it is left open ---------------------------------------------------------------------

    async def defaults(self, member: Member) -> Defaults:
        """What the member chose last, for the rest what their server's admins chose, and then what the operator did."""
        return self._usual().within(await self.settings(member), await self.preferences.of(member.user_id))

    async def settings(self, member: Member) -> GuildSettings:
        """Those of the server that the member asks in; outside of servers nothing is set."""
        return GuildSettings() if member.server_id == PERSONAL else await self._guilds.of(member.server_id)

    async def request(
        self,
        member: Member,
        *,
        model: str | None,
        size: str | None,
        ratio: str | None,
        output_format: str | None,
        watermark: bool | None,
        **options: Any,
    ) -> ImageRequest:
        """A request with what is open filled in, as far as the model takes it. Raises: InvalidRequest."""
        usual = await self.defaults(member)
        capabilities = find_model(model or usual.look.model)
        options |= {
            "model": model or usual.look.model,
            "output_format": output_format or usual.format_of(capabilities),
            "watermark": usual.watermark if watermark is None else watermark,
        }
        presets = capabilities.presets
        open_sizes = (usual.look.size, *usual.sizes, presets[0] if presets and ratio else None)
        *better, last = [
            (size_tried, ratio_tried)
            for size_tried in ([size] if size else dict.fromkeys(open_sizes))
            for ratio_tried in (ratio or usual.look.ratio, ratio)
        ]
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

    async def living(self, images: Sequence[str], sources: Sequence[PictureSource | None]) -> tuple[str, ...]:
        """Links that work to the pictures of an earlier request. Raises: ReferencesGoneError."""
        links = [link for link, _ in await self.service.references.all_living(images, sources) if link is not None]
        if missing := len(images) - len(links):
            raise ReferencesGoneError(missing)
        return tuple(links)

    # --- taking on ------------------------------------------------------------------------------------------------

    async def accept(
        self,
        interaction: discord.Interaction,
        request: ImageRequest,
        *,
        private: bool | None = None,
        in_place: bool = False,
        parent: Parent | None = None,
        sources: Sequence[PictureSource | None] = (),
        note: str = "",
        spoiler: bool = False,
    ) -> Job:
        """Take a request on from an interaction that has no answer yet: the placeholder is its answer.

        `private`: None is as the server has it. `in_place`: the message that was pressed becomes the placeholder.
        `spoiler`: a picture that it uses is covered, so its own are as well.
        Raises: AlreadyOnItError where the same press makes a job just now, and what refuses the request.
        """
        with self.presses.once(interaction):
            member = member_of(interaction)
            settings = await self.settings(member)
            private = settings.private if private is None else private
            place = await place_of(interaction.client, interaction.channel)
            check_rules(settings, member, place, request, interaction.user)
            check_sources(place, interaction, sources)
            offer = RetryOffer(
                request=request, private=private, parent=parent, sources=sources, note=note, spoiler=spoiler
            )
            return await self._taken_on_or_offered(interaction, place, member, offer, in_place=in_place)

    async def _taken_on_or_offered(
        self, interaction: discord.Interaction, place: Place, member: Member, offer: RetryOffer, *, in_place: bool
    ) -> Job:
        """Raises: RefusalError with the nearest request that would pass, if there is one."""
        try:
            return await self._taken_on(
                origin_of(interaction, place, private=offer.private),
                offer.request,
                member,
                lambda job: self.presenter.post(interaction, job, in_place=in_place),
                parent=offer.parent,
                sources=offer.sources,
                note=offer.note,
                spoiler=offer.spoiler,
            )
        except ModelUnavailableError as error:
            usable = (await self.defaults(member)).models
            raise self.offers.other_model(error.model, offer, usable, self.prices) from error
        except QuotaExceededError as error:
            raise self.offers.refusal(error.refused, offer) from error

    async def accept_reply(
        self,
        message: discord.Message,
        request: ImageRequest,
        *,
        client: discord.Client,
        parent: Parent | None = None,
        sources: Sequence[PictureSource | None] = (),
        note: str = "",
        spoiler: bool = False,
    ) -> Job:
        """Take a request on from a message: the placeholder is a reply to it.

        Raises: what refuses the request, and UndeliverableError where the message can't be answered: it was taken
        back, or another program with the same token has answered it.
        """
        member = author_of(message)
        place = await place_of(client, message.channel)
        check_rules(await self.settings(member), member, place, request, message.author)
        check_reply(message, place)
        return await self._taken_on(
            origin_of_message(message, place, client.application_id or 0),
            request,
            member,
            self.presenter.post_reply,
            parent=parent,
            sources=sources,
            note=note,
            spoiler=spoiler,
        )

    async def _taken_on(
        self,
        origin: Origin,
        request: ImageRequest,
        member: Member,
        post: Callable[[Job], Awaitable[PostedMessage]],
        **about: Any,
    ) -> Job:
        job = await self.service.submit(origin, request, member=member, **about)
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
