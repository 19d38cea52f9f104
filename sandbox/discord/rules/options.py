"""Names, options and choices of application commands. Source: Discord, "Application Command Object"."""

import re

from sandbox.discord.rules.file_types import check_file_types
from sandbox.discord.rules.interactive import CHANNEL_TYPES
from sandbox.discord.rules.node import Node, quoted

SUBCOMMAND, GROUP, STRING, INTEGER, CHANNEL, NUMBER, ATTACHMENT = 1, 2, 3, 4, 7, 10, 11
ARGUMENTS = (STRING, INTEGER, 5, 6, CHANNEL, 8, 9, NUMBER, ATTACHMENT)
TOP_LEVEL = (SUBCOMMAND, GROUP, *ARGUMENTS)
COMPLETABLE = (STRING, INTEGER, NUMBER)

LONGEST_NAME = 32
LONGEST_DESCRIPTION = 100
LONGEST_CHOICE = 100
LONGEST_STRING = 6000
LARGEST_NUMBER = 2**53 - 1
MOST_OPTIONS = 25
MOST_CHOICES = 25

# Letters, digits and "_" are Python's \w; vowel signs of Devanagari and Thai are marks, which \w leaves out.
NAME = re.compile(r"[-'\w\u0900-\u097f\ua8e0-\ua8ff\u0e00-\u0e7f]+")
LOCALE = re.compile(
    "ar|bg|cs|da|de|el|en-GB|en-US|es-419|es-ES|fi|fr|he|hi|hr|hu|id|it|ja|ko|lt|nl|no|pl|pt-BR|ro|ru|sv-SE|"
    "th|tr|uk|vi|zh-CN|zh-TW"
)


def check_name(node: Node, key: str = "name", *, spoken: bool = True) -> str | None:
    """Check a name that is typed after a slash (`spoken`), or one in a menu, which may be any text."""
    name = node.text(key, 1, LONGEST_NAME, required=True)
    if name is None or not spoken:
        return name
    if not NAME.fullmatch(name):
        node.fail("STRING_TYPE_REGEX", "String value did not match validation regex.", key)
    elif name != name.lower():
        node.fail("APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid", key)
    return name


def check_localizations(node: Node, key: str, most: int, *, spoken: bool = False) -> None:
    """Check translations: known locales, each text under the same rules as the one it translates."""
    texts = node.child(key)
    if texts is None:
        return
    for locale in texts.value:
        if not LOCALE.fullmatch(locale):
            node.fail("ENUM_TYPE_COERCE", f'Value "{quoted(locale)}" is not a valid enum value.', key)
        elif spoken:
            check_name(texts, locale)
        else:
            texts.text(locale, 1, most, required=True)


def check_option_list(node: Node, allowed: tuple[int, ...]) -> None:
    """Check the options of a command, subcommand or group."""
    names: set[str] = set()
    kinds: set[bool] = set()
    optional = False
    for option in node.children("options", 0, MOST_OPTIONS):
        name, kind = _check_option(option, allowed)
        if name in names:
            message = f"Option name {name} is already used in these options"
            option.fail("APPLICATION_COMMAND_OPTIONS_NAME_INVALID", message)
        if kind in ARGUMENTS and option.boolean("required"):
            if optional:
                message = "Required options must be placed before non-required options"
                option.fail("APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", message)
        elif kind in ARGUMENTS:
            optional = True
        names.update([name] if name else [])
        kinds.update([kind in ARGUMENTS] if kind else [])
    if len(kinds) > 1:
        message = "Sub-command and sub-command group option types are mutually exclusive to all other types"
        node.fail("APPLICATION_COMMAND_OPTIONS_TYPE_INVALID", message, "options")


def _check_option(option: Node, allowed: tuple[int, ...]) -> tuple[str | None, int | None]:
    kind = option.kind(allowed)
    name = check_name(option)
    check_localizations(option, "name_localizations", LONGEST_NAME, spoken=True)
    option.text("description", 1, LONGEST_DESCRIPTION, required=True)
    check_localizations(option, "description_localizations", LONGEST_DESCRIPTION)
    if kind in (SUBCOMMAND, GROUP):
        check_option_list(option, ARGUMENTS if kind == SUBCOMMAND else (SUBCOMMAND,))
    elif kind is not None:
        _check_argument(option, kind)
    return name, kind


def _check_argument(option: Node, kind: int) -> None:
    """Check what narrows an argument: bounds, choices, channel and file types."""
    completed = option.boolean("autocomplete")
    if kind == CHANNEL:
        option.members("channel_types", CHANNEL_TYPES)
    if kind == ATTACHMENT:
        check_file_types(option)
    if kind == STRING:
        _check_bounds(option, "length", 0, LONGEST_STRING)
    if kind in (INTEGER, NUMBER):
        _check_bounds(option, "value", -LARGEST_NUMBER, LARGEST_NUMBER)
    if kind in COMPLETABLE:
        check_choices_of(option, kind, LONGEST_CHOICE)
    if option.value.get("choices") and (completed or kind not in COMPLETABLE):
        message = "This option cannot have choices"
        option.fail("APPLICATION_COMMAND_OPTION_CHOICES_INVALID", message, "choices")
    if completed and kind not in COMPLETABLE:
        message = "This option type does not support autocomplete"
        option.fail("APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID", message, "autocomplete")


def _check_bounds(option: Node, what: str, least: int, most: int) -> None:
    """Check a pair of bounds: each in its range, whole where the option is, the lower not above the upper."""
    read = option.number if option.value["type"] == NUMBER else option.integer
    lower, upper = read(f"min_{what}", least, most), read(f"max_{what}", least + 1, most)
    if lower is not None and upper is not None and lower > upper:
        message = f"int value should be less than or equal to {upper}."
        option.fail("NUMBER_TYPE_MAX", message, f"min_{what}")


def check_choices_of(node: Node, kind: int, longest: int) -> None:
    """Check a list of choices: unique names, values of the option's type."""
    names: set[str] = set()
    for choice in node.children("choices", 0, MOST_CHOICES):
        name = choice.text("name", 1, LONGEST_CHOICE, required=True)
        check_localizations(choice, "name_localizations", LONGEST_CHOICE)
        if name in names:
            message = f"Choice name {name} is already used in these choices"
            choice.fail("APPLICATION_COMMAND_OPTION_CHOICES_NAME_INVALID", message, "name")
        names.update([name] if name else [])
        if not choice.has("value"):
            choice.fail("BASE_TYPE_REQUIRED", "This field is required", "value")
        elif kind == STRING:
            choice.text("value", 0, longest)
        elif kind == INTEGER:
            choice.integer("value", -LARGEST_NUMBER, LARGEST_NUMBER)
        else:
            choice.number("value", -LARGEST_NUMBER, LARGEST_NUMBER)
