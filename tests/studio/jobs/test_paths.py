"""How a request is sent."""

from __future__ import annotations

import pytest

from seedream import ImageRequest
from seedream.providers import PROVIDERS
from studio.jobs.api_profile import FAILED_SECONDS, ApiProfile
from studio.jobs.paths import Delivery
from studio.jobs.states import Path

ONE = ImageRequest(prompt="a fox")
FOUR = ImageRequest(prompt="a fox", group=4)
PRO = ImageRequest(prompt="a fox", model="pro")
LAYERS = ImageRequest(prompt="", model="pro", images=("https://files.example/a.png",), layer_decomposition=True)
CALLBACK, STREAM, POLL, PLAIN = Path
NOTHING = ApiProfile()
NOW = 1_000_000.0
YESTERDAY = NOW - FAILED_SECONDS


def seen(path: Path, *, works: bool, at: float = NOW) -> ApiProfile:
    return NOTHING.with_path(path, works=works, now=at)


# Provider, whether PUBLIC_URL is set, what was seen; the way of one picture, several, one by 5.0 pro, and layers.
WAYS = {
    "what XHuoAPI documents": ("xhuoapi", False, NOTHING, STREAM, STREAM, PLAIN, PLAIN),
    "XHuoAPI with a public address": ("xhuoapi", True, NOTHING, CALLBACK, STREAM, CALLBACK, CALLBACK),
    "XHuoAPI once its tasks were seen to work": ("xhuoapi", False, seen(POLL, works=True), POLL, STREAM, POLL, POLL),
    "what Ace Data Cloud documents": ("acedata", False, NOTHING, POLL, STREAM, POLL, POLL),
    "Ace Data Cloud without tasks today": ("acedata", False, seen(POLL, works=False), STREAM, STREAM, PLAIN, PLAIN),
    "a failure of a day ago": ("acedata", False, seen(POLL, works=False, at=YESTERDAY), POLL, STREAM, POLL, POLL),
    "callbacks that do not come": ("acedata", True, seen(CALLBACK, works=False), POLL, STREAM, POLL, POLL),
    "ByteDance": ("ark", True, seen(POLL, works=True), STREAM, STREAM, PLAIN, PLAIN),
    "BytePlus": ("modelark", False, NOTHING, STREAM, STREAM, PLAIN, PLAIN),
}  # fmt: skip


@pytest.mark.parametrize(("provider", "reachable", "profile", "one", "four", "pro", "layers"), WAYS.values(), ids=WAYS)
def test_a_request_goes_the_best_way_that_is_known_to_work(provider, reachable, profile, one, four, pro, layers):
    delivery = Delivery(provider=PROVIDERS[provider], reachable=reachable)
    assert [delivery.path(asked, profile, NOW) for asked in (ONE, FOUR, PRO, LAYERS)] == [one, four, pro, layers]


@pytest.mark.parametrize(
    ("forced", "one", "four", "pro"),
    [
        (PLAIN, PLAIN, PLAIN, PLAIN),
        (POLL, POLL, POLL, POLL),
        (CALLBACK, CALLBACK, CALLBACK, CALLBACK),
        (STREAM, STREAM, STREAM, CALLBACK),
    ],
)
def test_the_operators_choice_counts_wherever_it_can_be_followed(forced, one, four, pro):
    delivery = Delivery(provider=PROVIDERS["xhuoapi"], reachable=True, forced=forced)
    assert [delivery.path(asked, NOTHING, NOW) for asked in (ONE, FOUR, PRO)] == [one, four, pro]
