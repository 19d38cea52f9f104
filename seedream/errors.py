"""The exceptions of the SeeDream API, and whether the same request may be sent again.

SeeDreamError
├── InvalidRequest (also ValueError)   nothing was sent
├── ApiError                           the service answered with an error, of no kind below
│   ├── ContentRefused                 the member can change the prompt
│   ├── ReferenceRefused               the member can change the image
│   ├── RequestTooLarge                the member can send fewer or smaller images
│   ├── BadRequest                     the member can change the options
│   ├── NothingMade                    the service ended without an image
│   ├── ModelRefused                   the service does not offer this model
│   ├── AuthenticationFailed
│   ├── BalanceUsedUp
│   ├── AccountOverdue
│   ├── AccountDisabled
│   ├── QuotaSpent                     unlike a rate limit, it lasts longer than seconds
│   ├── WrongAddress
│   ├── NotFound
│   ├── RateLimited
│   └── ServiceError
├── ConnectionNotMade                  nothing was sent
└── Ambiguous                          sent: it may be running and may be billed
    ├── ResponseLost                   no answer came
    ├── StreamBroken                   what arrived counts, the rest is unknown
    ├── UnreadableAnswer
    └── AnswerTooLarge

A generation costs money and is not idempotent (source: SeeDream API guide), so it is sent again only if it certainly
did not start. `safe_to_resend` decides that, here and nowhere else. `seedream.error_table` decides which class an error
answer becomes. `who` is the person who can solve the problem.
"""

# ruff: noqa: N818 - like httpx's, these names say what happened

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Literal

Who = Literal["member", "operator", "nobody"]

MAX_GIVEN_LENGTH = 60
"""Characters of an invalid value that a message repeats."""
_MAX_MESSAGE_LENGTH = 500  # characters
MAX_OUTSIDE_LENGTH = 200
"""Characters of a text from outside that a message, a log line or a check repeats."""
_ERROR_STATUS = 400
_SERVER_ERROR = 500
_REQUEST_TIMEOUT = 408


