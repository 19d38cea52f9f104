"""Translates errors of the API and of pictures into the reason that is kept with the job. Pure."""

from __future__ import annotations

from seedream import ImageFailed, errors
from seedream.responses import UNREADABLE
from studio.jobs.pictures import BadReference, PictureUnavailable
from studio.jobs.states import Failure, Reason

# The first class that matches decides, so subclasses come before their bases.
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
    """Return why a job failed, with the service's own message, cut to a length that fits into a Discord message."""
    reason = next((reason for kind, reason in _REASONS if isinstance(error, kind)), Reason.INTERNAL)
    if reason is Reason.SERVICE and isinstance(error, errors.SeeDreamError) and error.may_be_running:
        reason = Reason.LOST  # a gateway's error page: the request may be running behind it
    if reason is Reason.INTERNAL:  # the text of an unexpected error is for the log, not for members
        return Failure(reason=reason)
    if isinstance(error, BadReference):
        return Failure(reason=reason, detail=error.text)
    return Failure(reason=reason, detail=_words(error)[:_LONGEST_DETAIL], trace_id=getattr(error, "trace_id", None))


def _words(error: Exception) -> str:
    """Return the service's message, or its code if there is none; never a text of ours in its name."""
    return error.message or error.code if isinstance(error, errors.ApiError) else str(error)


def item_failure(code: str, message: str) -> Failure:
    """Return why one image of a group is missing, from its own error in the answer."""
    if code == UNREADABLE:  # it was made, but its part of the answer can't be read
        return Failure(reason=Reason.PICTURE, detail=message[:_LONGEST_DETAIL])
    return failure_of(ImageFailed(0, code, message).error)
