"""Buttons and select menus, in messages and modals. Source: Discord, "Component Reference"."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.discord.rules.emoji import is_emoji
from sandbox.discord.rules.node import WEB, Node

BUTTON, STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 2, 3, 5, 6, 7, 8
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
DEFAULT_VALUES = {
    USER_SELECT: ("user",),
    ROLE_SELECT: ("role",),
    MENTIONABLE_SELECT: ("user", "role"),
    CHANNEL_SELECT: ("channel",),
}
CHANNEL_TYPES = (0, 1, 2, 3, 4, 5, 10, 11, 12, 13, 14, 15, 16)

LINK, PREMIUM = 5, 6
STYLES = (1, 2, 3, 4, LINK, PREMIUM)
LINK_SCHEMES = (*WEB, "discord")

LARGEST_ID = 2**31 - 1
LONGEST_CUSTOM_ID = 100
LONGEST_LABEL = 80
LONGEST_LINK = 512
LONGEST_EMOJI_NAME = 32
LONGEST_PLACEHOLDER = 150
LONGEST_OPTION = 100
MOST_OPTIONS = 25

Check = Callable[[Node, "Seen"], None]


@dataclass(slots=True)
class Seen:
    """Collects what must hold for a whole message or modal: unique ids, and totals; `files` counts each file name."""

    files: Counter[str] = field(default_factory=Counter)
    ids: set[int] = field(default_factory=set)
    custom_ids: set[str] = field(default_factory=set)
    components: int = 0
    characters: int = 0

    def visit(self, node: Node, allowed: tuple[int, ...], checks: Mapping[int, Check]) -> None:
        """Check a component by its type, if that is allowed here."""
        kind = node.kind(allowed)
        if kind is not None:
            self._count(node)
            checks[kind](node, self)

    def _count(self, node: Node) -> None:
        """Count a component, and check that its numeric id is unique (Discord replaces 0 and a missing id)."""
        self.components += 1
        if number := node.integer("id", 0, LARGEST_ID):
            if number in self.ids:
                node.fail("COMPONENT_ID_DUPLICATED", "Component id cannot be duplicated", "id")
            self.ids.add(number)

    def custom_id(self, node: Node, *, required: bool = True) -> None:
        """Check a custom id: 1 to 100 characters, and unique."""
        custom_id = node.text("custom_id", 1, LONGEST_CUSTOM_ID, required=required)
        if custom_id is None:
            return
        if custom_id in self.custom_ids:
            message = "Component custom id cannot be duplicated"
            node.fail("COMPONENT_CUSTOM_ID_DUPLICATED", message, "custom_id")
        self.custom_ids.add(custom_id)


def check_button(node: Node, seen: Seen) -> None:
    """Check a button: its style decides which fields it must and can have."""
    style = node.choice("style", STYLES, required=True)
    node.boolean("disabled")
    node.text("label", 0, LONGEST_LABEL)
    node.url("url", LINK_SCHEMES, most=LONGEST_LINK)
    node.snowflake("sku_id")
    check_emoji(node)
    seen.custom_id(node, required=False)
    if style == PREMIUM:
        _check_premium(node)
    elif style == LINK:
        _check_target(node, "url", excluded="custom_id")
    elif style is not None:
        _check_target(node, "custom_id", excluded="url")
    if style in STYLES[:-1] and not node.value.get("label") and not node.has("emoji"):
        node.fail("BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED", "A label or emoji is required", "label")


def _check_target(node: Node, required: str, excluded: str) -> None:
    """Check that a button has a custom id or a URL, as its style requires, and not both."""
    if node.has(excluded):
        message = "A custom id and url cannot both be specified"
        node.fail("BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE", message)
    elif not node.has(required):
        message = f"A {required.replace('_', ' ')} is required"
        node.fail(f"BUTTON_COMPONENT_{required.upper()}_REQUIRED", message, required)
    if node.has("sku_id"):
        node.fail("BUTTON_COMPONENT_SKU_ID_NOT_ALLOWED", "Only premium buttons have a sku id", "sku_id")


def _check_premium(node: Node) -> None:
    if not node.has("sku_id"):
        node.fail("BUTTON_COMPONENT_SKU_ID_REQUIRED", "A sku id is required", "sku_id")
    for key in ("custom_id", "label", "url", "emoji"):
        if node.has(key):
            node.fail("BUTTON_COMPONENT_PREMIUM_FIELD_NOT_ALLOWED", f"A premium button has no {key}", key)


def check_emoji(node: Node) -> None:
    """Check a partial emoji: a custom one by its id, or one Unicode emoji by its name."""
    emoji = node.child("emoji")
    if emoji is None:
        return
    emoji.boolean("animated")
    name = emoji.text("name", 0, LONGEST_EMOJI_NAME)
    if emoji.has("id"):
        emoji.snowflake("id")
    elif name is None or not is_emoji(name):
        emoji.fail("COMPONENT_INVALID_EMOJI", "Invalid emoji", "name")


def check_select(node: Node, seen: Seen) -> None:
    """Check a select menu of any kind."""
    seen.custom_id(node)
    node.text("placeholder", 0, LONGEST_PLACEHOLDER)
    node.boolean("disabled")
    node.boolean("required")
    most = check_range(node, MOST_OPTIONS)
    kind = node.value["type"]
    if kind == STRING_SELECT:
        check_options(node, max(1, most), MOST_OPTIONS, most)
        return
    chosen = 0
    for value in node.children("default_values", 0, MOST_OPTIONS):
        chosen += 1
        value.snowflake("id", required=True)
        if value.value.get("type") not in DEFAULT_VALUES[kind]:
            value.fail("BASE_TYPE_CHOICES", f"Value must be one of {DEFAULT_VALUES[kind]}.", "type")
    _check_defaults(node, "default_values", chosen, most)
    if kind == CHANNEL_SELECT:
        node.members("channel_types", CHANNEL_TYPES)


def check_range(node: Node, limit: int) -> int:
    """Check `min_values` against `max_values` and return the greater bound in force."""
    least = node.integer("min_values", 0, limit)
    most = node.integer("max_values", 1, limit)
    bound = 1 if most is None else most
    if least is not None and least > bound:
        message = f"int value should be less than or equal to {bound}."
        node.fail("NUMBER_TYPE_MAX", message, "min_values")
    return bound


def check_options(node: Node, least: int, limit: int, defaults: int) -> None:
    """Check the options of a select or group: as many as can be chosen, each value once."""
    values: set[str] = set()
    chosen = 0
    for option in node.children("options", least, limit, required=True):
        option.text("label", 1, LONGEST_OPTION, required=True)
        option.text("description", 0, LONGEST_OPTION)
        check_emoji(option)
        chosen += option.boolean("default") is True
        value = option.text("value", 1, LONGEST_OPTION, required=True)
        if value in values:
            message = "The specified option value is already used"
            option.fail("SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", message, "value")
        if value is not None:
            values.add(value)
    _check_defaults(node, "options", chosen, defaults)


def _check_defaults(node: Node, key: str, chosen: int, most: int) -> None:
    if chosen > most:
        message = "The specified number of default values exceeds the specified maximum values"
        node.fail("SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES", message, key)
