"""What can go wrong with the SeeDream API, and whether the same request may be sent again.

SeeDreamError
├── InvalidRequest (also ValueError)   nothing was sent
├── ApiError                           the service answered with an error
│   ├── BadRequest
│   │   └── ModelRefused               the service does not know this model id
│   ├── AuthenticationFailed
│   ├── BalanceUsedUp
│   ├── AccountDisabled
│   ├── ContentRefused
│   ├── NotFound
│   ├── RequestTooLarge
│   ├── RateLimited
│   └── ServiceError
├── ConnectionNotMade                  nothing was sent
└── Ambiguous                          sent: it may be running and may be billed
    ├── ResponseLost                   no answer came
    ├── StreamBroken                   what arrived counts, the rest is unknown
    ├── UnreadableAnswer
    └── AnswerTooLarge

The money rule (source: SeeDream API guide): a generation costs money and is not idempotent, so it is sent again only
where it certainly did not start. `safe_to_resend` says so, here and nowhere else.
"""

# ruff: noqa: N818 - like httpx's, these names say what happened

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Literal

Who = Literal["member", "operator", "nobody"]

_LONGEST_MESSAGE = 500
_LONGEST_GIVEN = 60
_ERROR_STATUS = 400
_SERVER_ERROR = 500


def one_line(text: str, longest: int = _LONGEST_MESSAGE) -> str:
    """Text from outside as one line of printable characters, cut to `longest`."""
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
        return " ".join(inspect.cleandoc(cls.__doc__ or "").split())

    @property
    def safe_to_resend(self) -> bool:
        """Whether it is certain that this request started nothing, and another try could help."""
        return False

    @property
    def may_be_running(self) -> bool:
        """Whether the request may be carried out all the same: a callback may still come, and money may be spent."""
        return False


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that is wrong with a request, in the words of whoever typed it.

    option: its name as people see it. given: what they gave ("" if it would say nothing). allowed: what may be given.
    remedy: what to do. Each may be a `Phrase`, for those who say it in other languages.
    """

    option: str
    given: str
    allowed: str
    remedy: str

    @property
    def sentence(self) -> str:
        given = one_line(self.given, _LONGEST_GIVEN)
        return f"{self.option}: {self.allowed}{f' ({given} given)' if given else ''}: {self.remedy}."


class InvalidRequest(SeeDreamError, ValueError):
    """The request is not valid."""

    who: Who = "member"

    def __init__(self, *refusals: Refusal) -> None:
        self.refusals = refusals
        super().__init__("\n".join(refusal.sentence for refusal in refusals))


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
        """`status`: HTTP's, 200 when the error came inside an answer. `code`: "" when the body was no error form."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = one_line(message)
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


class ModelRefused(BadRequest):
    """The service does not know this model."""

    who: Who = "operator"


class AuthenticationFailed(ApiError):
    """The service does not accept the API key: check SEEDREAM_API_KEY."""


class BalanceUsedUp(ApiError):
    """The account's balance is used up: top it up at the provider."""


class AccountDisabled(ApiError):
    """The provider has disabled the account."""


class ContentRefused(ApiError):
    """The service's moderation refuses this: change the prompt or the pictures."""

    who: Who = "member"


class NotFound(ApiError):
    """The service does not know this address or task: check SEEDREAM_BASE_URL or the task id."""


class RequestTooLarge(ApiError):
    """The request is too large: send smaller or fewer pictures."""

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
        """`retry_after`: the seconds that the service asks for, if it says so."""
        super().__init__(status, code, message, trace_id, task_id)
        self.retry_after = retry_after

    @property
    def safe_to_resend(self) -> bool:
        return True


class ServiceError(ApiError):
    """Something failed inside the service."""

    who: Who = "nobody"

    @property
    def safe_to_resend(self) -> bool:
        # With a code it is the API's own word that the request failed; a gateway's page says nothing about it.
        return self.status >= _SERVER_ERROR and bool(self.code)

    @property
    def may_be_running(self) -> bool:
        return self.status >= _SERVER_ERROR and not self.code


class ConnectionNotMade(SeeDreamError):
    """The service could not be reached; nothing was sent."""

    @property
    def safe_to_resend(self) -> bool:
        return True


class Ambiguous(SeeDreamError):
    """Nobody knows whether the request is being carried out."""

    @property
    def may_be_running(self) -> bool:
        return True


class ResponseLost(Ambiguous):
    """The connection was lost after the request was sent: it may be running, and it may be billed."""


class StreamBroken(Ambiguous):
    """The stream ended before the service said that it was complete; what arrived counts."""


class UnreadableAnswer(Ambiguous):
    """The service's answer could not be read."""


class AnswerTooLarge(Ambiguous):
    """The service's answer is larger than is allowed here."""


_BY_CODE: dict[str, type[ApiError]] = {
    "token_mismatched": AuthenticationFailed,
    "invalid_token": AuthenticationFailed,
    "token_expired": AuthenticationFailed,
    "no_token": AuthenticationFailed,
    "api_not_implemented": NotFound,
    "no_api": NotFound,
    "not_found": NotFound,
    "disabled": AccountDisabled,
    "used_up": BalanceUsedUp,
    "request_too_large": RequestTooLarge,
    "too_many_requests": RateLimited,
    "api_error": ServiceError,
    "timeout": ServiceError,
    "busy": ServiceError,
}
CODES = frozenset({*_BY_CODE, "bad_request"})
"""The codes that the API's guide names. Source: SeeDream API guide, "Errors"."""

# Parts of the codes that moderation uses: where an error is told inside an answer, its HTTP status is not there to say.
_MODERATION = ("sensitive", "moderation", "policy", "violat", "prohibited", "content_filter", "content_refused")
_BY_STATUS: dict[int, type[ApiError]] = {
    401: AuthenticationFailed,
    402: BalanceUsedUp,
    403: ApiError,  # without a code it is a gateway's page, not moderation
    404: NotFound,
    405: NotFound,
    408: ServiceError,
    413: RequestTooLarge,
    429: RateLimited,
}


def error_class(status: int, code: str, message: str) -> type[ApiError]:
    """The class for an error answer: its code decides, and its HTTP status where the code is not known."""
    key = code.casefold()
    known = _BY_CODE.get(key)
    if known is RateLimited and status < _ERROR_STATUS:
        return ServiceError  # told inside an answer: the work had begun, so it must not be sent again
    if known is not None:
        return known
    if "model is invalid" in message.casefold() or key.startswith("invalidendpointormodel"):
        return ModelRefused
    if any(word in key for word in _MODERATION) or (status == 403 and code):  # noqa: PLR2004 - the table's own number
        return ContentRefused
    return _by_status(status, key)


def _by_status(status: int, key: str) -> type[ApiError]:
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < _ERROR_STATUS:  # noqa: PLR2004 - a redirect: the base URL is not the API's
        return NotFound
    told_inside_an_answer = status < _ERROR_STATUS
    if status >= _SERVER_ERROR or (is_internal(key) and (key or told_inside_an_answer)):
        return ServiceError
    return BadRequest


def is_internal(code: str) -> bool:
    """Whether an error's code names a fault of the service rather than a refusal of what was asked."""
    key = code.casefold()
    return not key or "internal" in key or _BY_CODE.get(key) in {ServiceError, RateLimited}
