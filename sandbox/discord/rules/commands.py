"""Application commands, and choices that complete their options. Source: Discord, "Application Commands"."""

from collections import Counter
from typing import Any

from sandbox.discord.rules.node import Node
from sandbox.discord.rules.options import (
    COMPLETABLE,
    INTEGER,
    LONGEST_DESCRIPTION,
    LONGEST_NAME,
    NUMBER,
    STRING,
    TOP_LEVEL,
    check_choices_of,
    check_localizations,
    check_name,
    check_option_list,
)
from sandbox.discord.rules.problems import TOO_MANY_COMMANDS, Path, Problem, Problems, invalid_form, not_an_object

CHAT_INPUT, USER, MESSAGE, ENTRY_POINT = 1, 2, 3, 4
MENUS = (USER, MESSAGE)
MOST_OF_A_TYPE = {CHAT_INPUT: 100, USER: 15, MESSAGE: 15, ENTRY_POINT: 1}
LONGEST_COMMAND = 8000
CONTEXTS = (0, 1, 2)
INTEGRATION_TYPES = (0, 1)
HANDLERS = (1, 2)
LONGEST_COMPLETION = 100
LARGEST_PERMISSIONS = 2**54 - 1


def check_commands(
    payload: object, supported: tuple[int, ...] = INTEGRATION_TYPES, contexts: tuple[int, ...] = CONTEXTS
) -> Problems | None:
    """Check the body of a bulk overwrite: every command, and what must hold over all of them.

    `supported` are the application's own integration types, `contexts` those that commands of this scope may have.
    """
    if not isinstance(payload, list):
        message = "Only iterables may be used in a ListType"
        return invalid_form([Problem((), "LIST_TYPE_CONVERT", message)])
    counts = Counter(_type_of(command) for command in payload)
    for kind, most in MOST_OF_A_TYPE.items():
        if counts[kind] > most:
            return Problems(TOO_MANY_COMMANDS, f"Maximum number of application commands reached ({most})")
    problems: list[Problem] = []
    names: set[tuple[object, str]] = set()
    for index, command in enumerate(payload):
        name = _check(command, (index,), problems, supported, contexts)
        key = (_type_of(command), name or "")
        if name is not None and key in names:
            message = "Application command names must be unique"
            problems.append(Problem((index,), "APPLICATION_COMMANDS_DUPLICATE_NAME", message))
        names.add(key)
    return invalid_form(problems)


def check_command(
    payload: object, supported: tuple[int, ...] = INTEGRATION_TYPES, contexts: tuple[int, ...] = CONTEXTS
) -> Problems | None:
    """Check the body that creates one command."""
    problems: list[Problem] = []
    _check(payload, (), problems, supported, contexts)
    return invalid_form(problems)


def check_choices(payload: object, kind: int | None = None) -> Problems | None:
    """Check the `data` of an autocomplete callback (type 8).

    `kind` is the type of the option under completion; without it, the first choice's value tells it.
    """
    if not isinstance(payload, dict):
        return invalid_form([not_an_object(("data",))])
    problems: list[Problem] = []
    data = Node(payload, ("data",), problems)
    check_choices_of(data, kind if kind in COMPLETABLE else _guess(payload.get("choices")), LONGEST_COMPLETION)
    return invalid_form(problems)


def _guess(choices: object) -> int:
    first = choices[0] if isinstance(choices, list) and choices else None
    value = first.get("value") if isinstance(first, dict) else None
    return {int: INTEGER, float: NUMBER}.get(type(value), STRING)


def _type_of(command: object) -> object:
    kind = command.get("type") if isinstance(command, dict) else None
    return CHAT_INPUT if kind is None or not isinstance(kind, int) else kind


def _check(
    payload: object, path: Path, problems: list[Problem], supported: tuple[int, ...], contexts: tuple[int, ...]
) -> str | None:
    """Check one command and return its name where it has a right one."""
    if not isinstance(payload, dict):
        problems.append(not_an_object(path))
        return None
    before = len(problems)
    node = Node(payload, path, problems)
    kind = node.choice("type", tuple(MOST_OF_A_TYPE)) or CHAT_INPUT
    spoken = kind == CHAT_INPUT
    name = check_name(node, spoken=spoken)
    check_localizations(node, "name_localizations", LONGEST_NAME, spoken=spoken)
    check_localizations(node, "description_localizations", LONGEST_DESCRIPTION)
    _check_place(node, supported, contexts)
    if kind in MENUS:
        _check_menu(node)
    elif kind == CHAT_INPUT:
        node.text("description", 1, LONGEST_DESCRIPTION, required=True)
        check_option_list(node, TOP_LEVEL)
    if len(problems) == before and measure(payload) > LONGEST_COMMAND:
        message = f"Command exceeds maximum size ({LONGEST_COMMAND})"
        node.fail("APPLICATION_COMMAND_TOO_LARGE", message)
    return name


def _check_place(node: Node, supported: tuple[int, ...], contexts: tuple[int, ...]) -> None:
    """Check where the command is offered, and to whom. Source: Discord, "Application Commands", Contexts."""
    node.boolean("nsfw")
    node.boolean("dm_permission")
    node.members("contexts", contexts)
    node.members("integration_types", supported)
    node.choice("handler", HANDLERS)
    permissions = node.value.get("default_member_permissions")
    if isinstance(permissions, str):
        node.snowflake("default_member_permissions")
    else:
        node.integer("default_member_permissions", 0, LARGEST_PERMISSIONS)


def _check_menu(node: Node) -> None:
    """Check what a command in a context menu may not have."""
    for key in ("description", "options"):
        if node.value.get(key):
            message = f"Context menu commands cannot have {key}"
            node.fail(f"APPLICATION_COMMAND_INVALID_{key.upper()}", message, key)


def measure(node: Any) -> int:
    """Count a command's size: names, descriptions and choices' values, each in its longest translation."""
    if not isinstance(node, dict):
        return 0
    size = 0
    for key in ("name", "description"):
        texts = node.get(f"{key}_localizations")
        spoken = [node.get(key), *(texts.values() if isinstance(texts, dict) else ())]
        size += max((len(text) for text in spoken if isinstance(text, str)), default=0)
    if isinstance(node.get("value"), str):
        size += len(node["value"])
    for key in ("options", "choices"):
        if isinstance(node.get(key), list):
            size += sum(map(measure, node[key]))
    return size
