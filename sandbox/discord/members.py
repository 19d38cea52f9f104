"""What a member does in their client, with what the client itself refuses before anything reaches a bot."""

from __future__ import annotations

import base64
import binascii
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.discord import interactions, messages
from sandbox.discord.uploads import Upload, attach
from sandbox.discord.world import PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.discord.state import Interaction, State
    from sandbox.discord.world import Json, Stored

STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 8, 10, 11
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
BUTTON = 2


class ClientRefusal(Exception):  # noqa: N818 - what the client shows
    """What a member's client says, and does not send."""


def place(state: State, user_name: str, where: object) -> tuple[Json, Json]:
    """The member and the channel; `where` is a channel's name or id, or "dm"."""
    user = state.world.user(user_name)
    if user is None:
        raise ClientRefusal(f"There is no user {user_name}.")
    if where is None or where == "dm":
        return user, state.world.dm(user["id"])
    channel = state.world.channel(str(where))
    guild = state.world.guild_of(channel) if channel else None
    if channel is None or (guild and user["id"] not in guild.members):
        raise ClientRefusal(f"{user_name} sees no channel {where}.")
    if not state.world.permissions(user["id"], channel) & PERMISSIONS["VIEW_CHANNEL"]:
        raise ClientRefusal(f"{user_name} may not see {where}.")
    return user, channel


def commands_in(state: State, user: Json, channel: Json) -> list[Json]:
    """The commands that `/` offers a member there."""
    guild = state.world.guild_of(channel)
    offered = [*state.commands.get("", []), *state.commands.get(guild.id if guild else "-", [])]
    return [one for one in offered if _offered(state, one, user, channel)]


def _offered(state: State, command: Json, user: Json, channel: Json) -> bool:
    guild = state.world.guild_of(channel)
    contexts = command.get("contexts")
    if contexts is not None and (0 if guild else 1) not in contexts:
        return False
    if guild and state.world.application_id not in guild.members and 1 not in (command["integration_types"] or [0]):
        return False
    needed = command["default_member_permissions"]
    return needed is None or not guild or bool(guild.permissions(user["id"], channel) & int(needed))


def run(
    state: State, user: Json, channel: Json, name: str, options: Any, files: dict[str, Upload], **extra: Any
) -> Interaction:
    """Run a slash command. Raises: ClientRefusal."""
    options = _object("options", options)
    command = _command(state, user, channel, name)
    resolved: Json = {}
    values = [
        _value(state, channel, option, options, files, resolved)
        for option in command.get("options", [])
        if option["name"] in options or option["name"] in files or option.get("required")
    ]
    unknown = (options.keys() | files.keys()) - {option["name"] for option in command.get("options", [])}
    if unknown:
        raise ClientRefusal(f"/{name} has no option {', '.join(sorted(unknown))}.")
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": values}
    if resolved:
        data["resolved"] = resolved
    return interactions.begin(state, interactions.COMMAND, user, channel, data, **extra)


def complete(state: State, user: Json, channel: Json, name: str, options: Any, focused: str) -> Interaction:
    """Type into an option that completes itself. Raises: ClientRefusal."""
    command, options = _command(state, user, channel, name), _object("options", options)
    known = {option["name"]: option for option in command.get("options", [])}
    if not known.get(focused, {}).get("autocomplete"):
        raise ClientRefusal(f"{focused} of /{name} does not complete itself.")
    values = [
        {"name": key, "type": known[key]["type"], "value": value} | ({"focused": True} if key == focused else {})
        for key, value in ({focused: ""} | options).items()
        if key in known
    ]
    data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": values}
    return interactions.begin(state, interactions.AUTOCOMPLETE, user, channel, data)


def press(state: State, user: Json, stored: Stored, custom_id: str, values: list[str] | None = None) -> Interaction:
    """Press a button or choose in a select, named by its custom id or its label. Raises: ClientRefusal."""
    component = next(
        (
            one
            for one in walk(stored.data["components"])
            if custom_id in {one.get("custom_id"), one.get("label")} and not one.get("disabled")
        ),
        None,
    )
    if component is None or stored.seen_by not in {None, user["id"]}:
        raise ClientRefusal(f"{user['username']} sees no button {custom_id} there.")
    data: Json = {
        "custom_id": component["custom_id"], "component_type": component["type"], "id": component["id"],
    }  # fmt: skip
    if component["type"] != BUTTON:
        data["values"] = values or []
    channel = state.world.channels[stored.data["channel_id"]]
    return interactions.begin(state, interactions.COMPONENT, user, channel, data, message=messages.seen(state, stored))


