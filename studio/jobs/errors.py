"""Errors of jobs. `cogs` word them for members."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.errors import StudioError

if TYPE_CHECKING:
    from studio.jobs.job import Job
    from studio.jobs.states import Reason


class JobNotFoundError(StudioError):
    """No job has this id: it may have been purged, or belong to another bot."""


class NotYoursError(StudioError):
    """Only the job's requester or an admin may do this."""


class AlreadySentError(StudioError):
    """The job was sent, so it is billed: it can be stopped, but not cancelled."""

    def __init__(self, job: Job) -> None:
        super().__init__(job.id)
        self.job = job


class TooLateError(StudioError):
    """The job has ended, so it can't be stopped."""


class SetFullError(StudioError):
    """A set has as many pictures, or versions of them, as its message can show."""


class VersionGoneError(StudioError):
    """An older version of a picture isn't kept any more, so it can't be shown again."""


class TakenOverError(StudioError):
    """Another process owns this job now."""


class ClosingError(StudioError):
    """The bot is shutting down and accepts no more jobs."""


class DrainingError(StudioError):
    """The operator has paused the bot: it accepts no jobs for now."""


class OutOfServiceError(StudioError):
    """The service refuses every request until the operator fixes the cause."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelUnavailableError(StudioError):
    """The service no longer offers this model, or no models file lists it."""

    def __init__(self, model: str) -> None:
        super().__init__(model)
        self.model = model


class ReferencesGoneError(StudioError):
    """Reference pictures of a request no longer exist. `missing`: how many."""

    def __init__(self, missing: int) -> None:
        super().__init__(f"{missing} references are gone")
        self.missing = missing


class AgeRestrictedSourceError(StudioError):
    """A reference picture is in an age-restricted channel, and the request comes from another kind of channel."""


class UndeliverableError(StudioError):
    """Discord refuses the result in every form and by every transport; it is kept for its member."""


class DeliveredAlreadyError(StudioError):
    """The result was delivered meanwhile."""


class AnsweredElsewhereError(UndeliverableError):
    """Another program with the same token has answered the member's message or interaction."""


class DeliveryDelayedError(StudioError):
    """Discord can't be reached at the moment; trying again later is safe."""
