"""What the studio refuses, as values: the sentence for a person is made where it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.jobs.job import Reason
    from studio.quota.decide import Closed, Refused


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


class UndeliverableError(StudioError):
    """Discord takes the result in no way; the job is kept."""


class DeliveredAlreadyError(StudioError):
    """The member has the result by now."""


class AnsweredElsewhereError(UndeliverableError):
    """Another program with the same token has answered the member's message or interaction."""


class DeliveryDelayedError(StudioError):
    """Discord is not reachable just now; showing again later is harmless."""


class TooManyLimitsError(StudioError):
    """A server has as many limits as one may have: one has to be cleared first."""


class QuotaExceededError(StudioError):
    """A limit does not let it through: `refused` says which."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(f"the limit of {refused.by.key} by {refused.kind}")
        self.refused = refused


class ClosedError(StudioError):
    """The operator lets nobody make anything here."""

    def __init__(self, closed: Closed) -> None:
        super().__init__(closed.value)
        self.closed = closed


class CrowdedError(StudioError):
    """Others were faster, time and again: what a limit had room for was gone whenever it was to be used."""
