"""The models that the service lists when it refuses one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream.errors import ModelRefused
from seedream.listed_models import MAX_LISTED, listed_models
from seedream.responses import parse_error

PRO, LITE = "doubao-seedream-5-0-pro-260628", "doubao-seedream-5-0-260128"


@pytest.mark.parametrize(
    "said",
    [
        f"model must be one of {PRO}, {LITE}",
        f"model must be one of {PRO}, {LITE}.",
        f"model must be one of: {PRO} or {LITE}. Request id: 0217",
        f"Model MUST BE ONE OF [{PRO}, {LITE}] (was x-1)",
        f"model must be one of ['{PRO}', '{LITE}']",
        f"`model` must be one of `{PRO}` and `{LITE}`. Try x-1",
        f"model must be one of {PRO}|{LITE}",
        f"model must be one of {PRO} / {LITE}",
        f"model must be one of {PRO}、{LITE}。",
        f"model must be one of\n{PRO}\n{LITE}",
        f"model must be one of\n- {PRO}\n* {LITE}",
        f"MODEL MUST BE ONE OF {PRO} OR {LITE}",
        f"model should be one of the following models: {PRO}, {LITE}",
        f'model must be one of [\\"{PRO}\\", \\"{LITE}\\"]',
        f"model must be one of [{PRO}], [{LITE}]",
        f"model must be one of {PRO}, {LITE}: x-1 was given",
    ],
)
def test_a_whole_list_is_read_however_it_is_written(said):
    assert listed_models(said) == ((PRO, LITE), True)


@pytest.mark.parametrize(
    "said",
    [
        f"model must be one of {PRO}, {LITE}, ...",
        f"model must be one of {PRO}, {LITE} …",
        f"model must be one of {PRO}, {LITE}, doubao-seedr...",
        f"model must be one of {PRO}, {LITE}, doubao-seedr…",
        f"model must be one of {PRO}, {LITE}, and more",
        f"model must be one of {PRO}, {LITE}, and 3 more",
        f"model must be one of {PRO}, {LITE}, doubao-",
        f"model must be one of {PRO}, {LITE}, prompt: a fox in x-1",
        f"model must be one of {PRO}, {LITE}, {'x-' * 100}, a-1",
    ],
)
def test_a_list_that_is_cut_off_is_not_taken_for_all_of_them(said):
    assert listed_models(said) == ((PRO, LITE), False)


@pytest.mark.parametrize(
    "said",
    [
        "model is invalid.",
        "model must be one of",
        "model must be one of the usual",
        "model must be one of the usual. Try x-1",
        f"model must be one of 1. {PRO} 2. {LITE}",
        f"model must be one of (1) {PRO}, (2) {LITE}",
        "",
    ],
)
def test_without_a_list_nothing_is_known_to_be_all(said):
    assert listed_models(said) == ((), False)


def test_a_long_list_is_read_from_the_uncut_message_up_to_a_bound():
    ids = [f"doubao-seedream-{number}-{'x' * 60}" for number in range(MAX_LISTED)]
    whole, beyond = (f"model must be one of {', '.join(many)}" for many in (ids, [*ids, "one-more"]))
    assert listed_models(whole) == (tuple(ids), True)
    assert listed_models(beyond) == (tuple(ids), False)
    error = parse_error(400, json.dumps({"error": {"code": "bad_request", "message": whole}}).encode())
    assert isinstance(error, ModelRefused)
    assert (error.listed, error.complete, error.who) == (tuple(ids), True, "operator")
    assert len(error.message) == 200


@given(st.text(), st.text())
def test_any_text_gives_bounded_ids(before, after):
    listed, complete = listed_models(f"{before} must be one of {after}")
    assert len(listed) <= MAX_LISTED
    assert all(0 < len(one) <= 100 and one.isascii() for one in listed)
    assert listed or not complete
