"""Handles edits of pictures: "Edit image" in a message's menu, /edit and /blend."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from cogs.editing.message_links import linked_message
from cogs.editing.modals import EditModal, edit_models
from cogs.i18n.translate import N_, _, sentences
from cogs.messages.reply_parser import chosen, parse_reply, which_note
from cogs.requests import autocomplete
from cogs.requests.errors import tell
from cogs.requests.forms import with_words
from cogs.requests.no_picture import no_picture
from cogs.requests.preparation import draft_edit
from cogs.texts.refusal import RefusalError, UnknownHereError
from studio.jobs.editing import BLEND_WORDS
from studio.jobs.job import Parent, Verb
from studio.jobs.options import GenerationOptions
from studio.members.models import editor_near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.client.bot import StudioBot
    from cogs.delivery.message_images import FoundImage
    from cogs.editing.modals import EditInput
    from cogs.ideas.cog import Ideas
    from cogs.messages.reader import MessagePictures, MessageReader
    from cogs.requests.submission import RequestSubmitter

Picture = discord.Attachment | None
# Translators: an entry in a message's menu, at most 32 characters.
EDIT_IMAGE = N_("Edit image")


class Edit(commands.Cog):
    def __init__(self, bot: StudioBot, submitter: RequestSubmitter, reader: MessageReader, ideas: Ideas) -> None:
        self._bot = bot
        self._ideas = ideas
        self._submitter = submitter
        self._reader = reader
        menu = app_commands.ContextMenu(name=EDIT_IMAGE, callback=self.edit_image)
        self._menu = app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(
            app_commands.allowed_installs(guilds=True, users=True)(menu)
        )

    async def cog_load(self) -> None:
        self._bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        self._bot.tree.remove_command(self._menu.name, type=self._menu.type)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer a form that this process doesn't know: it expired, or a restart or another program opened it."""
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        if (words := self._submitter.modals.lost_words(interaction)) is not None:
            await self._bot.translator.set_locale_from(interaction)
            closed = _("This form has expired. Open it again.")
            await tell(interaction, UnknownHereError(with_words(closed, words)))

    # --- a message's menu -------------------------------------------------------------------------------------------

    async def edit_image(self, interaction: discord.Interaction, message: discord.Message) -> None:
        pictures = await self._reader.pictures_of(message)
        if not pictures:
            instead = sentences(no_picture(message), _("Choose a message with a picture, or use /edit."))
            raise RefusalError(pictures.refusal or instead)
        submitted = partial(self._filled_in, pictures, message.jump_url)
        requester = await self._submitter.requester(interaction)
        editors = edit_models(requester.defaults, self._submitter.prices)
        modal = EditModal(submitted, editors, numbers=pictures.all)
        await interaction.response.send_modal(self._submitter.modals.add(modal))

    async def _filled_in(
        self, pictures: MessagePictures, link: str, interaction: discord.Interaction, edit: EditInput
    ) -> None:
        options = GenerationOptions(prompt=edit.words.text, model=edit.model, size=edit.size, ratio=edit.ratio)
        images = chosen(pictures.here if edit.words.every else pictures.all, edit.words)
        await self._take(interaction, options, images, files=edit.files, link=link)

    # --- commands ---------------------------------------------------------------------------------------------------

    @app_commands.command(description=N_("Edit one or more pictures by describing the change"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        prompt=N_("What to change"),
        image=N_("The picture to edit"),
        # Translators: at most 100 characters.
        link=N_("Or a link to its message; begin the prompt with #2 for the second picture there"),
        model=N_("Which SeeDream model to use"),
        # Translators: at most 100 characters.
        size=N_("A preset such as 2K, or width x height; by default, the same shape as the picture"),
        ratio=N_("A different shape: a name such as Banner, or an aspect ratio such as 16:9"),
        private=N_("Only you see the result"),
        **{f"image{number}": N_("Another reference picture") for number in range(2, 11)},
    )
    async def edit(
        self,
        interaction: discord.Interaction,
        prompt: autocomplete.Prompt,
        image: Picture = None,
        link: str | None = None,
        image2: Picture = None,
        image3: Picture = None,
        image4: Picture = None,
        image5: Picture = None,
        image6: Picture = None,
        image7: Picture = None,
        image8: Picture = None,
        image9: Picture = None,
        image10: Picture = None,
        model: str | None = None,
        size: str | None = None,
        ratio: autocomplete.Ratio | None = None,
        private: bool | None = None,
    ) -> None:
        attached = (image, image2, image3, image4, image5, image6, image7, image8, image9, image10)
        files = [file for file in attached if file]
        options = GenerationOptions(prompt=prompt, model=model, size=size, ratio=ratio)
        if not link:
            await self._take(interaction, options, [], files=files, private=private)
            return
        linked = await linked_message(interaction, link)
        pictures = await self._reader.pictures_of(linked)
        if not pictures:
            raise self._reader.without_picture(linked, pictures, await self._reader.job_of(linked))
        words = parse_reply(prompt, numbers=pictures.all)
        options = replace(options, prompt=words.text)
        images = chosen(pictures.here if words.every else pictures.all, words)
        note = which_note(pictures.all, words)
        await self._take(interaction, options, images, files=files, link=linked.jump_url, note=note, private=private)

    @app_commands.command(description=N_("Combine several pictures into one"))
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        image=N_("The first picture"),
        prompt=N_("How to combine them"),
        model=N_("Which SeeDream model to use"),
        # Translators: at most 100 characters.
        size=N_("A preset such as 2K, or width x height; by default, the first picture's shape"),
        ratio=N_("A different shape: a name such as Banner, or an aspect ratio such as 16:9"),
        private=N_("Only you see the result"),
        **{f"image{number}": N_("Another picture") for number in range(2, 11)},
    )
    async def blend(
        self,
        interaction: discord.Interaction,
        image: discord.Attachment,
        image2: discord.Attachment,
        prompt: autocomplete.Prompt = BLEND_WORDS,
        image3: Picture = None,
        image4: Picture = None,
        image5: Picture = None,
        image6: Picture = None,
        image7: Picture = None,
        image8: Picture = None,
        image9: Picture = None,
        image10: Picture = None,
        model: str | None = None,
        size: str | None = None,
        ratio: autocomplete.Ratio | None = None,
        private: bool | None = None,
    ) -> None:
        attached = (image, image2, image3, image4, image5, image6, image7, image8, image9, image10)
        files = [file for file in attached if file]
        options = GenerationOptions(prompt=prompt, model=model, size=size, ratio=ratio)
        await self._take(interaction, options, [], files=files, private=private)

    @edit.autocomplete("model")
    @blend.autocomplete("model")
    async def _models(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        requester = await self._submitter.requester(interaction)
        return autocomplete.models(requester.defaults.editors, self._submitter.prices, current)

    @edit.autocomplete("size")
    @blend.autocomplete("size")
    async def _sizes(self, interaction: discord.Interaction, current: str) -> autocomplete.Choices:
        return autocomplete.sizes(
            autocomplete.chosen_model(interaction, editor_near(self._submitter.operator_defaults().model, 1).name),
            current,
        )

    async def _take(
        self,
        interaction: discord.Interaction,
        options: GenerationOptions,
        images: Sequence[FoundImage],
        *,
        files: Sequence[discord.Attachment],
        link: str | None = None,
        note: str = "",
        private: bool | None = None,
    ) -> None:
        requester = await self._submitter.requester(interaction)
        attached = await self._submitter.images.attached(files)
        draft = draft_edit(requester.defaults, options, images, files=attached, note=note)
        draft = draft.made_from(Parent(verb=Verb.EDIT, link=link)) if link else draft
        await self._ideas.make(interaction, requester, draft, private=private)
