"""What is learned of the service."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from studio.jobs.api_profile import FAILED_SECONDS, LONGEST_RUN_SECONDS, MOST_RUNS, ApiProfile
from studio.jobs.states import Path

MODEL = "doubao-seedream-4.5"


def test_the_usual_time_is_the_median_of_the_last_runs():
    profile = ApiProfile()
    assert profile.usual_seconds(MODEL) is None
    for at, seconds in enumerate([900.0, *[20.0] * MOST_RUNS, 26.0, 400.0]):
        profile = profile.with_run(MODEL, seconds, float(at))
    assert profile.usual_seconds(MODEL) == 20.0
    assert len(profile.runs[MODEL]) == MOST_RUNS


def test_what_failed_is_tried_again_after_a_day_and_what_worked_goes_on_counting():
    profile = ApiProfile().with_path(Path.POLL, works=False, now=0.0).with_path(Path.STREAM, works=True, now=0.0)
    assert (profile.works(Path.POLL, 1.0), profile.works(Path.STREAM, 1.0)) == (False, True)
    assert (profile.works(Path.POLL, FAILED_SECONDS), profile.works(Path.STREAM, 1e9)) == (None, True)
    assert profile.works(Path.CALLBACK, 0.0) is None


def test_what_is_known_already_changes_nothing():
    profile = ApiProfile().with_path(Path.POLL, works=True, now=0.0)
    assert profile.with_path(Path.POLL, works=True, now=1e9) is profile


steps = st.one_of(
    st.tuples(st.sampled_from(Path), st.booleans(), st.integers(0, 100)),
    st.tuples(st.sampled_from(["a", "b"]), st.integers(1, 50), st.integers(0, 100)),
)


def made(of: list) -> ApiProfile:
    profile = ApiProfile()
    for what, value, at in of:
        if isinstance(what, Path):
            profile = profile.with_path(what, works=value, now=float(at))
        else:
            profile = profile.with_run(what, float(value), float(at))
    return profile


@given(st.lists(steps, max_size=30), st.lists(steps, max_size=30))
def test_whoever_writes_last_the_same_is_known_and_it_can_be_stored(one, other):
    merged = made(one).merged(made(other))
    assert merged.merged(merged) == merged
    assert merged.runs == made(other).merged(made(one)).runs
    adapter = TypeAdapter(ApiProfile)
    assert adapter.validate_json(adapter.dump_json(merged)) == merged


def test_a_run_that_can_not_be_is_not_learned():
    profile = ApiProfile()
    for seconds in (0.0, -5.0, LONGEST_RUN_SECONDS + 1, float("inf"), float("nan")):
        assert profile.with_run(MODEL, seconds, 0.0) is profile


def test_what_a_clock_that_was_ahead_has_learned_is_forgotten():
    right = ApiProfile().with_run(MODEL, 20.0, 100.0).with_path(Path.STREAM, works=True, now=100.0)
    wrong = right.with_run(MODEL, 30.0, 1e9).with_path(Path.POLL, works=False, now=1e9)
    assert wrong.works(Path.POLL, 100.0) is None
    assert wrong.until(100.0) == right
