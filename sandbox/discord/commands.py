"""Runs commands as a member: slash commands with their options, and menu commands of messages and users."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.discord import command_permissions, interactions
from sandbox.discord.channel_types import DM
from sandbox.discord.client_refusals import ClientRefusal, an_object, require_file_type
from sandbox.discord.resolved import Resolved

if TYPE_CHECKING:
    from sandbox.discord.state import Interaction, State
    from sandbox.discord.uploads import Upload
    from sandbox.discord.world import Json

CHAT_INPUT, ON_USER, ON_MESSAGE, ENTRY_POINT = 1, 2, 3, 4
BY_DISCORD = 2
SUB_COMMAND, SUB_COMMAND_GROUP = 1, 2
STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = 3, 4, 5, 6, 7, 8, 9, 10, 11
LONGEST_STRING = 6000


def commands_in(state: State, user: Json, channel: Json) -> list[Json]:
    """Return the commands of every type that a member is offered in a channel."""
    guild = state.world.guild_of(channel)
    offered = [*state.commands.get("", []), *state.commands.get(guild.id if guild else "-", [])]
    return [command for command in offered if _offered(state, command, user, channel)]


def _offered(state: State, command: Json, user: Json, channel: Json) -> bool:
    guild = state.world.guild_of(channel)
    contexts = command.get("contexts")
    # By default, a command is offered in servers and in DMs with the bot (api-docs #6744).
    if interactions.context_of(channel) not in (contexts if contexts is not None else (0, 1)):
        return False
    if not _installed(state, channel) and 1 not in command["integration_types"]:
        return False
    return guild is None or command_permissions.may_use(state, command, guild, user["id"], channel)


def _installed(state: State, channel: Json) -> bool:
    """Tell whether the bot is a member; elsewhere only user installs work."""
    guild = state.world.guild_of(channel)
    return state.world.application_id in guild.members if guild else channel["type"] == DM


def localized(command: Json, locale: str) -> Json:
    """Return a command, an option or a choice in a language.

    Source: Discord API reference, "Retrieving localized commands".
    """
    seen = {
        f"{key}_localized": text
        for key in ("name", "description")
        if (text := (command.get(f"{key}_localizations") or {}).get(locale))
    }
    inner = {
        key: [localized(part, locale) for part in command[key]] for key in ("options", "choices") if command.get(key)
    }
    return command | seen | inner


def run(state: State, user: Json, channel: Json, name: str, options: Any, files: dict[str, Upload]) -> Interaction:
    """Run a slash command; subcommands by their full name, such as "quota set". Raises: ClientRefusal."""
    if entry := _entry_point(state, user, channel, name):
        return _launch(state, user, channel, entry)
    command, path, leaf = _command(state, user, channel, name)
    options = an_object("options", options)
    known = {option["name"]: option for option in leaf.get("options", [])}
    if unknown := (options.keys() | files.keys()) - known.keys():
        raise ClientRefusal(f"/{name} has no option {', '.join(sorted(unknown))}.")
    resolved = Resolved(state, user, channel)
    values = [
        _value(option, options.get(key), files.get(key), resolved)
        for key, option in known.items()
        if key in options or key in files or option.get("required")
    ]
    data = _data(command, _nested(path, values)) | ({"resolved": resolved.data} if resolved.data else {})
    return interactions.begin(state, interactions.COMMAND, user, channel, data)


def _entry_point(state: State, user: Json, channel: Json, name: str) -> Json | None:
    offered = (command for command in commands_in(state, user, channel) if command["type"] == ENTRY_POINT)
    return next((command for command in offered if command["name"] == name), None)


def _launch(state: State, user: Json, channel: Json, command: Json) -> Interaction:
    """Launch the application's Activity. Raises: ClientRefusal if Discord handles that itself."""
    if command["handler"] == BY_DISCORD:
        raise ClientRefusal(f"Discord launches {command['name']} itself, without an interaction.")
    data = {"id": command["id"], "name": command["name"], "type": ENTRY_POINT}
    return interactions.begin(state, interactions.COMMAND, user, channel, data)


def run_on(state: State, user: Json, channel: Json, name: str, target: str) -> Interaction:
    """Run a menu command on a message or a user. Raises: ClientRefusal."""
    stored = state.world.message(channel["id"], target)
    kind = ON_MESSAGE if stored else ON_USER
    command = next(
        (
            command
            for command in commands_in(state, user, channel)
            if command["name"] == name and command["type"] == kind
        ),
        None,
    )
    if command is None:
        raise ClientRefusal(f"There is no command {name} on {target} here.")
    if stored and stored.seen_by not in {None, user["id"]}:
        raise ClientRefusal(f"{user['username']} can't see the message {target}.")
    resolved = Resolved(state, user, channel)
    target_id = resolved.message(stored) if stored else resolved.user(target)
    data = {"id": command["id"], "name": name, "type": kind, "target_id": target_id, "resolved": resolved.data}
    data |= _registered_to(command)
    return interactions.begin(state, interactions.COMMAND, user, channel, data)


