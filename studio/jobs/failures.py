"""From an error of the API, or of a picture, to the reason that is kept with the job."""

from __future__ import annotations

from seedream import ImageFailed, errors
from seedream.responses import UNREADABLE
from studio.jobs.job import Failure, Reason
from studio.jobs.pictures import BadReference, PictureUnavailable

# The first class that fits decides, so the narrow ones come first.
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (errors.ContentRefused, Reason.CONTENT_REFUSED),
    (errors.ReferenceRefused, Reason.REFERENCE),
    (errors.BadRequest, Reason.BAD_REQUEST),
    (errors.RequestTooLarge, Reason.TOO_LARGE),
    (errors.NothingMade, Reason.EMPTY),
    (errors.ModelRefused, Reason.MODEL_GONE),
    (errors.BalanceUsedUp, Reason.USED_UP),
    (errors.AccountOverdue, Reason.OVERDUE),
    (errors.AccountDisabled, Reason.DISABLED),
    (errors.QuotaSpent, Reason.QUOTA_SPENT),
    (errors.AuthenticationFailed, Reason.BAD_KEY),
    (errors.WrongAddress, Reason.WRONG_ADDRESS),
    (errors.NotFound, Reason.LOST),
    (errors.RateLimited, Reason.SERVICE),
    (errors.ServiceError, Reason.SERVICE),
    (errors.ApiError, Reason.UNKNOWN),
    (errors.InvalidRequest, Reason.BAD_REQUEST),
    (errors.ConnectionNotMade, Reason.UNREACHABLE),
    (errors.StreamBroken, Reason.CUT),
    (errors.SeeDreamError, Reason.LOST),
    (BadReference, Reason.REFERENCE),
    (PictureUnavailable, Reason.PICTURE),
)
_LONGEST_DETAIL = 500


def failure_of(error: Exception) -> Failure:
    """Why a job failed. The service's own words are kept, cut to a length that a message can hold."""
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.INTERNAL)
    if reason is Reason.SERVICE and isinstance(error, errors.SeeDreamError) and error.may_be_running:
        reason = Reason.LOST  # a gateway's page: nobody knows what is behind it
    if reason is Reason.INTERNAL:  # an unforeseen error's text is for the log, not for a member
        return Failure(reason=reason)
    if isinstance(error, BadReference):
        return Failure(reason=reason, detail=error.told)
    return Failure(reason=reason, detail=_words(error)[:_LONGEST_DETAIL], trace_id=getattr(error, "trace_id", None))


def _words(error: Exception) -> str:
    """The service's own, or its code where it said nothing: never ours in its name."""
    return error.message or error.code if isinstance(error, errors.ApiError) else str(error)


def item_failure(code: str, message: str) -> Failure:
    """Why one image of a group is missing, from its own error in the answer."""
    if code == UNREADABLE:  # it was made, but what the answer holds of it can't be read
        return Failure(reason=Reason.PICTURE, detail=message[:_LONGEST_DETAIL])
    return failure_of(ImageFailed(0, code, message).error)
