"""Interactions: creates them for what members do, and handles how the bot responds.

Source: Discord API reference, "Receiving and Responding to Interactions".
"""

from __future__ import annotations

import time
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from sandbox.discord import errors, messages, threads
from sandbox.discord.channel_types import DM, PRIVATE
from sandbox.discord.permissions import IN_DM, IN_PRIVATE
from sandbox.discord.rules import check_choices, check_message, check_modal
from sandbox.discord.state import Interaction
from sandbox.discord.world import snowflake

if TYPE_CHECKING:
    from sandbox.discord.rules import Kind
    from sandbox.discord.state import State
    from sandbox.discord.world import Json, Stored

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 2, 3, 4, 5
PONG, MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, SHOW_MODAL, LAUNCH = 1, 4, 5, 6, 7, 8, 9, 12
GUILD_INSTALL, USER_INSTALL = "0", "1"
GUILD_CONTEXT, BOT_DM_CONTEXT, PRIVATE_CONTEXT = 0, 1, 2
MOST_FOLLOW_UPS = 5
_NOT_IN_AN_INTERACTION = {"permission_overwrites", "recipients"}


def begin(
    state: State,
    kind: int,
    user: Json,
    channel: Json,
    data: Json,
    *,
    opened_by: Interaction | None = None,
    **extra: Any,
) -> Interaction:
    """Create an interaction and send it to the bot, which has `interaction_window` seconds to respond."""
    world = state.world
    guild = world.guild_of(channel)
    installed = world.application_id in guild.members if guild else channel["type"] == DM
    owners = {GUILD_INSTALL: guild.id if guild else "0"} if installed else {USER_INSTALL: user["id"]}
    interaction: Json = {
        "id": snowflake(), "application_id": world.application_id, "type": kind, "data": data,
        "channel_id": channel["id"], "channel": _channel(state, channel, user), "version": 1,
        "token": _token(), "locale": world.locale_of(user["id"]), "entitlements": [],
        "authorizing_integration_owners": owners, "context": context_of(channel),
        "attachment_size_limit": int(world.limit(channel) * state.settings.limit_factor),
        "app_permissions": str(app_permissions(state, channel)), **extra,
    }  # fmt: skip
    if guild:
        permissions = str(guild.permissions(user["id"], channel))
        interaction |= {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": guild.data["preferred_locale"], "features": []},
            "guild_locale": guild.data["preferred_locale"],
            "member": guild.members[user["id"]] | {"permissions": permissions},
        }
    else:
        interaction["user"] = user
    begun = Interaction(interaction, user["id"], time.monotonic(), opened_by=opened_by)
    begun.private = not installed and guild is not None and not world.may(user["id"], channel, "USE_EXTERNAL_APPS")
    message = extra.get("message")
    if message:
        begun.original = message["id"]
    state.add_interaction(begun)
    state.dispatch("INTERACTION_CREATE", interaction, guild_id=guild.id if guild and installed else None)
    state.emit("interaction", {"id": begun.id, "type": kind, "user": user["id"]})
    return begun


def _token() -> str:
    return "aW50ZXJhY3Rpb24" + token_urlsafe(96)


def context_of(channel: Json) -> int:
    if channel["type"] not in PRIVATE:
        return GUILD_CONTEXT
    return BOT_DM_CONTEXT if channel["type"] == DM else PRIVATE_CONTEXT


def _channel(state: State, channel: Json, user: Json) -> Json:
    partial = {key: value for key, value in channel.items() if key not in _NOT_IN_AN_INTERACTION}
    if channel["type"] == DM:
        return partial | {"recipients": [user]}
    if channel["type"] in PRIVATE:
        return partial | {"recipients": channel["recipients"]}
    return partial | {"permissions": str(state.world.permissions(user["id"], channel))}


def app_permissions(state: State, channel: Json) -> int:
    """Return the bot's permissions in a channel; where it is not a member, those of @everyone."""
    guild = state.world.guild_of(channel)
    if guild is None:
        return IN_DM if channel["type"] == DM else IN_PRIVATE
    if state.world.application_id in guild.members:
        return state.world.permissions(state.world.application_id, channel)
    return guild.everyones_permissions(state.world.parent_of(channel))


# --- the bot's response -----------------------------------------------------------------------------------------------


def answer(state: State, interaction_id: str, token: str, body: Any, files: messages.Uploads) -> Json:
    """Handle an interaction's callback, and return the body for `with_response`. Raises: DiscordError."""
    interaction = state.interactions.get(token)
    late = (
        interaction
        and not interaction.acknowledged
        and time.monotonic() - interaction.created > state.settings.interaction_window
    )
    if interaction is None or interaction.id != interaction_id or late:
        raise errors.unknown_interaction()
    if interaction.acknowledged:
        raise errors.already_acknowledged()
    kind = body.get("type") if isinstance(body, dict) else None
    data = body.get("data") if isinstance(body, dict) else None
    data = data if isinstance(data, dict) else {}
    stored = _answered(state, interaction, kind, data, files)
    interaction.acknowledged = True
    result: Json = {"interaction": {"id": interaction.id, "type": interaction.data["type"]}}
    if stored:
        interaction.original = stored.data["id"]
        result["interaction"] |= {
            "response_message_id": stored.data["id"],
            "response_message_loading": kind == DEFER,
            "response_message_ephemeral": stored.seen_by is not None,
        }
        # Discord's OpenAPI has no deferred resource: a deferral's resource is a message.
        result["resource"] = {"type": MESSAGE if kind == DEFER else kind, "message": messages.seen(state, stored)}
    if kind == LAUNCH:
        result["interaction"]["activity_instance_id"] = instance = f"i-{interaction.id}-local"
        result["resource"] = {"type": LAUNCH, "activity_instance": {"id": instance}}
    interaction.answer = {"type": kind, "data": data, "message_id": interaction.original}
    state.emit(
        "answer",
        {"id": interaction.id, "type": kind, "user": interaction.user, "data": data, "message": interaction.original},
    )
    return result


