"""What the setting Replies is called, and what each of its values means. Pure."""

from __future__ import annotations

from cogs.i18n.translate import marked
from studio.guilds.settings import Replies

REPLIES: dict[str, str] = {
    # Translators: what a reply to a picture does, a value of the setting "Replies"; at most 100 characters
    Replies.AT_ONCE: marked("Edit at once"),
    # Translators: what a reply to a picture does, a value of the setting "Replies"; at most 100 characters
    Replies.ASK_WHEN_UNSURE: marked("Ask when unsure"),
    # Translators: what a reply to a picture does, a value of the setting "Replies"; at most 100 characters
    Replies.ALWAYS_ASK: marked("Always ask"),
    # Translators: what a reply to a picture does (nothing), a value of the setting "Replies"; at most 100 characters
    Replies.OFF: marked("Off"),
}
MESSAGE_CONTENT = {
    True: marked("I can read messages that don't mention me, so replies need no ping"),
    # Translators: Edit image is an entry in a message's menu, Edit a button
    False: marked(
        "In servers I can read only messages that mention me. Edit image, the Edit button and direct messages work all "
        "the same. The bot's owner can switch it on in Discord's developer portal, page Bot"
    ),
}
REPLIES_MEAN: dict[str, str] = {
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.AT_ONCE: marked("Every reply to a picture edits it and is charged, “nice one!” too"),
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.ASK_WHEN_UNSURE: marked("Instructions edit the picture; for “nice one!” I only offer a button"),
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.ALWAYS_ASK: marked("Replies to a picture get a button; nothing is made or charged until it is pressed"),
    # Translators: a value of the setting "Replies" explained; at most 100 characters
    Replies.OFF: marked("I ignore replies to pictures; buttons, the message menu and commands still work"),
}
