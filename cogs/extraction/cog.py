"""Handles "Cut out" and "Layers" in a message's menu, for any picture."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from cogs.editing.modals import PictureModal
from cogs.i18n.translate import N_, _, sentences
from cogs.requests.no_picture import no_picture
from cogs.requests.preparation import prepare_extraction
from cogs.texts.refusal import RefusalError
from studio.jobs.editing import extractors
from studio.jobs.job import Parent, Verb

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cogs.client.bot import StudioBot
    from cogs.delivery.message_images import FoundImage
    from cogs.messages.reader import MessageReader
    from cogs.requests.submission import RequestSubmitter

_ENTRIES = {
    # Translators: an entry in a message's menu, at most 32 characters: the subject without its background.
    Verb.CUT_OUT: N_("Cut out"),
    # Translators: an entry in a message's menu, at most 32 characters: a picture split into layers.
    Verb.LAYERS: N_("Layers"),
}


class Extract(commands.Cog):
    """Adds a menu entry for each extraction that a model can do."""

    def __init__(self, bot: StudioBot, submitter: RequestSubmitter, reader: MessageReader) -> None:
        self._bot = bot
        self._submitter = submitter
        self._reader = reader
        self._menus = [self._menu(verb) for verb in _ENTRIES if extractors(verb)]

    def _menu(self, verb: Verb) -> app_commands.ContextMenu:
        async def chosen(interaction: discord.Interaction, message: discord.Message) -> None:
            await self.extract(verb, interaction, message)

        menu = app_commands.ContextMenu(name=_ENTRIES[verb], callback=chosen)
        return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(
            app_commands.allowed_installs(guilds=True, users=True)(menu)
        )

    async def cog_load(self) -> None:
        for menu in self._menus:
            self._bot.tree.add_command(menu)

    async def cog_unload(self) -> None:
        for menu in self._menus:
            self._bot.tree.remove_command(menu.name, type=menu.type)

    async def extract(self, verb: Verb, interaction: discord.Interaction, message: discord.Message) -> None:
        """Extract from a message's picture; a modal asks which one if there are several."""
        found = await self._reader.pictures_of(message)
        pictures = found.all
        if not pictures:
            instead = sentences(no_picture(message), _("Choose a message with a picture."))
            raise RefusalError(found.refusal or instead)
        take = partial(self._take, verb, message, pictures)
        if len(pictures) == 1:
            await take(interaction, next(iter(pictures)))
        else:
            modal = PictureModal(_(_ENTRIES[verb]), take, numbers=pictures)
            await interaction.response.send_modal(self._submitter.modals.add(modal))

    async def _take(
        self,
        verb: Verb,
        message: discord.Message,
        pictures: Mapping[int, FoundImage],
        interaction: discord.Interaction,
        number: int,
    ) -> None:
        """Submit the extraction: private if the message is, otherwise by the server's setting."""
        requester = await self._submitter.requester(interaction)
        prepared = prepare_extraction(requester.defaults, pictures[number], verb)
        prepared = replace(prepared, parent=Parent(verb=verb, link=message.jump_url))
        await self._submitter.accept(
            interaction, requester, prepared, private=True if message.flags.ephemeral else None
        )
