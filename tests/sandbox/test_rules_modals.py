"""Modals: labels, text inputs, uploads, groups."""

import pytest

from sandbox.discord.rules import check_modal
from tests.sandbox.refusals import refused

INPUT = {"type": 4, "custom_id": "a", "style": 1}
UPLOAD = {"type": 19, "custom_id": "u"}


def label(component, **fields):
    return {"type": 18, "label": "L", "component": component, **fields}


def modal(*components, **fields):
    return {"title": "T", "custom_id": "m", "components": list(components), **fields}


def options(count):
    return [{"label": str(n), "value": str(n)} for n in range(count)]


ACCEPTED = {
    "a text input in a label": modal(label(INPUT, description="d")),
    "a text input in a row": modal({"type": 1, "components": [{**INPUT, "label": "L"}]}),
    "text between": modal({"type": 10, "content": "read me"}, label(INPUT)),
    "a filled text input": modal(label({**INPUT, "style": 2, "value": "x" * 4000, "max_length": 4000})),
    "an optional, empty text input with a least length": modal(
        label({**INPUT, "required": False, "min_length": 5, "value": ""}),
    ),
    "an upload": modal(label({**UPLOAD, "min_values": 0, "max_values": 10, "required": False})),
    "a select": modal(label({"type": 3, "custom_id": "s", "options": options(3), "max_values": 3})),
    "a radio group": modal(label({"type": 21, "custom_id": "r", "options": options(2)})),
    "a checkbox group": modal(label({"type": 22, "custom_id": "c", "options": options(10), "max_values": 10})),
    "a checkbox": modal(label({"type": 23, "custom_id": "b", "default": True})),
}

REFUSED = {
    "a text input with a label in a label": (
        modal(label({**INPUT, "label": "L"})),
        "components.0.component.label",
        "TEXT_INPUT_LABEL_IN_LABEL",
    ),
    "no title": (modal(label(INPUT), title=None), "title", "BASE_TYPE_REQUIRED"),
    "a title over 45": (modal(label(INPUT), title="x" * 46), "title", "BASE_TYPE_BAD_LENGTH"),
    "no custom id": (modal(label(INPUT), custom_id=None), "custom_id", "BASE_TYPE_REQUIRED"),
    "no components": (modal(), "components", "BASE_TYPE_BAD_LENGTH"),
    "six components": (modal(*[{"type": 10, "content": "x"}] * 6), "components", "BASE_TYPE_BAD_LENGTH"),
    "a text input by itself": (modal(INPUT), "components.0", "UNION_TYPE_CHOICES"),
    "a label over 45": (modal(label(INPUT, label="x" * 46)), "components.0.label", "BASE_TYPE_BAD_LENGTH"),
    "a description over 100": (
        modal(label(INPUT, description="x" * 101)),
        "components.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a label of nothing": (modal(label(None)), "components.0.component", "BASE_TYPE_REQUIRED"),
    "a label of a button": (
        modal(label({"type": 2, "style": 1, "custom_id": "a"})),
        "components.0.component",
        "UNION_TYPE_CHOICES",
    ),
    "a row of two inputs": (
        modal({"type": 1, "components": [{**INPUT, "label": "L"}, {**INPUT, "label": "L"}]}),
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an input in a row without a label": (
        modal({"type": 1, "components": [INPUT]}),
        "components.0.components.0.label",
        "BASE_TYPE_REQUIRED",
    ),
    "a custom id told twice": (
        modal(label(INPUT), label(INPUT)),
        "components.1.component.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "an input without a style": (
        modal(label({**INPUT, "style": None})),
        "components.0.component.style",
        "BASE_TYPE_REQUIRED",
    ),
    "an input over 4000": (
        modal(label({**INPUT, "max_length": 4096})),
        "components.0.component.max_length",
        "NUMBER_TYPE_MAX",
    ),
    "an input of no length": (
        modal(label({**INPUT, "max_length": 0})),
        "components.0.component.max_length",
        "NUMBER_TYPE_MIN",
    ),
    "a least length over the most": (
        modal(label({**INPUT, "min_length": 9, "max_length": 3})),
        "components.0.component.min_length",
        "NUMBER_TYPE_MAX",
    ),
    "an input filled over its length": (
        modal(label({**INPUT, "max_length": 3, "value": "four"})),
        "components.0.component.value",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a placeholder over 100": (
        modal(label({**INPUT, "placeholder": "x" * 101})),
        "components.0.component.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "eleven uploads": (
        modal(label({**UPLOAD, "max_values": 11})),
        "components.0.component.max_values",
        "NUMBER_TYPE_MAX",
    ),
    "a required upload of none": (
        modal(label({**UPLOAD, "min_values": 0})),
        "components.0.component.min_values",
        "NUMBER_TYPE_MIN",
    ),
    "a disabled select": (
        modal(label({"type": 5, "custom_id": "s", "disabled": True})),
        "components.0.component.disabled",
        "MODAL_COMPONENT_DISABLED",
    ),
    "one radio": (
        modal(label({"type": 21, "custom_id": "r", "options": options(1)})),
        "components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "two radios chosen": (
        modal(label({"type": 21, "custom_id": "r", "options": [{**o, "default": True} for o in options(2)]})),
        "components.0.component.options",
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    "eleven checkboxes": (
        modal(label({"type": 22, "custom_id": "c", "options": options(11)})),
        "components.0.component.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a list": ([], "", "MODEL_TYPE_CONVERT"),
}


@pytest.mark.parametrize("payload", ACCEPTED.values(), ids=ACCEPTED)
def test_a_modal_may_have(payload):
    assert refused(check_modal(payload)) == []


@pytest.mark.parametrize(("payload", "path", "code"), REFUSED.values(), ids=REFUSED)
def test_a_modal_is_refused_for(payload, path, code):
    assert refused(check_modal(payload)) == [(f"data.{path}" if path else "data", code)]