def complete(state: State, user: Json, channel: Json, name: str, options: Any, focused: str) -> Interaction:
    """Type into an option with autocomplete. Raises: ClientRefusal."""
    command, path, leaf = _command(state, user, channel, name)
    options = an_object("options", options)
    known = {option["name"]: option for option in leaf.get("options", [])}
    if not known.get(focused, {}).get("autocomplete"):
        raise ClientRefusal(f"{focused} of /{name} has no autocomplete.")
    values = [
        {"name": key, "type": known[key]["type"], "value": value} | ({"focused": True} if key == focused else {})
        for key, value in ({focused: ""} | options).items()
        if key in known
    ]
    return interactions.begin(state, interactions.AUTOCOMPLETE, user, channel, _data(command, _nested(path, values)))


def _command(state: State, user: Json, channel: Json, name: str) -> tuple[Json, list[Json], Json]:
    """Find a command by name. Return it, the path through its groups, and the part that has the options."""
    first, *rest = name.split(" ")
    offered = (command for command in commands_in(state, user, channel) if command["type"] == CHAT_INPUT)
    command = next((command for command in offered if command["name"] == first), None)
    if command is None:
        raise ClientRefusal(f"There is no command /{name} here.")
    leaf, path = command, []
    while inner := [option for option in leaf.get("options", []) if option["type"] in {SUB_COMMAND, SUB_COMMAND_GROUP}]:
        subname = rest.pop(0) if rest else ""
        subcommand = next((option for option in inner if option["name"] == subname), None)
        if subcommand is None:
            names = ", ".join(f"/{first} {option['name']}" for option in inner)
            raise ClientRefusal(f"/{name} isn't a command here. Use one of {names}.")
        path.append(subcommand)
        leaf = subcommand
    if rest:
        raise ClientRefusal(f"There is no command /{name} here.")
    return command, path, leaf


def _nested(path: list[Json], values: list[Json]) -> list[Json]:
    for step in reversed(path):
        values = [{"name": step["name"], "type": step["type"], "options": values}]
    return values


def _data(command: Json, options: list[Json]) -> Json:
    data = {"id": command["id"], "name": command["name"], "type": CHAT_INPUT, "options": options}
    return data | _registered_to(command)


def _registered_to(command: Json) -> Json:
    """Return the `guild_id` of a server's own command.

    Source: Discord API reference, "Interaction Data".
    """
    return {"guild_id": command["guild_id"]} if "guild_id" in command else {}


def _value(option: Json, entered: Any, upload: Upload | None, resolved: Resolved) -> Json:
    name, kind = option["name"], option["type"]
    if kind == ATTACHMENT and upload:
        require_file_type(option, upload)
        return {"name": name, "type": kind, "value": resolved.attachment(upload)}
    if entered is None:
        raise ClientRefusal(f"{name}: This option is required. Specify a value.")
    try:
        return {"name": name, "type": kind, "value": _converted(option, entered, resolved)}
    except ClientRefusal as refusal:
        raise ClientRefusal(f"{name}: {refusal}") from None


def _converted(option: Json, entered: Any, resolved: Resolved) -> Any:
    """Convert an option's value to what the bot receives. Raises: ClientRefusal."""
    match option["type"]:
        case 6:
            return resolved.user(entered)
        case 7:
            return resolved.channel(entered, option.get("channel_types"))
        case 8:
            return resolved.role(entered)
        case 9:
            return resolved.mentionable(entered)
    value = _chosen(option, entered) if option.get("choices") else entered
    _check_value(option, value)
    return value


def _chosen(option: Json, value: Any) -> Any:
    for choice in option["choices"]:
        if value in {choice["name"], choice["value"]}:
            return choice["value"]
    raise ClientRefusal(f"Pick a valid option: {', '.join(c['name'] for c in option['choices'])}.")


_TYPES: dict[int, tuple[type, ...]] = {STRING: (str,), INTEGER: (int,), BOOLEAN: (bool,), NUMBER: (int, float)}


def _check_value(option: Json, value: Any) -> None:
    kind = option["type"]
    right = isinstance(value, _TYPES.get(kind, (str,))) and isinstance(value, bool) == (kind == BOOLEAN)
    if not right:
        raise ClientRefusal(f"Input a valid value, not {value!r}.")
    size = len(value) if isinstance(value, str) else value
    low, high = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    least, most = option.get(low), option.get(high, LONGEST_STRING if kind == STRING else None)
    if (least is not None and size < least) or (most is not None and size > most):
        bounds = (f"at least {least}" if least is not None else "", f"at most {most}" if most is not None else "")
        raise ClientRefusal(f"It takes {' and '.join(filter(None, bounds))}{' characters' if kind == STRING else ''}.")
