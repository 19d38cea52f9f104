"""From what went wrong to the reason that is kept with a job."""

from __future__ import annotations

import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import InvalidOption, InvalidRequest, errors
from seedream.phrases import Phrase
from seedream.responses import UNREADABLE
from studio.jobs.circuit_breaker import BLOCKING
from studio.jobs.failures import failure_of, item_failure
from studio.jobs.pictures import BadReference, PictureUnavailable
from studio.jobs.states import Failure, Reason

REASONS = {
    "ApiError": Reason.UNKNOWN,
    "ContentRefused": Reason.CONTENT_REFUSED,
    "ReferenceRefused": Reason.REFERENCE,
    "RequestTooLarge": Reason.TOO_LARGE,
    "BadRequest": Reason.BAD_REQUEST,
    "NothingMade": Reason.EMPTY,
    "ModelRefused": Reason.MODEL_GONE,
    "AuthenticationFailed": Reason.BAD_KEY,
    "BalanceUsedUp": Reason.USED_UP,
    "AccountOverdue": Reason.OVERDUE,
    "AccountDisabled": Reason.DISABLED,
    "QuotaSpent": Reason.QUOTA_SPENT,
    "WrongAddress": Reason.WRONG_ADDRESS,
    "NotFound": Reason.LOST,
    "RateLimited": Reason.SERVICE,
    "ServiceError": Reason.SERVICE,
}
KINDS = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.ApiError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_answer_of_the_service_has_a_reason_and_keeps_its_words(kind):
    failure = failure_of(kind(400, "code", "its own\nwords", "trace-1"))
    assert failure == Failure(reason=REASONS[kind.__name__], detail="its own words", trace_id="trace-1")


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (errors.ConnectionNotMade(), Reason.UNREACHABLE),
        (errors.ResponseLost(), Reason.LOST),
        (errors.UnreadableAnswer(), Reason.LOST),
        (errors.StreamBroken(), Reason.CUT),
        (errors.ServiceError(524, ""), Reason.LOST),
        (InvalidRequest(InvalidOption("seed", "", "Not a number.", "Choose one.")), Reason.BAD_REQUEST),
        (PictureUnavailable("gone"), Reason.PICTURE),
        (ValueError("a secret"), Reason.INTERNAL),
    ],
)
def test_every_other_error_has_a_reason(error, reason):
    assert failure_of(error).reason is reason


def test_an_unforeseen_error_s_text_is_not_kept():
    assert failure_of(ValueError("a secret")).detail == ""


def test_our_own_sentence_about_a_reference_stays_a_phrase():
    assert isinstance(failure_of(BadReference(Phrase("“{name}” is a text.", name="x"))).detail, Phrase)


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        ("OutputImageSensitiveContentDetected", "", Reason.CONTENT_REFUSED),
        ("InputImageSensitiveContentDetected", "", Reason.REFERENCE),
        ("InvalidImageURL.InvalidFormat", "Invalid base64 image url", Reason.REFERENCE),
        ("InvalidParameter", "Failed to decode image.", Reason.REFERENCE),
        ("api_error", "", Reason.SERVICE),
        ("too_many_requests", "", Reason.SERVICE),
        ("", "", Reason.SERVICE),
        ("used_up", "", Reason.USED_UP),
        ("SetLimitExceeded", "", Reason.QUOTA_SPENT),
        ("Mystery", "", Reason.UNKNOWN),
        (UNREADABLE, "its link can't be read", Reason.PICTURE),
    ],
)
def test_a_picture_of_a_group_goes_through_the_same_table(code, message, reason):
    assert item_failure(code, message) == Failure(reason=reason, detail=message or code)


@given(st.text(), st.text())
def test_any_error_of_a_picture_has_a_reason_and_bounded_words(code, message):
    failure = item_failure(code, message)
    assert isinstance(failure.reason, Reason)
    assert len(failure.detail) <= 500


def test_what_stops_everybody_comes_of_the_operator_s_errors_alone():
    whose = {REASONS[kind.__name__]: kind.who for kind in KINDS}
    assert {whose[reason] for reason in BLOCKING} == {"operator"}