def _answered(  # noqa: PLR0911 - one return per type
    state: State, interaction: Interaction, kind: Any, data: Json, files: messages.Uploads
) -> Stored | None:
    channel = state.world.channels[interaction.channel_id]
    if kind in {MESSAGE, DEFER, UPDATE}:
        threads.require_answerable(state, channel, status=403)
    match kind:
        case 4:
            return follow_up(state, interaction, data, files, kind="callback")
        case 5:
            errors.refuse(check_message(data, files={}, kind="defer"))
            seen_by = _only_for(interaction, data)
            about = _about(interaction)
            return messages.loading(state, channel, seen_by=seen_by, token=interaction.token, **about)
        case 6 if interaction.data["type"] in {COMPONENT, MODAL}:
            return None
        case 7 if interaction.original and (stored := state.world.message(channel["id"], interaction.original)):
            threads.require_unarchived(channel)
            return messages.edit(state, stored, data, files, kind="update")
        case 8 if interaction.data["type"] == AUTOCOMPLETE:
            errors.refuse(check_choices(data))
            return None
        case 9 if interaction.data["type"] in {COMMAND, COMPONENT}:
            errors.refuse(check_modal(data))
            return None
        case 1:
            return None
        case 12 if state.settings.activities:
            return None
    field = {"_errors": [{"code": "BASE_TYPE_CHOICES", "message": "Value must be one of (4, 5, 6, 7, 8, 9)."}]}
    body = {"code": 50035, "message": "Invalid Form Body", "errors": {"type": field}}
    raise errors.DiscordError(400, 50035, "Invalid Form Body", body)


def follow_up(
    state: State,
    interaction: Interaction,
    payload: Any,
    files: messages.Uploads,
    *,
    kind: Kind = "webhook",
) -> Stored:
    """Post a message by an interaction's token: the response or a follow-up."""
    seen_by = _only_for(interaction, payload)
    channel = state.world.channels[interaction.channel_id]
    return messages.create(
        state, channel, state.world.bot, payload, files, kind=kind, seen_by=seen_by, token=interaction.token,
        flags=messages.EPHEMERAL if seen_by else 0, **_about(interaction),
    )  # fmt: skip


def count_follow_up(interaction: Interaction) -> None:
    """Count a follow-up. Raise DiscordError for the sixth of an app that only the user has installed.

    Source: Discord API reference, "Create Followup Message".
    """
    if interaction.data["authorizing_integration_owners"].keys() == {USER_INSTALL}:
        interaction.follow_ups += 1
        if interaction.follow_ups > MOST_FOLLOW_UPS:
            raise errors.named("too_many_follow_ups")


def _only_for(interaction: Interaction, payload: Any) -> str | None:
    """Return the only user who sees a message: it is ephemeral by its flag, or must be.

    Source: Discord, "Permissions", USE_EXTERNAL_APPS.
    """
    flags = payload.get("flags") if isinstance(payload, dict) else None
    meant = isinstance(flags, int) and flags & messages.EPHEMERAL
    return interaction.user if meant or interaction.private else None


def _about(interaction: Interaction) -> Json:
    """Return the fields of a message that describe the interaction it answers."""
    application = interaction.data["application_id"]
    about: Json = {
        "application_id": application, "webhook_id": application, "interaction_metadata": _metadata(interaction),
    }  # fmt: skip
    if interaction.data["type"] != COMMAND:
        return about
    # Deprecated, but still sent: clients read the command's name from it.
    used = {"id": interaction.id, "type": COMMAND, "name": interaction.data["data"]["name"]}
    kind = {"type": 20} if interaction.data["data"]["type"] == 1 else {"type": 23}
    return about | kind | {"interaction": used | {"user": about["interaction_metadata"]["user"]}}


def _metadata(interaction: Interaction) -> Json:
    data = interaction.data
    metadata: Json = {
        "id": data["id"], "type": data["type"], "user": data.get("user") or data["member"]["user"],
        "authorizing_integration_owners": data["authorizing_integration_owners"],
    }  # fmt: skip
    if data["type"] == COMPONENT:
        metadata["interacted_message_id"] = data["message"]["id"]
    if interaction.opened_by:
        metadata["triggering_interaction_metadata"] = _metadata(interaction.opened_by)
    return metadata


def by_token(state: State, application_id: str, token: str) -> Interaction:
    """Find the interaction of a webhook's token. Raises: DiscordError if the token is unknown or has expired."""
    interaction = state.interactions.get(token)
    if interaction is None or application_id != state.world.application_id:
        raise errors.unknown_webhook()
    if interaction.dead or time.monotonic() - interaction.created > state.settings.token_life:
        raise errors.invalid_webhook_token()
    return interaction


def message_of(state: State, interaction: Interaction, message_id: str) -> Stored:
    """Find a message that the interaction's token can access. Raises: DiscordError."""
    original = message_id == "@original"
    identity = interaction.original if original else message_id
    stored = state.world.message(interaction.channel_id, identity or "")
    if stored is None or (stored.token != interaction.token and stored.data["id"] != interaction.original):
        raise errors.unknown_message()
    return stored
