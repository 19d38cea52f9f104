"""What is known of a service, and how requests will be sent, in the operator's words."""

from __future__ import annotations

import pytest

from check.results import CheckResult, CheckStatus, format_results
from check.service_knowledge import ago, delivery_results, model_results
from seedream import MODELS
from seedream.errors import ModelRefused
from seedream.providers import PROVIDERS
from seedream.wire_ids import KnownIds
from studio.jobs.api_profile import ApiProfile
from studio.jobs.paths import Delivery
from studio.jobs.states import Path

XHUOAPI, ACEDATA, ARK = (PROVIDERS[name] for name in ("xhuoapi", "acedata", "ark"))
LITE, PRO = "doubao-seedream-5.0-lite", "doubao-seedream-5.0-pro"
NOW = 1_000_000.0
TASK = "as a polled task"
UNSEEN = f"not {TASK}: XHuoAPI doesn't document tasks, and none has worked so far"
ARKS = f"not by callback: Volcengine Ark posts no results; not {TASK}: Volcengine Ark has no tasks"


def ways(provider=XHUOAPI, model=LITE, *, reachable=False, forced=None, profile=None):
    delivery = Delivery(provider=provider, reachable=reachable, forced=forced)
    return [row.detail for row in delivery_results(delivery, model, profile or ApiProfile(), NOW)]


def test_of_a_fresh_service_nothing_is_known_yet():
    (row,) = model_results(KnownIds(), XHUOAPI, NOW)
    assert (row.status, "isn't known yet" in row.detail) == (CheckStatus.OK, True)


def test_what_is_taken_and_refused_is_told_with_how_old_it_is():
    listed = ("doubao-seedream-5-0-lite-260128", "doubao-seedream-6-0-270101")
    refused = ModelRefused(400, "bad_request", "no", listed=listed, complete=True)
    known = KnownIds().with_refused("x", refused, NOW - 7200).with_accepted(LITE, listed[0], NOW - 120)
    others = [model.label for name, model in MODELS.items() if name != LITE]
    assert model_results(known, XHUOAPI, NOW) == [
        CheckResult("models", CheckStatus.OK, f"accepted: {listed[0]} (2 min ago); refused: {', '.join(others)}"),
        CheckResult("", CheckStatus.OK, f"the service's own list (2 h ago): {', '.join(listed)}"),
    ]


@pytest.mark.parametrize(
    ("given", "one", "several"),
    [
        ({"reachable": True}, "by callback", "streamed"),
        (
            {},
            f"streamed (not by callback: PUBLIC_URL is not set; {UNSEEN})",
            "streamed",
        ),
        ({"provider": ACEDATA}, f"{TASK} (not by callback: PUBLIC_URL is not set)", "streamed"),
        (
            {"provider": ARK, "reachable": True},
            f"streamed ({ARKS})",
            "streamed",
        ),
        (
            {"forced": Path.PLAIN},
            "in one plain request, as set by DELIVERY",
            "in one plain request, as set by DELIVERY",
        ),
        (
            {"reachable": True, "profile": ApiProfile().with_path(Path.CALLBACK, works=False, now=NOW - 3600)},
            f"streamed (not by callback: that didn't work 1 h ago; {UNSEEN})",
            "streamed",
        ),
    ],
)
def test_how_pictures_come_and_why_not_otherwise(given, one, several):
    assert ways(**given) == [f"one picture: {one}", f"several: {several}"]


def test_a_model_that_does_not_stream_and_makes_one_at_a_time():
    assert ways(ARK, PRO) == [
        f"one picture: in one plain request ({ARKS}; not streamed: SeeDream 5.0 pro doesn't stream)"
    ]


def test_a_default_model_that_needs_a_picture_is_no_hindrance():
    assert ways(model="doubao-seededit-3.0-i2i") == ways()


@pytest.mark.parametrize(
    ("seconds", "words"), [(-5, "just now"), (59, "just now"), (90, "2 min ago"), (86400, "1 d ago")]
)
def test_how_long_ago(seconds, words):
    assert ago(seconds) == words


def test_rows_are_in_columns_and_each_on_one_line():
    rows = [CheckResult("a", CheckStatus.OK, "one\ntwo"), CheckResult("longer", CheckStatus.FAILED, "")]
    assert list(format_results(rows, header=("what", "ok?", "seen"))) == [
        "what    ok?     seen",
        "a       ok      one two",
        "longer  failed",
    ]
