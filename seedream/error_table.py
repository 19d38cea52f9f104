"""Classifies the service's errors by a table of rules. Pure.

Every error is classified here, wherever it appears: as an HTTP answer, within a good one, in a stream, in a task's
record, in a callback, or for one image of a group. The first rule that fits decides, so their order matters:

- What affects everybody (the key, the balance, a quota, the address) is decided by code or status alone. A message may
  repeat a member's prompt, and no prompt may stop the bot.
- Refusals by moderation and unusable images come with status 400, 403 and 500 alike, and with codes that otherwise mean
  something else. So the message is examined before general codes, and the status comes last.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from seedream.errors import (
    AccountDisabled,
    AccountOverdue,
    ApiError,
    AuthenticationFailed,
    BadRequest,
    BalanceUsedUp,
    ContentRefused,
    ModelRefused,
    NotFound,
    QuotaSpent,
    RateLimited,
    ReferenceRefused,
    RequestTooLarge,
    ServiceError,
    WrongAddress,
)

if TYPE_CHECKING:
    from collections.abc import Container

INSIDE = range(300)
"""Statuses of errors within a good answer: work had begun, so the request must never be sent again."""
ERROR = range(400, 1000)
ANY = range(1000)
_ABOUT_REQUEST = frozenset({*INSIDE, 400, 403, 415, 422})  # with these, a message may be about the request
MAX_MESSAGE_READ = 1000  # characters
_MAX_CODE_READ = 200  # characters


@dataclass(frozen=True, slots=True)
class ErrorSource:
    """Where an error was documented or seen.

    host: "gateway" (xhuoapi, acedata), "bytedance" (ark, modelark) or "any".
    """

    host: str
    name: str


GUIDE = ErrorSource("gateway", "SeeDream API guide, Errors")
LIVE = ErrorSource("gateway", "the live service, as seen by the provider's own MCP server in 2026-07")
ARK = ErrorSource("bytedance", "volcengine.com/docs/82379/1299023 and docs.byteplus.com/en/docs/ModelArk/1299023")
SEEN = ErrorSource("bytedance", "messages of the images API seen by other clients")
RESELLERS = ErrorSource("any", "resellers' gateways with OpenAI's codes")
HTTP = ErrorSource("any", "RFC 9110: an answer without a known code")


@dataclass(frozen=True, slots=True)
class ErrorRule:
    """A rule: an error as the service reports it, and the exception class that it means.

    code: upper or lower case; `*` stands for any text, `?*` for any code. message: a regular expression to search for.
    """

    error: type[ApiError]
    source: ErrorSource
    code: str = "*"
    message: str = ""
    statuses: Container[int] = ANY

    def fits(self, status: int, code: str, message: str) -> bool:
        return (
            status in self.statuses
            and fnmatchcase(code, self.code.casefold())
            and (not self.message or re.search(self.message, message, re.IGNORECASE) is not None)
        )


def _codes(error: type[ApiError], source: ErrorSource, *codes: str) -> tuple[ErrorRule, ...]:
    return tuple(ErrorRule(error, source, code) for code in codes)


def _messages(
    error: type[ApiError], source: ErrorSource, *messages: str, statuses: Container[int] = ANY
) -> tuple[ErrorRule, ...]:
    return tuple(ErrorRule(error, source, message=message, statuses=statuses) for message in messages)


def _limits(source: ErrorSource, *codes: str) -> tuple[ErrorRule, ...]:
    """Return rules for rate limits. As an HTTP error nothing was begun; within a good answer something was."""
    waits = (ErrorRule(RateLimited, source, code, statuses=ERROR) for code in codes)
    return (*waits, *_codes(ServiceError, source, *codes))


_ACCOUNT = (
    *_codes(AuthenticationFailed, GUIDE, "token_mismatched", "invalid_token", "token_expired", "no_token"),
    *_codes(AuthenticationFailed, ARK, "AuthenticationError"),
    *_codes(AuthenticationFailed, RESELLERS, "invalid_api_key"),
    *_codes(BalanceUsedUp, GUIDE, "used_up"),
    *_codes(BalanceUsedUp, RESELLERS, "insufficient_quota", "insufficient_user_quota", "insufficient_balance"),
    *_codes(AccountOverdue, ARK, "AccountOverdueError", "OperationDenied.ServiceOverdue", "*InvalidSubscription"),
    *_codes(AccountDisabled, GUIDE, "disabled"),
    *_codes(AccountDisabled, ARK, "InvalidAccountStatus"),
    *_codes(QuotaSpent, ARK, "SetLimitExceeded", "QuotaExceeded*"),
    *_codes(QuotaSpent, RESELLERS, "quota_*", "*_quota_exceeded"),
    *_codes(WrongAddress, GUIDE, "api_not_implemented", "no_api"),
    *_codes(WrongAddress, ARK, "PathNotFound"),
)

_WAIT = (
    *_limits(GUIDE, "too_many_requests"),
    *_limits(ARK, "RateLimitExceeded*", "*RateLimitExceeded", "ServerOverloaded", "RequestBurstTooFast"),
    *_limits(ARK, "InflightBatchsizeExceeded"),
    *_limits(RESELLERS, "rate_limit*"),
)

_MODERATION = (
    *_codes(ReferenceRefused, ARK, "InputImageSensitiveContentDetected*", "InputImageRiskDetection*"),
    *_messages(
        ReferenceRefused,
        ARK,
        r"\binput image\b.{0,60}\b(may|includes?|contains?) .{0,40}\b(sensitive|real person|copyright|violat)",
    ),
    ErrorRule(
        ServiceError, ARK, "ContentSecurityDetectionError", r"^internal error"
    ),  # the check failed, not the content
    *_codes(ContentRefused, ARK, "ContentSecurityDetectionError", "*SensitiveContentDetected*", "*RiskDetection*"),
    *_codes(ContentRefused, RESELLERS, "*sensitive*", "*moderation*", "*policy*", "*violat*", "*prohibited*"),
    *_codes(ContentRefused, RESELLERS, "content_filter*", "content_refused*"),
    *_messages(ContentRefused, LIVE, r"\bsensitive (information|content|words?)\b"),
    *_messages(ContentRefused, ARK, r"may contain (severe violation|violence) information"),
    *_messages(ContentRefused, ARK, r"\bcopyright restrictions\b", r"may contain (real person|counterfeit documents)"),
    *_messages(ContentRefused, RESELLERS, r"\bcontent (policy|moderation|safety|security)\b", r"\bby moderation\b"),
)

# Only the start of a message, before any quotation or mention of the prompt: after those may come a member's words.
# "The size for the model is invalid" isn't about the model either.
_BEFORE = r"^(?:(?!\b(?:prompt|text(?!-)|content|caption|description|(?:of|for) (?:the|this))\b)[^\"'“”`]){0,60}"
_MODEL_NAMED = (
    _BEFORE + r"(?<![\w-])(?P<quote>[`'\"]?)model(?P=quote)\]?(?: (?:name|id|field|parameter))?:?"
    r"(?: (?:[`'\"][\w.:/-]{1,100}[`'\"]|(?=[\w.:/-]{0,100}[\d-])[\w.:/-]{1,100}))?,? [`'\"]?"
)
_NOT_TAKEN = (
    r"(?:(?:must|should) be one of\b|(?:is )?(?:invalid|unknown|unsupported|not (?:valid|supported|available|found))\b"
    r"|does(?: not|n't) exist\b)"
)
_NO_SUCH_MODEL = (
    _BEFORE + r"\b(?:invalid|unknown|unsupported|no such) model(?: name| id)?(?:$|[:.,!]| [`'\"]?\S{0,100}[\d-])"
)
_MODEL = (
    *_codes(ModelRefused, ARK, "InvalidEndpointOrModel*", "InvalidEndpoint*", "ModelNotOpen", "UnsupportedModel"),
    *_codes(ModelRefused, ARK, "AccessDenied", "OperationDenied.ServiceNotOpen", "OperationDenied.PermissionDenied"),
    *_codes(ModelRefused, RESELLERS, "model_not_found"),
    *_messages(ModelRefused, LIVE, _MODEL_NAMED + _NOT_TAKEN),
    *_messages(ModelRefused, RESELLERS, _NO_SUCH_MODEL),
    *_messages(ModelRefused, SEEN, r"^the parameter `model` ", r"^the model\b.{0,160}\bdoes not exist\b"),
)

# A message that begins with an option's name is about that option, whatever else it mentions.
_OPTION = r"^[`'\"]?(?!image_urls?\b)(prompt|size|seed|stream|tools|background|watermark|[a-z]{1,20}_\w{1,40})\b"
_OF_OUTPUT = r"\b(generated|output|result(ing)?) (image|picture)"
_PICTURE = (
    *_codes(ReferenceRefused, ARK, "InvalidImageURL*"),
    *_codes(ReferenceRefused, SEEN, "InvalidParameter.Oversize*Image", "InvalidParameter.UnsupportedImage*"),
    *_messages(ReferenceRefused, SEEN, r"\bparameter:? [`'\"]?(image|images|image_urls?|content\[\d+\]\.image_url)\b"),
    *_messages(BadRequest, SEEN, r"\bparameters?:? [`'\"]?[a-z]\w{0,60}[`'\"]? ", statuses=_ABOUT_REQUEST),
    # "image size must be at least 3686400 pixels" is about the option, "the size of the input image" about the picture.
    *_messages(BadRequest, SEEN, r"\bimage (size|area) (must|should) be\b", statuses=_ABOUT_REQUEST),
    *_messages(BadRequest, LIVE, _OPTION, statuses=_ABOUT_REQUEST),
    ErrorRule(ServiceError, SEEN, message=_OF_OUTPUT, statuses=INSIDE),
    ErrorRule(BadRequest, SEEN, message=_OF_OUTPUT, statuses=_ABOUT_REQUEST),
    *_messages(
        ReferenceRefused,
        SEEN,
        r"\b(timeout|timed out|error|fail\w{0,3})\b.{0,20}\bdownload",
        r"\b(images?|pictures?)\b[`'\"]?(\[\d+\])? (urls? |links? |files? |formats? )?"
        r"(is|are|was|were|must|should|could|can|cannot|has|have|exceeds?)\b|^image_urls?\b",
        r"\b(ratio|width|height|sides?|size|dimensions?|format|resolution|pixels)\b.{0,20}\b(of|in) "
        r"(the |your |an? )?(input |reference )?(images?|pictures?)\b",
        r"\b(download|fetch|retrieve|decode|load|read|open|access|reach|parse)(ed|ing)? (the |an? |your )?"
        r"(input |reference )?(images?|pictures?|url)\b",
        r"\breceived an? .{0,20}\bimage\b",
        r"\b(invalid|unsupported|corrupt(ed)?|not an|too many|oversized?) "
        r"(base64 )?(input |reference )?(images?|pictures?)\b",
        statuses=_ABOUT_REQUEST,
    ),
)

_OPTIONS = (
    *_codes(BadRequest, GUIDE, "bad_request"),
    *_codes(BadRequest, ARK, "InvalidParameter*", "MissingParameter*", "InvalidArgumentError*", "OutofContextError"),
)

_OTHER = (
    *_codes(NotFound, GUIDE, "not_found"),
    *_codes(NotFound, ARK, "NotFound.*"),
    *_codes(RequestTooLarge, GUIDE, "request_too_large"),
    *_codes(RequestTooLarge, ARK, "RequestTooLarge", "RequestBodyTooLarge"),
    *_codes(ApiError, ARK, "OperationDenied*"),
    *_codes(ServiceError, GUIDE, "api_error", "timeout", "busy"),
    *_codes(ServiceError, ARK, "InternalServiceError", "UpstreamUnavailable"),
    *_codes(ServiceError, RESELLERS, "*internal*"),
)

_STATUS = (
    ErrorRule(ServiceError, HTTP, "", statuses=INSIDE),
    ErrorRule(ApiError, HTTP, statuses=INSIDE),
    ErrorRule(WrongAddress, HTTP, statuses=range(300, 400)),  # a redirect: the address is not the API's
    ErrorRule(AuthenticationFailed, HTTP, statuses={401}),
    ErrorRule(BalanceUsedUp, HTTP, statuses={402}),
    ErrorRule(ApiError, HTTP, "", statuses={403}),  # a gateway's page
    ErrorRule(ApiError, HTTP, "[0-9]*", statuses={403}),  # a gateway that repeats the status as a code
    ErrorRule(ContentRefused, GUIDE, statuses={403}),
    ErrorRule(WrongAddress, HTTP, "", statuses={404}),
    ErrorRule(WrongAddress, HTTP, "[0-9]*", statuses={404}),
    ErrorRule(WrongAddress, HTTP, statuses={405}),
    ErrorRule(NotFound, HTTP, statuses={404, 410}),
    ErrorRule(ServiceError, HTTP, statuses={408}),
    ErrorRule(RequestTooLarge, GUIDE, statuses={413}),
    ErrorRule(RateLimited, GUIDE, statuses={429}),
    ErrorRule(ServiceError, HTTP, statuses=range(500, 1000)),
)

OTHERWISE: Final = ErrorRule(BadRequest, HTTP)
TABLE = (*_ACCOUNT, *_WAIT, *_MODERATION, *_MODEL, *_PICTURE, *_OPTIONS, *_OTHER, *_STATUS, OTHERWISE)
CODES = frozenset(rule.code.casefold() for rule in TABLE if rule.code and not set(rule.code) & set("*?["))
"""The codes that the table has literally."""


def rule_for(status: int, code: str, message: str) -> ErrorRule:
    """Return the first rule that fits."""
    key, text = code[:_MAX_CODE_READ].strip().casefold(), " ".join(message[:MAX_MESSAGE_READ].split())
    return next((rule for rule in TABLE if rule.fits(status, key, text)), OTHERWISE)


def classify(status: int, code: str, message: str) -> type[ApiError]:
    """Return the exception class of an error. status: 200 for an error within a good answer. code: "" for none."""
    return rule_for(status, code, message).error