def one_line(text: str, longest: int = _MAX_MESSAGE_LENGTH) -> str:
    """Return text from outside as one line of printable characters, cut to `longest`."""
    printable = "".join(c if c.isprintable() else " " for c in text[: longest * 4])
    line = " ".join(printable.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"


class SeeDreamError(Exception):
    """Something went wrong with the SeeDream API."""

    who: Who = "nobody"

    def __init__(self, message: str = "") -> None:
        self.message = message
        super().__init__(message or self.default_message())

    @classmethod
    def default_message(cls) -> str:
        """Return the class's docstring, which is its message if no other is given."""
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @property
    def safe_to_resend(self) -> bool:
        """Whether this request certainly started nothing, and another try could help."""
        return False

    @property
    def may_be_running(self) -> bool:
        """Whether the request may be running all the same: a callback may still come, and it may be billed."""
        return False


@dataclass(frozen=True, slots=True)
class InvalidOption:
    """One thing that is wrong with a request.

    option: its name as people see it. given: the invalid value, "" if the problem says it all. problem: a sentence that
    says what is wrong. remedy: a sentence that says what to do, or "". A `Phrase` in any of them can be translated.
    """

    option: str
    given: str
    problem: str
    remedy: str = ""

    @property
    def sentence(self) -> str:
        """The whole as one line of English, such as "seed -2: Seeds go from -1 (random) to 10. Choose another."."""
        given = one_line(self.given, MAX_GIVEN_LENGTH)
        return f"{self.option}{given and f' {given}'}: {self.problem} {self.remedy}".rstrip()


class InvalidRequest(SeeDreamError, ValueError):
    """The request is not valid."""

    who: Who = "member"

    def __init__(self, *problems: InvalidOption) -> None:
        self.problems = problems
        super().__init__("\n".join(problem.sentence for problem in problems))


class ApiError(SeeDreamError):
    """The service answered with an error."""

    who: Who = "operator"

    def __init__(
        self,
        status: int = 0,
        code: str = "",
        message: str = "",
        trace_id: str | None = None,
        task_id: str | None = None,
    ) -> None:
        """Set the facts. status: 200 if the error came within a good answer. code: "" if the answer had none."""
        super().__init__(one_line(message, MAX_OUTSIDE_LENGTH))
        self.status = status
        self.code = code
        self.trace_id = trace_id
        self.task_id = task_id

    def __str__(self) -> str:
        facts = [f"HTTP {self.status}" if self.status else "", self.code]
        facts.append(f"trace {self.trace_id}" if self.trace_id else "")
        details = ", ".join(fact for fact in facts if fact)
        says = f" The service says: “{self.message}”" if self.message else ""
        return f"{self.default_message()}{says}{f' ({details})' if details else ''}"


class BadRequest(ApiError):
    """The service does not accept these parameters."""

    who: Who = "member"


class ModelRefused(ApiError):
    """The service does not offer this model."""

    def __init__(
        self,
        status: int = 400,
        code: str = "bad_request",
        message: str = "",
        trace_id: str | None = None,
        task_id: str | None = None,
        *,
        listed: tuple[str, ...] = (),
        complete: bool = False,
    ) -> None:
        """Set the facts. listed: the ids that the service says it accepts. complete: whether these are all."""
        super().__init__(status, code, message, trace_id, task_id)
        self.listed = listed
        self.complete = complete


class AuthenticationFailed(ApiError):
    """The service does not accept the API key: check SEEDREAM_API_KEY."""


class BalanceUsedUp(ApiError):
    """The account's balance is used up: top it up at the provider."""


class AccountOverdue(ApiError):
    """A bill of the account is overdue, or its plan has expired: pay it at the provider."""


class AccountDisabled(ApiError):
    """The provider has disabled the account."""


class QuotaSpent(ApiError):
    """The account has reached its usage quota: raise it at the provider, or wait until it resets."""


class WrongAddress(ApiError):
    """There is no such API at this address: check SEEDREAM_BASE_URL and the provider."""


class ContentRefused(ApiError):
    """The service's moderation refused this: change the prompt or the images."""

    who: Who = "member"


class ReferenceRefused(ApiError):
    """The service can't use a reference image: use another one."""

    who: Who = "member"


class NothingMade(ApiError):
    """The service ended without an image and didn't say why: change the prompt a little."""

    who: Who = "member"


class NotFound(ApiError):
    """The service doesn't know this task or link: the id is wrong, or the link has expired."""


class RequestTooLarge(ApiError):
    """The request is too large: send smaller or fewer images."""

    who: Who = "member"


class RateLimited(ApiError):
    """The service asks to slow down."""

    who: Who = "nobody"

    def __init__(
        self,
        status: int = 429,
        code: str = "too_many_requests",
        message: str = "",
        trace_id: str | None = None,
        task_id: str | None = None,
        *,
        retry_after: float | None = None,
    ) -> None:
        """Set the facts. retry_after: the seconds to wait, if the service says so."""
        super().__init__(status, code, message, trace_id, task_id)
        self.retry_after = retry_after

    @property
    def safe_to_resend(self) -> bool:
        return self.status >= _ERROR_STATUS


class ServiceError(ApiError):
    """Something failed inside the service."""

    who: Who = "nobody"

    @property
    def safe_to_resend(self) -> bool:
        return self.status >= _SERVER_ERROR and self._comes_from_api and self.task_id is None

    @property
    def may_be_running(self) -> bool:
        return (self.status >= _SERVER_ERROR or self.status == _REQUEST_TIMEOUT) and not self._comes_from_api

    @property
    def _comes_from_api(self) -> bool:
        """Whether the API itself reports the error. A gateway's page has no code, or repeats the status."""
        return bool(self.code) and not self.code.isdecimal()


class ConnectionNotMade(SeeDreamError):
    """The service can't be reached; nothing was sent."""

    @property
    def safe_to_resend(self) -> bool:
        return True


class Ambiguous(SeeDreamError):
    """It is unknown whether the request is running."""

    @property
    def may_be_running(self) -> bool:
        return True


class ResponseLost(Ambiguous):
    """The connection was lost after the request was sent: it may be running, and it may be billed."""


class StreamBroken(Ambiguous):
    """The stream ended before it was complete; what arrived counts."""


class UnreadableAnswer(Ambiguous):
    """The service's answer can't be read."""


class AnswerTooLarge(Ambiguous):
    """The service's answer is too large."""
