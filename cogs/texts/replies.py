"""Names the values of the setting Replies and explains them. Pure."""

from __future__ import annotations

from cogs.i18n.translate import N_
from studio.guilds.settings import Replies

REPLIES: dict[str, str] = {
    # Translators: what a reply to a picture does, a value of the setting "Replies"; at most 100 characters
    Replies.AT_ONCE: N_("Edit at once"),
    # Translators: what a reply to a picture does, a value of the setting "Replies"; at most 100 characters
    Replies.ASK_WHEN_UNSURE: N_("Ask when unsure"),
    # Translators: what a reply to a picture does, a value of the setting "Replies"; at most 100 characters
    Replies.ALWAYS_ASK: N_("Always ask"),
    # Translators: what a reply to a picture does (nothing), a value of the setting "Replies"; at most 100 characters
    Replies.OFF: N_("Off"),
}
MESSAGE_CONTENT = {
    True: N_("I can read messages that don't mention me, so replies don't need a ping"),
    False: N_(
        "In servers, I can only read messages that mention me. The bot's owner can turn on the message content intent "
        "in Discord's developer portal"
    ),
}
REPLIES_MEAN: dict[str, str] = {
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.AT_ONCE: N_("Every reply to a picture edits it and is charged, even “nice one!”"),
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.ASK_WHEN_UNSURE: N_("Instructions edit the picture; for “nice one!” I only offer a button"),
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.ALWAYS_ASK: N_("Replies to a picture get a button; nothing is made or charged until someone presses it"),
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.OFF: N_("I ignore replies to pictures; buttons, the message menu and commands still work"),
}
