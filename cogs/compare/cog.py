"""Handles /compare: one prompt on two to four models, side by side; and the choice of one of them as a default."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.compare.models import check_able
from cogs.delivery.model_choice import USE_MODEL
from cogs.delivery.transports import QUIET
from cogs.i18n.translate import N_, _, ngettext
from cogs.ideas.offers import SetOffer
from cogs.requests import autocomplete
from cogs.requests.dynamic_items import persistent_item
from cogs.requests.preparation import draft_edit, draft_generation
from cogs.texts.refusal import RefusalError
from seedream.models import find_model
from studio.jobs.options import GenerationOptions

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence

    from discord import ui

    from cogs.delivery.message_images import FoundImage
    from cogs.ideas.cog import Ideas
    from cogs.requests.submission import Requester, RequestSubmitter
    from seedream import Model
    from studio.jobs.job import PreparedRequest

MOST_UNASKED = 4  # credits that a comparison costs without a preview: one for each of four models


class Compare(commands.Cog):
    def __init__(self, bot: commands.AutoShardedBot, submitter: RequestSubmitter, ideas: Ideas) -> None:
        self._bot = bot
        self._submitter = submitter
        self._ideas = ideas

    async def cog_load(self) -> None:
        self._bot.add_dynamic_items(persistent_item(USE_MODEL, self.use_model))

    # Translators: at most 100 characters.
    @app_commands.command(description=N_("Make the same picture with two to four models, side by side"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        prompt=N_("What to paint, or how to change the picture"),
        model1=N_("The first model"),
        model2=N_("The second model"),
        model3=N_("A third model"),
        model4=N_("A fourth model"),
        image=N_("The picture to edit"),
        ratio=N_("The shape: a name such as Banner, or an aspect ratio such as 16:9"),
        private=N_("Only you see the result"),
    )
    async def compare(
        self,
        interaction: discord.Interaction,
        prompt: autocomplete.Prompt,
        model1: str,
        model2: str,
        model3: str | None = None,
        model4: str | None = None,
        image: discord.Attachment | None = None,
        ratio: autocomplete.Ratio | None = None,
        private: bool | None = None,
    ) -> None:
        models = _different([find_model(name) for name in (model1, model2, model3, model4) if name])
        requester = await self._submitter.requester(interaction)
        for model in models:
            check_able(model, requester.defaults, edits=image is not None)
        images = await self._submitter.images.attached([image] if image else [])
        options = GenerationOptions(prompt=prompt, ratio=ratio)
        requests = [_prepared(requester, replace(options, model=model.name), images) for model in models]
        requests[0] = replace(requests[0], title=requests[0].request.prompt)
        title = ngettext("{n} model", "{n} models", len(models))
        offer = SetOffer(requests=tuple(requests), options=options, private=private, title=title, shown_by=interaction)
        await self._ideas.make_or_preview(interaction, requester, offer, most=MOST_UNASKED)

    @compare.autocomplete("model1")
    @compare.autocomplete("model2")
    @compare.autocomplete("model3")
    @compare.autocomplete("model4")
    async def _models(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        """Suggest the models that can be used here and aren't chosen yet."""
        defaults = (await self._submitter.requester(interaction)).defaults
        focused = next((name for name, value in interaction.namespace if value == current), "")
        chosen = {str(value) for name, value in interaction.namespace if name.startswith("model") and name != focused}
        able = defaults.editors if autocomplete.given_attachments(interaction) else defaults.models
        return autocomplete.models(able - chosen, self._submitter.prices, current)

    # --- the select under a comparison ------------------------------------------------------------------------------

    async def use_model(self, interaction: discord.Interaction, _id: re.Match[str], item: ui.Item[Any]) -> None:
        """Make a model the default of the member who chooses it."""
        model = find_model(next(iter(item.values), "") if isinstance(item, discord.ui.Select) else "")
        requester = await self._submitter.requester(interaction)
        check_able(model, requester.defaults)
        last = await self._submitter.preferences.of(interaction.user.id)
        now = last.chosen(model=model.name, size=None, ratio=None)
        await self._submitter.preferences.remember(interaction.user.id, now)
        # Translators: {model} is such as "SeeDream 4.5"; leave /imagine and /me as they are.
        text = _(
            "From now on, your pictures are made with **{model}**. `/imagine` and `/me` change it.", model=model.label
        )
        await interaction.response.send_message(text, ephemeral=True, allowed_mentions=QUIET)


def _different(models: Sequence[Model]) -> Sequence[Model]:
    """Return the models if no two are the same. Raises: RefusalError."""
    label, count = Counter(model.label for model in models).most_common(1)[0]
    if count > 1:
        raise RefusalError(_("You chose {model} more than once. Choose different models to compare.", model=label))
    return models


def _prepared(requester: Requester, options: GenerationOptions, images: Sequence[FoundImage]) -> PreparedRequest:
    """Prepare the request of one model, which its label distinguishes. Raises: InvalidRequest.

    Braces are words here: the models are the choices.
    """
    draft = draft_edit if images else draft_generation
    prepared = draft(requester.defaults, options, images).as_words()
    return replace(prepared, label=prepared.request.capabilities.label)
