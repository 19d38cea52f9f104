"""Says what a message without pictures and other files holds instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import StickerFormatType

from cogs.i18n.translate import _

if TYPE_CHECKING:
    import discord

    from cogs.delivery.message_images import Part


def no_picture(message: discord.Message) -> str:
    """Return one sentence; the caller adds what to do."""
    if message.is_system():
        return _("That's a system message. Use the picture in the original message instead.")
    if message.poll:
        return _("That's a poll, not a picture.")
    parts: tuple[Part, ...] = (message, *message.message_snapshots)
    if any(sticker.format is StickerFormatType.lottie for part in parts for sticker in part.stickers):
        return _("That sticker is an animation in a format that I can't edit.")
    if any(attachment.is_voice_message() for part in parts for attachment in part.attachments):
        return _("That's a voice message, not a picture.")
    return _("There's no picture in that message.")
