"""Discord's error responses. Source: Discord API reference, "Opcodes and Status Codes", JSON error codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.discord.rules import Problems
    from sandbox.discord.world import Json


_ENTRY_POINT_MISSING = (
    "You cannot remove this app's Entry Point command in a bulk update operation. Please include the Entry Point "
    "command in your update request or delete it separately."
)

# Errors that can be injected by name: status, code and message.
# Source: the reference's table of codes; the messages are those that clients quote.
BY_NAME: dict[str, tuple[int, int, str]] = {
    "unknown_message": (404, 10008, "Unknown Message"),
    "unknown_webhook": (404, 10015, "Unknown Webhook"),
    "unknown_interaction": (404, 10062, "Unknown interaction"),
    "unknown_command_permissions": (404, 10066, "Unknown application command permissions"),
    "explicit_content": (400, 20009, "Explicit content cannot be sent to the desired recipient(s)"),
    "daily_command_creates": (400, 30034, "Max number of daily application command creates has been reached (200)"),
    "edits_of_old_messages": (
        400,
        30046,
        "Maximum number of edits to messages older than 1 hour reached. Try again later",
    ),
    "too_large": (413, 40005, "Request entity too large"),
    "already_acknowledged": (400, 40060, "Interaction has already been acknowledged."),
    "too_many_follow_ups": (400, 40094, "This interaction has hit the maximum number of follow up messages"),
    "missing_access": (403, 50001, "Missing Access"),
    "cannot_message_user": (403, 50007, "Cannot send messages to this user"),
    "missing_permissions": (403, 50013, "Missing Permissions"),
    "invalid_webhook_token": (401, 50027, "Invalid Webhook Token"),
    "invalid_form": (400, 50035, "Invalid Form Body"),
    "thread_archived": (400, 50083, "Thread is archived"),
    "entry_point_missing": (
        400,
        50240,
        _ENTRY_POINT_MISSING,
    ),
    "no_mutual_servers": (403, 50278, "Cannot send messages to this user due to having no mutual guilds"),
    "thread_exists": (400, 160004, "A thread has already been created for this message"),
    "thread_locked": (400, 160005, "Thread is locked"),
    "automod": (400, 200000, "Message was blocked by automatic moderation"),
    "unreadable_forward": (400, 160014, "You cannot forward a message whose content you cannot read"),
    "harmful_link": (400, 240000, "Message blocked by harmful links filter"),
}  # fmt: skip


class DiscordError(Exception):
    """An error response."""

    def __init__(
        self, status: int, code: int, message: str, body: Json | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body: Json = body or {"message": message, "code": code}
        self.headers = headers or {}


def named(name: str, status: int | None = None) -> DiscordError:
    """Build an error of the table, with another status if given."""
    usual, code, message = BY_NAME[name]
    return DiscordError(status or usual, code, message)


def refuse(problems: Problems | None) -> None:
    """Raise DiscordError if the rules found problems."""
    if problems:
        raise DiscordError(problems.status, problems.code, problems.message, problems.body())


def unauthorized() -> DiscordError:
    return DiscordError(401, 0, "401: Unauthorized")


def not_found() -> DiscordError:
    return DiscordError(404, 0, "404: Not Found")


def unknown_application() -> DiscordError:
    return DiscordError(404, 10002, "Unknown Application")


def unknown_channel() -> DiscordError:
    return DiscordError(404, 10003, "Unknown Channel")


def unknown_guild() -> DiscordError:
    return DiscordError(404, 10004, "Unknown Guild")


def unknown_message() -> DiscordError:
    return named("unknown_message")


def unknown_emoji() -> DiscordError:
    return DiscordError(400, 10014, "Unknown Emoji")


def invalid_sticker() -> DiscordError:
    return DiscordError(400, 50081, "Invalid sticker sent")


def unknown_sticker() -> DiscordError:
    return DiscordError(404, 10060, "Unknown sticker")


def unknown_user() -> DiscordError:
    return DiscordError(404, 10013, "Unknown User")


def unknown_webhook() -> DiscordError:
    return named("unknown_webhook")


def unknown_interaction() -> DiscordError:
    return named("unknown_interaction")


def unknown_command() -> DiscordError:
    return DiscordError(404, 10063, "Unknown application command")


def already_acknowledged() -> DiscordError:
    return named("already_acknowledged")


def missing_access() -> DiscordError:
    return named("missing_access")


def not_the_author() -> DiscordError:
    return DiscordError(403, 50005, "Cannot edit a message authored by another user")


def missing_permissions() -> DiscordError:
    return named("missing_permissions")


def invalid_webhook_token() -> DiscordError:
    return named("invalid_webhook_token")


def too_large() -> DiscordError:
    return named("too_large")


def bad_form() -> DiscordError:
    return DiscordError(400, 50035, "Invalid Form Body")


def bad_json() -> DiscordError:
    return DiscordError(400, 50109, "The request body contains invalid JSON.")


def thread_is_archived(status: int | None = None) -> DiscordError:
    return named("thread_archived", status)


def thread_is_locked() -> DiscordError:
    return named("thread_locked")


def thread_exists() -> DiscordError:
    return named("thread_exists")


def wrong_channel_type() -> DiscordError:
    return DiscordError(400, 50024, "Cannot execute action on this channel type")


def wrong_message_type() -> DiscordError:
    return DiscordError(400, 50068, "Invalid message type")


def no_text_channel() -> DiscordError:
    return DiscordError(400, 50008, "Cannot send messages in a non-text channel")


def unknown_member() -> DiscordError:
    return DiscordError(404, 10007, "Unknown Member")
