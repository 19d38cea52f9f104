"""A modal that a bot opens. Source: Discord, "Component Reference" (Label and what may stand in it)."""

from sandbox.discord.rules.components import ACTION_ROW, TEXT, check_text
from sandbox.discord.rules.file_types import check_file_types
from sandbox.discord.rules.interactive import SELECTS, Check, Seen, check_options, check_range, check_select
from sandbox.discord.rules.node import Node
from sandbox.discord.rules.problems import Problem, Problems, invalid_form, not_an_object

LABEL = 18
TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 4, 19, 21, 22, 23
TOP_LEVEL = (ACTION_ROW, TEXT, LABEL)
IN_LABEL = (*SELECTS, TEXT_INPUT, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)

LONGEST_TITLE = 45
LONGEST_LABEL = 45
LONGEST_CUSTOM_ID = 100
LONGEST_DESCRIPTION = 100
LONGEST_PLACEHOLDER = 100
LONGEST_INPUT = 4000
MOST_COMPONENTS = 5
MOST_FILES = 10
MOST_GROUPED = 10
LEAST_RADIOS = 2
STYLES = (1, 2)


def check_modal(payload: object) -> Problems | None:
    """Check the `data` of a modal callback (type 9)."""
    problems: list[Problem] = []
    if not isinstance(payload, dict):
        return invalid_form([not_an_object(("data",))])
    modal = Node(payload, ("data",), problems)
    modal.text("title", 1, LONGEST_TITLE, required=True)
    modal.text("custom_id", 1, LONGEST_CUSTOM_ID, required=True)
    seen = Seen()
    for node in modal.children("components", 1, MOST_COMPONENTS, required=True):
        _visit(node, TOP_LEVEL, seen)
    return invalid_form(problems)


def _visit(node: Node, allowed: tuple[int, ...], seen: Seen) -> None:
    seen.visit(node, allowed, CHECKS)


def _check_row(row: Node, seen: Seen) -> None:
    """Check an action row: the older way, one text input with a label of its own."""
    for node in row.children("components", 1, 1, required=True):
        node.text("label", 1, LONGEST_LABEL, required=True)
        _visit(node, (TEXT_INPUT,), seen)


def _check_label(node: Node, seen: Seen) -> None:
    node.text("label", 1, LONGEST_LABEL, required=True)
    node.text("description", 0, LONGEST_DESCRIPTION)
    if child := node.child("component", required=True):
        _visit(child, IN_LABEL, seen)
        if child.value.get("type") == TEXT_INPUT and child.has("label"):
            child.fail("TEXT_INPUT_LABEL_IN_LABEL", "A text input inside a label cannot have a label", "label")
        if child.value.get("disabled"):
            child.fail("MODAL_COMPONENT_DISABLED", "Modals cannot have disabled components", "disabled")


def _check_input(node: Node, seen: Seen) -> None:
    """Check a text input: its bounds, and that what it is filled with keeps them."""
    seen.custom_id(node)
    node.choice("style", STYLES, required=True)
    node.text("placeholder", 0, LONGEST_PLACEHOLDER)
    node.boolean("required")
    least = node.integer("min_length", 0, LONGEST_INPUT) or 0
    most = node.integer("max_length", 1, LONGEST_INPUT) or LONGEST_INPUT
    if least > most:
        message = f"int value should be less than or equal to {most}."
        node.fail("NUMBER_TYPE_MAX", message, "min_length")
    elif node.value.get("value"):
        node.text("value", least, most)


def _check_chosen(node: Node, seen: Seen) -> None:
    check_select(node, seen)
    _check_required(node)


def _check_upload(node: Node, seen: Seen) -> None:
    seen.custom_id(node)
    node.boolean("required")
    check_range(node, MOST_FILES)
    check_file_types(node)
    _check_required(node)


def _check_radios(node: Node, seen: Seen) -> None:
    seen.custom_id(node)
    node.boolean("required")
    check_options(node, LEAST_RADIOS, MOST_GROUPED, 1)


def _check_boxes(node: Node, seen: Seen) -> None:
    seen.custom_id(node)
    node.boolean("required")
    node.integer("min_values", 0, MOST_GROUPED)
    most = node.integer("max_values", 1, MOST_GROUPED) or 1
    check_options(node, most, MOST_GROUPED, MOST_GROUPED)
    _check_required(node)


def _check_box(node: Node, seen: Seen) -> None:
    seen.custom_id(node)
    node.boolean("default")


def _check_required(node: Node) -> None:
    """Refuse a component that must be answered with nothing: required is the default in a modal."""
    if node.value.get("required") is not False and node.value.get("min_values") == 0:
        message = "int value should be greater than or equal to 1."
        node.fail("NUMBER_TYPE_MIN", message, "min_values")


CHECKS: dict[int, Check] = {
    ACTION_ROW: _check_row,
    LABEL: _check_label,
    TEXT: check_text,
    TEXT_INPUT: _check_input,
    FILE_UPLOAD: _check_upload,
    RADIO_GROUP: _check_radios,
    CHECKBOX_GROUP: _check_boxes,
    CHECKBOX: _check_box,
    **dict.fromkeys(SELECTS, _check_chosen),
}
