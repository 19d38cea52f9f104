"""What jobs refuse, as values: cogs choose the sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.jobs.job import Reason


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


class DrainingError(StudioError):
    """The operator has the bot take no more jobs for a while."""


class OutOfServiceError(StudioError):
    """The service refuses everybody's requests until the operator has done something."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelUnavailableError(StudioError):
    """The service does not take this model any more, or it is in no file of models."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class ReferencesGoneError(StudioError):
    """So many pictures that a request needs are no longer there."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} references are gone")
        self.missing = missing


class AgeRestrictedSourceError(StudioError):
    """A reference picture is in an age-restricted channel, and the request comes from another kind of channel."""


class UndeliverableError(StudioError):
    """Discord takes the result in no way; the job is kept."""


class DeliveredAlreadyError(StudioError):
    """The member has the result by now."""


class AnsweredElsewhereError(UndeliverableError):
    """Another program with the same token has answered the member's message or interaction."""


class DeliveryDelayedError(StudioError):
    """Discord is not reachable just now; showing again later is harmless."""
