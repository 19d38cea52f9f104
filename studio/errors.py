"""What the studio refuses, as values: the sentence for a person is made where it is shown."""

from __future__ import annotations


class StudioError(Exception):
    """Something the studio will not do."""


class JobNotFoundError(StudioError):
    """No job has this id: it may have been purged, or belong to another bot."""


class NotYoursError(StudioError):
    """Only its author or an admin may do this."""


class TooLateError(StudioError):
    """It is being made already, or done: nothing is left to cancel."""


class TakenOverError(StudioError):
    """Another process works on this job by now."""


class ClosingError(StudioError):
    """The bot is shutting down and takes no more jobs."""


class UndeliverableError(StudioError):
    """Discord takes the result in no way; the job is kept."""


class DeliveryDelayedError(StudioError):
    """Discord is not reachable just now; showing again later is harmless."""
