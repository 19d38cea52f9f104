"""Permissions by name, and default sets of them. Source: Discord API reference, "Permissions"."""

PERMISSIONS = {
    "KICK_MEMBERS": 1 << 1, "BAN_MEMBERS": 1 << 2, "ADMINISTRATOR": 1 << 3, "MANAGE_CHANNELS": 1 << 4,
    "MANAGE_GUILD": 1 << 5, "ADD_REACTIONS": 1 << 6, "VIEW_CHANNEL": 1 << 10, "SEND_MESSAGES": 1 << 11,
    "MANAGE_MESSAGES": 1 << 13, "EMBED_LINKS": 1 << 14, "ATTACH_FILES": 1 << 15, "READ_MESSAGE_HISTORY": 1 << 16,
    "MENTION_EVERYONE": 1 << 17, "USE_EXTERNAL_EMOJIS": 1 << 18, "CONNECT": 1 << 20, "MANAGE_ROLES": 1 << 28,
    "USE_APPLICATION_COMMANDS": 1 << 31, "MANAGE_THREADS": 1 << 34, "CREATE_PUBLIC_THREADS": 1 << 35,
    "CREATE_PRIVATE_THREADS": 1 << 36, "SEND_MESSAGES_IN_THREADS": 1 << 38, "USE_EXTERNAL_APPS": 1 << 50,
}  # fmt: skip
ALL_PERMISSIONS = (1 << 53) - 1
EVERYONE = sum(
    PERMISSIONS[name]
    for name in (
        "ADD_REACTIONS", "VIEW_CHANNEL", "SEND_MESSAGES", "EMBED_LINKS", "ATTACH_FILES", "READ_MESSAGE_HISTORY",
        "USE_EXTERNAL_EMOJIS", "USE_APPLICATION_COMMANDS", "SEND_MESSAGES_IN_THREADS", "USE_EXTERNAL_APPS",
        "CONNECT", "CREATE_PUBLIC_THREADS", "CREATE_PRIVATE_THREADS",
    )
)  # fmt: skip
# An app's permissions in DMs and groups without its bot, and in DMs with its bot.
# Source: Discord API reference, "Interaction Structure", app_permissions.
IN_PRIVATE = sum(PERMISSIONS[name] for name in ("ATTACH_FILES", "EMBED_LINKS", "MENTION_EVERYONE"))
IN_DM = IN_PRIVATE | PERMISSIONS["USE_EXTERNAL_EMOJIS"]
