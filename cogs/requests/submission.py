"""Submits requests: every command, button, form and message that makes pictures ends here.

A request is accepted, its placeholder is posted, and only then does its job run.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import aiohttp
import discord

from cogs.delivery.channels import place_of
from cogs.delivery.origins import origin_of, origin_of_message
from cogs.i18n.translate import _, sentences
from cogs.requests.access_rules import access_denied
from cogs.requests.context import author_of, check_reply, member_of
from cogs.requests.duplicate_presses import Presses
from cogs.requests.forms import OpenModals
from cogs.requests.retry_offers import RetryOffer, RetryOffers
from cogs.requests.source_checks import sources_now
from seedream.models import find_model
from seedream.sizes import normal_ratio, normal_size
from studio.guilds.errors import AccessDeniedError
from studio.jobs.access import as_required
from studio.jobs.errors import (
    DeliveryDelayedError,
    ModelUnavailableError,
    ReferencesGoneError,
    UndeliverableError,
)
from studio.quota.errors import QuotaExceededError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from cogs.delivery.channels import Place
    from cogs.delivery.presenter import DiscordPresenter
    from cogs.requests.image_checks import ImageChecks
    from studio.guilds.settings import GuildSettings
    from studio.jobs.images import SetSlot
    from studio.jobs.job import Job, Origin, PictureSource, PreparedRequest
    from studio.jobs.messages import PostedMessage
    from studio.jobs.service import ImageService
    from studio.members.defaults import Defaults
    from studio.members.preferences import Preferences
    from studio.quota.limits import Member
    from studio.quota.prices import Prices

log = logging.getLogger(__name__)


class PreferenceStore(Protocol):
    """Keeps what members chose last."""

    async def of(self, user_id: int) -> Preferences: ...
    async def remember(self, user_id: int, preferences: Preferences) -> None: ...
    async def forget(self, user_id: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Requester:
    """A requester, with everything that is read about them once per command.

    `mention`: they want to be mentioned when a request took long.
    """

    member: Member
    settings: GuildSettings
    defaults: Defaults
    mention: bool = False


class RequestSubmitter:
    """`operator_defaults`: the operator's choices as they are now. `prices`: the operator's. `clock`: seconds."""

    def __init__(
        self,
        service: ImageService,
        presenter: DiscordPresenter,
        preferences: PreferenceStore,
        *,
        operator_defaults: Callable[[], Defaults],
        prices: Prices,
        images: ImageChecks,
        clock: Callable[[], float],
    ) -> None:
        self.images = images
        self.service = service
        self.presenter = presenter
        self.preferences = preferences
        self.prices = prices
        self.modals = OpenModals()
        self.offers = RetryOffers()
        self.presses = Presses(clock)
        self.operator_defaults = operator_defaults

    # --- the requester ----------------------------------------------------------------------------------------------

    async def requester(self, interaction: discord.Interaction) -> Requester:
        """Return the member of an interaction, with their server's settings and their defaults."""
        return await self._requester(member_of(interaction))

    async def author(self, message: discord.Message) -> Requester:
        """Return the author of a message, likewise."""
        return await self._requester(author_of(message))

    async def _requester(self, member: Member) -> Requester:
        settings = await self.service.settings(member)
        last = await self.preferences.of(member.user_id)
        return Requester(member, settings, self.operator_defaults().within(settings, last), mention=last.mention)

    async def remember(self, user_id: int, *, model: str | None, size: str | None, ratio: str | None) -> None:
        """Keep what a member has chosen as their default. Never fails: their request is accepted already."""
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
            log.exception("the last choice of member %d could not be stored", user_id)

    async def living(self, images: Sequence[str], sources: Sequence[PictureSource | None]) -> tuple[str, ...]:
        """Return links that work to the pictures of an earlier request. Raises: ReferencesGoneError."""
        links = [
            link for link, _source in await self.service.references.all_living(images, sources) if link is not None
        ]
        if missing := len(images) - len(links):
            raise ReferencesGoneError(missing)
        return tuple(links)

    # --- submitting -------------------------------------------------------------------------------------------------

    async def accept(
        self,
        interaction: discord.Interaction,
        requester: Requester,
        prepared: PreparedRequest,
        *,
        together: Sequence[PreparedRequest] = (),
        private: bool | None = None,
        in_place: bool = False,
    ) -> Job:
        """Submit a request from an interaction that has no answer yet: the placeholder answers it.

        `together`: more requests that are shown with it. `private`: None is the server's setting. `in_place`: the
        message that was pressed becomes the placeholder. Raises: AlreadyOnItError where the same press is making a
        job, and whatever refuses the request; RefusalError with a button where a smaller request or another model
        would pass, if it is only one.
        """
        private = requester.settings.private if private is None else private
        with self.presses.once(interaction):
            place = await place_of(interaction.client, interaction.channel)
            origin = origin_of(interaction, place, private=private)
            try:
                requests = [prepared, *together]
                job = await self._submit(interaction.client, origin, place, requester, requests, interaction.user)
            except ModelUnavailableError as error:
                if together:
                    raise
                offer, usable = RetryOffer(prepared, private), requester.defaults.models
                raise self.offers.other_model(error.model, offer, usable, self.prices) from error
            except QuotaExceededError as error:
                if together:
                    raise
                raise self.offers.refusal(error.refused, RetryOffer(prepared, private)) from error
            return await self._posted(job, self.presenter.post(interaction, job, in_place=in_place))

    async def accept_child(self, interaction: discord.Interaction, prepared: PreparedRequest, slot: SetSlot) -> Job:
        """Submit a request whose pictures a set shows in its own message. The caller answers the interaction.

        Raises: AlreadyOnItError where the same press is making a job, and whatever refuses the request; RefusalError
        with a button where fewer pictures would pass.
        """
        requester = await self.requester(interaction)
        with self.presses.once(interaction):
            place = await place_of(interaction.client, interaction.channel)
            origin = origin_of(interaction, place, private=False)
            try:
                return await self._submit(
                    interaction.client, origin, place, requester, [prepared], interaction.user, slot
                )
            except QuotaExceededError as error:
                raise self.offers.refusal(error.refused, RetryOffer(prepared, private=False, slot=slot)) from error

    async def accept_offer(self, interaction: discord.Interaction, offer: RetryOffer) -> Job:
        """Submit what a refusal has offered, with links that work. Raises: as `accept`, and ReferencesGoneError."""
        prepared = offer.prepared
        images = await self.living(prepared.request.images, prepared.sources)
        prepared = replace(prepared, request=replace(prepared.request, images=images))
        if offer.slot is None:
            return await self.accept(interaction, await self.requester(interaction), prepared, private=offer.private)
        child = await self.accept_child(interaction, prepared, offer.slot)
        with suppress(discord.HTTPException, aiohttp.ClientError, OSError):  # its button says that it was used
            await interaction.response.defer()
            await interaction.delete_original_response()  # the set's message says what is being made
        return child

    async def accept_reply(
        self, client: discord.Client, message: discord.Message, requester: Requester, prepared: PreparedRequest
    ) -> Job:
        """Submit a request from a message: the placeholder is a reply to it.

        Raises: what refuses the request, and UndeliverableError where the message can't be answered: it was deleted,
        or another program with the same token has answered it.
        """
        place = await place_of(client, message.channel)
        check_reply(message, place)
        origin = origin_of_message(message, place, client.application_id or 0)
        job = await self._submit(client, origin, place, requester, [prepared], message.author)
        return await self._posted(job, self.presenter.post_reply(job))

    async def check_reply(
        self,
        client: discord.Client,
        message: discord.Message,
        requester: Requester,
        requests: Sequence[PreparedRequest],
    ) -> None:
        """Check whether a message's requests would be accepted, whatever is left of quotas. Raises: as `accept`."""
        place = await place_of(client, message.channel)
        check_reply(message, place)
        origin = origin_of_message(message, place, client.application_id or 0)
        ready = await self._ready(client, origin, requester, requests, message.author)
        try:
            await self.service.check(origin, ready, member=requester.member, channels=place.lies_in)
        except AccessDeniedError as error:
            raise access_denied(error, message.author) from error

    async def _submit(
        self,
        client: discord.Client,
        origin: Origin,
        place: Place,
        requester: Requester,
        requests: Sequence[PreparedRequest],
        user: discord.User | discord.Member,
        slot: SetSlot | None = None,
    ) -> Job:
        first, *together = await self._ready(client, origin, requester, requests, user)
        member, channels = requester.member, place.lies_in
        try:
            if slot is not None:
                return await self.service.submit_child(origin, first, slot, member=member, channels=channels)
            return await self.service.submit(origin, first, member=member, channels=channels, together=together)
        except AccessDeniedError as error:
            raise access_denied(error, user) from error

    async def _ready(
        self,
        client: discord.Client,
        origin: Origin,
        requester: Requester,
        requests: Sequence[PreparedRequest],
        user: discord.User | discord.Member,
    ) -> list[PreparedRequest]:
        """Return the requests with the sources of their pictures as these are now."""
        sources = [source for one in requests for source in one.sources]
        now = iter(await sources_now(client, user, origin.channel_id, sources))
        return [_noted(requester, replace(one, sources=tuple(islice(now, len(one.sources))))) for one in requests]

    async def _posted(self, job: Job, placeholder: Awaitable[PostedMessage]) -> Job:
        """Return the job once its placeholder is posted. If posting raises, nothing is made or charged."""
        try:
            message = await placeholder
        except DeliveryDelayedError as error:  # the service looks for it again, and goes on from there
            log.warning("job %s: %s", job.id, error)
            return job
        except (discord.DiscordException, aiohttp.ClientError, OSError, UndeliverableError):
            await self.service.abandon(job.id)
            raise
        await self.service.posted(job.id, message)
        return job


def _noted(requester: Requester, prepared: PreparedRequest) -> PreparedRequest:
    """Return the request with its member's wish, and with a note if the server's settings change it."""
    prepared = replace(prepared, mention=requester.mention)
    if as_required(requester.settings, prepared.request) is prepared.request:
        return prepared
    return replace(prepared, note=sentences(prepared.note, _("This server requires the watermark.")))
