"""What the live test makes, what it costs, and how that is said."""

from __future__ import annotations

import pytest

from check.plan import PROMPT, plan_for, request_for
from seedream import MODELS
from seedream.providers import PROVIDERS
from seedream.wire_ids import Accepted, KnownIds
from studio.jobs.states import Path
from studio.quota.prices import parse_prices

XHUOAPI, ARK = PROVIDERS["xhuoapi"], PROVIDERS["ark"]
LITE, PRO, T2I, EDIT = (
    MODELS[name]
    for name in (
        "doubao-seedream-5.0-lite",
        "doubao-seedream-5.0-pro",
        "doubao-seedream-3.0-t2i",
        "doubao-seededit-3.0-i2i",
    )
)


def plan(provider=XHUOAPI, *, known=KnownIds(), prices="", reachable=False):  # noqa: B008 - it never changes
    return plan_for(provider, known, parse_prices(prices), reachable=reachable)


def test_every_model_that_is_not_withdrawn_is_tried_once_and_the_first_by_every_way():
    usual = [model.name for model in MODELS.values() if not model.withdrawn]
    assert [model.name for model in plan().models] == usual
    assert plan().paths == (Path.STREAM, Path.POLL)
    assert (plan().pictures, plan(reachable=True).pictures, plan(ARK, reachable=True).pictures) == (8, 9, 7)


def test_a_withdrawn_model_is_tried_where_the_service_was_seen_to_take_it():
    known = KnownIds(accepted={T2I.name: Accepted("any", 0.0)})
    assert plan(known=known).models == (*plan().models, T2I)


def test_the_cheapest_model_that_streams_is_the_one_that_is_asked_by_every_way():
    dear = plan(prices="5.0-lite=5, 4.5=2, 4.0=3, 5.0-pro=1")
    assert dear.models[0].name == "doubao-seedream-4.5"
    assert dear.models[0].stream


def test_credits_are_pictures_by_the_models_prices_at_most():
    assert plan().credits == plan().pictures == 8
    # One of each is 5 + 1 + 1 + 1 + 1; the dearest would be asked three times more: the others may be refused.
    assert plan(prices="5.0-lite=5").credits == 9 + 15


def test_the_sentence_says_it_all():
    assert plan(ARK, prices="4.0=0").sentence() == (
        "at most 7 pictures of the smallest size (6 credits at the models' prices): one each from SeeDream 4.0, "
        "SeeDream 5.0 lite, SeeDream 4.5, SeeDream 5.0 pro, SeeDream 5.0 flash; from the first accepted one also "
        "by stream"
    )


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model.name)
@pytest.mark.parametrize("path", Path)
def test_every_request_is_one_that_the_model_takes_and_as_small_as_it_makes_them(model, path):
    if path is Path.STREAM and not model.stream:
        return
    request = request_for(model, path)
    assert (request.prompt, request.watermark) == (PROMPT, False)
    assert len(request.images) == model.references.low
    assert request.max_images == (2 if path is Path.STREAM and model.group else 1)


@pytest.mark.parametrize(
    ("model", "size"), [(LITE, "1920x1920"), (PRO, "960x960"), (T2I, "512x512"), (EDIT, "512x512")]
)
def test_the_smallest_sizes(model, size):
    assert request_for(model, Path.PLAIN).wire_size == size
