"""What a service takes is learned from what it says, and for a day."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import MODELS, models
from seedream.errors import ModelRefused
from seedream.providers import PROVIDERS
from seedream.wire_ids import KNOWN_SECONDS, MAX_REFUSED, KnownIds, WireIds, family

LITE, V45, T2I = (MODELS[f"doubao-seedream-{name}"] for name in ("5.0-lite", "4.5", "3.0-t2i"))
XHUO = PROVIDERS["xhuoapi"]
NO_MORE = ModelRefused(400, "bad_request", "model is invalid.")


def refusal(*listed: str, complete: bool = True) -> ModelRefused:
    return ModelRefused(400, "bad_request", "model must be one of ...", listed=listed, complete=complete)


@pytest.fixture
def now():
    return [1_000_000.0]


@pytest.fixture
def ids(now):
    return WireIds(XHUO, lambda: now[0])


def test_an_id_that_is_refused_is_passed_over_for_a_day(ids, now):
    ids.refuse(LITE.wire_ids[0], NO_MORE)
    assert ids.candidates(LITE) == (LITE.wire_ids[1], LITE.name)
    now[0] += KNOWN_SECONDS
    assert ids.candidates(LITE) == XHUO.wire_ids(LITE)


def test_an_id_that_is_accepted_comes_first_for_a_day(ids, now):
    ids.accept(LITE, LITE.name)
    assert ids.candidates(LITE) == (LITE.name, *LITE.wire_ids)
    now[0] += KNOWN_SECONDS
    assert ids.candidates(LITE) == XHUO.wire_ids(LITE)


def test_a_model_whose_every_id_is_refused_is_not_offered_until_it_is_asked_again(ids, now):
    for one in XHUO.wire_ids(T2I):
        assert ids.offers(T2I)
        ids.refuse(one, NO_MORE)
    assert not ids.offers(T2I)
    assert ids.offers(LITE)
    now[0] += KNOWN_SECONDS
    assert ids.offers(T2I)


def test_the_services_list_says_what_there_is(ids):
    ids.refuse(LITE.wire_ids[0], refusal("doubao-seedream-5-0-260128", "doubao-seedream-4-5-270101"))
    assert ids.candidates(LITE) == ("doubao-seedream-5-0-260128",)
    assert ids.candidates(V45) == ("doubao-seedream-4-5-270101",)
    assert not ids.offers(T2I)


def test_a_list_that_breaks_off_says_nothing_of_what_it_leaves_out(ids):
    ids.refuse(LITE.wire_ids[0], refusal("doubao-seedream-5-0-260128", complete=False))
    assert ids.candidates(LITE) == ("doubao-seedream-5-0-260128",)
    assert ids.candidates(T2I) == XHUO.wire_ids(T2I)


def test_what_was_taken_since_the_list_counts_more(ids, now):
    ids.refuse(LITE.wire_ids[0], refusal("doubao-seedream-4-5-251128"))
    assert not ids.offers(LITE)
    now[0] += 60
    ids.accept(LITE, LITE.wire_ids[1])
    assert ids.candidates(LITE) == (LITE.wire_ids[1],)


def test_an_id_of_another_model_is_never_tried_for_this_one(ids, monkeypatch):
    newer = V45.model_copy(update={"name": "fox-4.5", "wire_ids": ("doubao-seedream-4-5-270101",)})
    monkeypatch.setitem(models._aliases, models.alias_key(newer.wire_ids[0]), newer.name)
    ids.refuse(LITE.wire_ids[0], refusal(*V45.wire_ids, *newer.wire_ids))
    assert ids.candidates(V45) == V45.wire_ids
    assert ids.candidates(newer) == newer.wire_ids


@pytest.mark.parametrize("jump", [2 * KNOWN_SECONDS, 1e9])
def test_what_was_learned_by_a_clock_that_was_ahead_does_not_count_for_ever(ids, now, jump):
    now[0] += jump
    ids.accept(LITE, LITE.name)
    ids.refuse(V45.wire_ids[0], refusal(V45.name))
    now[0] -= jump
    assert ids.candidates(LITE) == XHUO.wire_ids(LITE)
    assert ids.candidates(V45) == XHUO.wire_ids(V45)
    assert ids.known.until(now[0]) == KnownIds()
    ids.accept(LITE, LITE.name)
    assert ids.candidates(LITE)[0] == LITE.name


def test_a_service_that_lists_models_nobody_knows_takes_none_of_ours(ids):
    ids.refuse(LITE.wire_ids[0], refusal("gpt-image-9", "x" * 100))
    assert not any(ids.offers(model) for model in MODELS.values())
    assert ids.known.listed == ("gpt-image-9", "x" * 100)


def test_the_operator_can_keep_a_model_from_being_offered(ids):
    assert not ids.offers(LITE.model_copy(update={"offered": False}))


@pytest.mark.parametrize(
    ("wire_id", "name"),
    [
        ("doubao-seedream-4-5-251128", "seedream-4-5"),
        ("seedream-4-5-251128", "seedream-4-5"),
        ("doubao-seedream-4.5", "seedream-4-5"),
        ("Doubao-SeeDream-5-0-Lite-260128", "seedream-5-0-lite"),
        ("doubao-seedream-5-0-pro-260628", "seedream-5-0-pro"),
    ],
)
def test_the_ids_of_one_model_are_one_family(wire_id, name):
    assert family(wire_id) == name


def test_no_two_models_share_a_family():
    families = [{family(one) for one in (*model.wire_ids, name)} for name, model in MODELS.items()]
    assert sum(map(len, families)) == len(set().union(*families))


def test_a_model_that_is_taken_again_and_again_is_written_down_twice_a_day(ids, now):
    changes = []
    ids.learned = changes.append
    for _ in range(25):
        ids.accept(LITE, LITE.wire_ids[0])
        now[0] += 3600
    assert len(changes) == 3


times = st.floats(1, 1000)
some_ids = st.sampled_from([one for model in MODELS.values() for one in XHUO.wire_ids(model)])


@st.composite
def learned(draw):
    known = KnownIds()
    for _ in range(draw(st.integers(0, 6))):
        model, now = draw(st.sampled_from(list(MODELS.values()))), draw(times)
        if draw(st.booleans()):
            known = known.with_accepted(model.name, draw(st.sampled_from(XHUO.wire_ids(model))), now)
        else:
            listed = draw(st.lists(some_ids, max_size=3))
            known = known.with_refused(draw(some_ids), refusal(*listed, complete=draw(st.booleans())), now)
    return known


@given(learned(), learned())
def test_what_two_processes_have_learned_comes_to_the_same_whoever_writes_last(one, other):
    for model in MODELS.values():
        assert one.merged(other).candidates(model, XHUO, 1000.0) == one.merged(other).merged(one).candidates(
            model, XHUO, 1000.0
        )
    assert one.merged(one).merged(one) == one.merged(one)


@given(st.lists(st.text(min_size=1, max_size=20), max_size=MAX_REFUSED + 50))
def test_what_is_known_never_grows_beyond_its_bound(refused):
    known = KnownIds()
    for at, one in enumerate(refused):
        known = known.with_refused(one, NO_MORE, float(at))
    assert len(known.refused) <= MAX_REFUSED
