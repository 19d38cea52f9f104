"""Says what a message without a picture holds instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import StickerFormatType

from cogs.i18n.translate import _
from cogs.texts.common import escaped

if TYPE_CHECKING:
    import discord

    from cogs.delivery.message_images import Part

_LONGEST_NAME = 80


def no_picture(message: discord.Message) -> str:
    """Return one sentence; the caller adds what to do."""
    if message.is_system():
        return _("That's a system message. Use the picture in the original message instead.")
    if message.poll:
        return _("That's a poll, not a picture.")
    parts: tuple[Part, ...] = (message, *message.message_snapshots)
    if any(sticker.format is StickerFormatType.lottie for part in parts for sticker in part.stickers):
        return _("That sticker is an animation in a format that I can't edit.")
    attachment = next((attachment for part in parts for attachment in part.attachments), None)
    return _other_file(attachment) if attachment else _("There's no picture in that message.")


def _other_file(attachment: discord.Attachment) -> str:
    if attachment.is_voice_message():
        return _("That's a voice message, not a picture.")
    if (attachment.content_type or "").startswith("video/"):
        return _("That's a video, and I can only edit still pictures. Take a screenshot of the moment you want.")
    return _("“{file}” isn't a picture.", file=escaped(attachment.filename, _LONGEST_NAME))