def submit(state: State, user: Json, modal: Interaction, fields: Any) -> Interaction:
    """Send a modal that an interaction has opened; `fields` are values by custom id. Raises: ClientRefusal."""
    if not modal.answer or modal.answer["type"] != interactions.SHOW_MODAL:
        raise ClientRefusal("No modal is open.")
    shown, numbers, fields = modal.answer["data"], count(1), _object("fields", fields)
    components = [_filled(one, fields, numbers) for one in shown["components"]]
    data = {"custom_id": shown["custom_id"], "components": components}
    channel = state.world.channels[modal.channel_id]
    pressed = state.world.find_message((modal.data.get("message") or {}).get("id", ""))
    extra = {"message": messages.seen(state, pressed)} if pressed else {}
    return interactions.begin(state, interactions.MODAL, user, channel, data, opened_by=modal, **extra)


def send(
    state: State, user: Json, channel: Json, content: str, files: list[Upload], reply_to: str | None, *, ping: bool
) -> Stored:
    """Send a message as a member."""
    pings = {"parse": ["users", "roles", "everyone"], "replied_user": ping}
    payload: Json = {"content": content, "allowed_mentions": pings}
    extra = messages.replying(state, channel, {"message_id": reply_to} if reply_to else None)
    return messages.create(state, channel, user, payload, dict(enumerate(files)), kind="create", **extra)


def uploads_of(given: Any) -> dict[str, Upload]:
    """Files as the control API has them: option -> {name, data (base64)} or {path}. Raises: ClientRefusal."""
    found: dict[str, Upload] = {}
    for option, file in _object("attachments", given).items():
        try:
            if "path" in file:
                path = Path(file["path"])
                found[option] = Upload(file.get("name", path.name), path.read_bytes())
            else:
                found[option] = Upload(file["name"], base64.b64decode(file["data"], validate=True))
        except (OSError, KeyError, TypeError, binascii.Error) as error:
            raise ClientRefusal(f"{option}: that file can't be read ({error}).") from error
    return found


def _object(name: str, given: Any) -> Json:
    if given is not None and not isinstance(given, dict):
        raise ClientRefusal(f"{name} is {given!r}: it takes an object.")
    return given or {}


def _command(state: State, user: Json, channel: Json, name: str) -> Json:
    found = next((one for one in commands_in(state, user, channel) if one["name"] == name and one["type"] == 1), None)
    if found is None:
        raise ClientRefusal(f"There is no command /{name} here.")
    return found


def _value(state: State, channel: Json, option: Json, options: Json, files: dict[str, Upload], resolved: Json) -> Json:
    name, kind = option["name"], option["type"]
    if kind == ATTACHMENT and name in files:
        described = attach(state, channel["id"], files[name], {}) | {"ephemeral": True}
        resolved.setdefault("attachments", {})[described["id"]] = described
        return {"name": name, "type": kind, "value": described["id"]}
    if options.get(name) is None:
        raise ClientRefusal(f"{name}: This option is required. Specify a value.")
    value = options[name]
    if option.get("choices"):
        value = _chosen(option, value)
    _check_value(option, value)
    return {"name": name, "type": kind, "value": value}


def _chosen(option: Json, value: Any) -> Any:
    for choice in option["choices"]:
        if value in {choice["name"], choice["value"]}:
            return choice["value"]
    raise ClientRefusal(f"{option['name']}: Pick a valid option: {', '.join(c['name'] for c in option['choices'])}.")


_TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}


def _check_value(option: Json, value: Any) -> None:
    name, kind = option["name"], option["type"]
    right = isinstance(value, _TYPES.get(kind, (str,))) and isinstance(value, bool) == (kind == BOOLEAN)
    if not right:
        raise ClientRefusal(f"{name}: Input a valid value, not {value!r}.")
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    longest = option.get(high, 6000 if kind == STRING else None)
    if (option.get(low) is not None and size < option[low]) or (longest is not None and size > longest):
        raise ClientRefusal(f"{name}: must be between {option.get(low, 0)} and {longest}.")


def walk(components: list[Json]) -> list[Json]:
    return [one for component in components for one in (component, *walk(component.get("components", [])))]


def _filled(component: Json, fields: Json, numbers: Iterator[int]) -> Json:
    filled: Json = {"type": component["type"], "id": component.get("id") or next(numbers)}
    if inner := component.get("component"):
        return filled | {"component": _filled(inner, fields, numbers)}
    if "components" in component:
        return filled | {"components": [_filled(one, fields, numbers) for one in component["components"]]}
    if "custom_id" not in component:
        return filled
    key = "value" if component["type"] == 4 else "values"  # noqa: PLR2004 - a text input
    return filled | {"custom_id": component["custom_id"], key: fields.get(component["custom_id"])}
