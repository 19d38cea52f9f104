"""Handles /imagine: pictures from a prompt, and from reference pictures."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from cogs.i18n.translate import N_
from cogs.requests import autocomplete
from cogs.requests.context import member_of
from cogs.requests.preparation import draft_generation
from cogs.texts.quota import is_limited
from cogs.texts.shapes import read_ratio
from seedream.errors import InvalidRequest
from studio.jobs.options import GenerationOptions
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from cogs.ideas.cog import Ideas
    from cogs.requests.submission import RequestSubmitter
    from seedream import ImageRequest

# Placeholders for a prompt and pictures that aren't chosen yet; the number of pictures and their price don't depend on
# them.
_ANY_WORDS = "..."
_ANY_PICTURE = "https://cdn.discordapp.com/"


class Imagine(commands.Cog):
    def __init__(self, submitter: RequestSubmitter, ideas: Ideas, *, model: str) -> None:
        self._submitter = submitter
        self._ideas = ideas
        self._model = model

    # Translators: at most 100 characters.
    @app_commands.command(description=N_("Create pictures from text, and reference pictures if you like"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        prompt=N_("What to paint, in English or Chinese"),
        model=N_("Which SeeDream model to use"),
        # Translators: at most 100 characters.
        size=N_("A preset such as 2K, or width x height such as 2048x1536"),
        ratio=N_("The shape: a name such as Banner, or an aspect ratio such as 16:9"),
        images=N_("How many pictures to make, as a set in one style"),
        reference=N_("A picture to edit or to use as a reference"),
        reference2=N_("A second reference"),
        reference3=N_("A third reference"),
        reference4=N_("A fourth reference"),
        # Translators: {seed} is one model or several; at most 60 characters without it.
        seed=N_("Same seed and prompt: a similar picture ({seed} only)"),
        # Translators: {guidance} is one model or several; at most 60 characters without it.
        guidance=N_("How closely to follow the prompt, 1 to 10 ({guidance} only)"),
        format=N_("The file format, if the model offers a choice"),
        # Translators: {web_search} is one model or several; at most 60 characters without it.
        web_search=N_("Let the model search the web ({web_search} only)"),
        # Translators: {optimize_prompt} is one model or several. At most 100 characters.
        optimize=N_("Improve the prompt first ({optimize_prompt} only)"),
        watermark=N_("Mark the picture as AI-generated"),
        private=N_("Only you see the result"),
    )
    async def imagine(
        self,
        interaction: discord.Interaction,
        prompt: autocomplete.Prompt,
        model: str | None = None,
        size: str | None = None,
        ratio: autocomplete.Ratio | None = None,
        images: app_commands.Range[int, 1, 15] | None = None,
        reference: discord.Attachment | None = None,
        reference2: discord.Attachment | None = None,
        reference3: discord.Attachment | None = None,
        reference4: discord.Attachment | None = None,
        seed: app_commands.Range[int, -1, 2147483647] | None = None,
        guidance: app_commands.Range[float, 1, 10] | None = None,
        format: str | None = None,  # noqa: A002 - the name members see
        web_search: bool = False,
        optimize: str | None = None,
        watermark: bool | None = None,
        private: bool | None = None,
    ) -> None:
        options = GenerationOptions(
            prompt=prompt,
            model=model,
            size=size,
            ratio=ratio,
            group=images,
            seed=seed,
            guidance_scale=guidance,
            output_format=format,
            web_search=web_search,
            optimize_prompt=optimize,
            watermark=watermark,
        )
        files = [file for file in (reference, reference2, reference3, reference4) if file]
        references = await self._submitter.images.attached(files)
        requester = await self._submitter.requester(interaction)
        draft = draft_generation(requester.defaults, options, references)
        await self._ideas.make(interaction, requester, draft, private=private)

    # --- autocomplete: only what the chosen model accepts ---------------------------------------------------------

    @imagine.autocomplete("model")
    async def _models(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        requester = await self._submitter.requester(interaction)
        return autocomplete.models(requester.defaults.models, self._submitter.prices, current)

    @imagine.autocomplete("size")
    async def _sizes(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        return autocomplete.sizes(autocomplete.chosen_model(interaction, self._model), current)

    @imagine.autocomplete("images")
    async def _groups(self, interaction: discord.Interaction, current: str) -> list[app_commands.Choice[int]]:
        references = autocomplete.given_attachments(interaction)
        request = await self._so_far(interaction, references)
        price = price_of(request, self._submitter.prices) if request else None
        model = request.capabilities if request else autocomplete.chosen_model(interaction, self._model)
        limited = is_limited((await self._submitter.service.quota(member_of(interaction))).limit_statuses)
        return autocomplete.groups(model, references, str(current), price, limited=limited)

    async def _so_far(self, interaction: discord.Interaction, references: int) -> ImageRequest | None:
        """Return the request that the options chosen so far make; None if they are invalid."""
        chosen = interaction.namespace
        options = GenerationOptions(
            prompt=_ANY_WORDS,
            images=(_ANY_PICTURE,) * references,
            model=chosen.model,
            size=chosen.size,
            ratio=read_ratio(chosen.ratio) if chosen.ratio else None,
        )
        with suppress(InvalidRequest):
            return options.generation((await self._submitter.requester(interaction)).defaults)
        return None

    @imagine.autocomplete("format")
    async def _formats(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        return autocomplete.formats(autocomplete.chosen_model(interaction, self._model), current)

    @imagine.autocomplete("optimize")
    async def _optimizations(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        return autocomplete.optimizations(autocomplete.chosen_model(interaction, self._model), current)
