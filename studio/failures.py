"""From an error of the API, or of a picture, to the reason that is kept with the job."""

from __future__ import annotations

from seedream import errors
from studio.jobs import Failure, Reason
from studio.pictures import BadReference, PictureUnavailable

# The first class that fits decides, so the narrow ones come first.
_REASONS: tuple[tuple[type[Exception], Reason], ...] = (
    (errors.ContentRefused, Reason.CONTENT_REFUSED),
    (errors.BalanceUsedUp, Reason.USED_UP),
    (errors.AccountDisabled, Reason.DISABLED),
    (errors.AuthenticationFailed, Reason.BAD_KEY),
    (errors.RequestTooLarge, Reason.TOO_LARGE),
    (errors.RateLimited, Reason.SERVICE),
    (errors.ServiceError, Reason.SERVICE),
    (errors.ApiError, Reason.BAD_REQUEST),
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
    detail = getattr(error, "message", "") or str(error)
    return Failure(reason=reason, detail=detail[:_LONGEST_DETAIL], trace_id=getattr(error, "trace_id", None))


def item_failure(code: str, message: str) -> Failure:
    """Why one image of a group is missing, from its own error in the answer."""
    refused = not errors.is_internal(code)
    reason = Reason.CONTENT_REFUSED if refused else Reason.SERVICE
    return Failure(reason=reason, detail=message[:_LONGEST_DETAIL])
