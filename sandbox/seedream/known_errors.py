"""Known errors of the real services by code; a fault that names only a code becomes one of them.

Sources: SeeDream API guide, "Errors", and XHuoAPI's faq/billing for the codes in lower case; ByteDance's list,
https://www.volcengine.com/docs/82379/1299023 and /1099476, for the others.
"""

MODERATED = "content_policy_violation"
INTERNAL = "api_error"

_SENSITIVE = "The request failed because the {} may contain sensitive information."
_RISKY = (
    "The request could not be processed because the {} includes sensitive content "
    "that violates ContentSecurityDetection."
)

KNOWN_ERRORS: dict[str, tuple[int, str]] = {
    "bad_request": (400, "The request is invalid."),
    "token_mismatched": (400, "The token does not belong to this API."),
    "api_not_implemented": (400, "The API is not implemented."),
    "no_token": (400, "No token was given."),
    "disabled": (400, "The account is disabled."),
    "invalid_token": (401, "The token is invalid."),
    "token_expired": (401, "The token has expired."),
    "used_up": (403, "Your balance is not enough to finish this request."),
    "forbidden": (403, "The content was refused by moderation."),
    MODERATED: (403, "The content was refused by moderation."),
    "no_api": (404, "There is no such API."),
    "not_found": (404, "The task is not found."),
    "request_too_large": (413, "The body is too large."),
    "too_many_requests": (429, "Too many requests, please try again later."),
    INTERNAL: (500, "Internal server error."),
    "timeout": (500, "The generation did not end in time."),
    "busy": (500, "The service is busy."),
    "InvalidParameter": (400, "One or more parameters specified in the request are not valid."),
    "MissingParameter": (400, "The request failed because it is missing one or multiple required parameters."),
    "InvalidImageURL.InvalidFormat": (400, "The request failed because the image could not be decoded."),
    "SensitiveContentDetected": (400, _SENSITIVE.format("input")),
    "InputTextSensitiveContentDetected": (400, _SENSITIVE.format("input text")),
    "InputImageSensitiveContentDetected": (400, _SENSITIVE.format("input image")),
    "OutputImageSensitiveContentDetected": (400, _SENSITIVE.format("output image")),
    "InputTextRiskDetection": (400, _RISKY.format("input text")),
    "InputImageRiskDetection": (400, _RISKY.format("input image")),
    "OutputImageRiskDetection": (400, _RISKY.format("output image")),
    # According to ByteDance's list, the check itself failed; the content was not judged.
    "ContentSecurityDetectionError": (400, "The request to the content security detection service failed."),
    "AuthenticationError": (401, "The API key or AK/SK in the request is missing or invalid."),
    "InvalidAccountStatus": (401, "The request failed because your account is in an abnormal state."),
    "AccountOverdueError": (403, "The request failed because your account has an overdue balance."),
    "AccessDenied": (403, "The request failed because you do not have access to the requested resource."),
    "OperationDenied.ServiceNotOpen": (403, "The service is not activated for your account."),
    "OperationDenied.ServiceOverdue": (403, "The service is suspended because a bill is overdue."),
    "InvalidEndpointOrModel.NotFound": (
        404,
        "The model or endpoint does not exist or you do not have access to it.",
    ),
    "ModelNotOpen": (404, "Your account has not activated the model. Please activate the model service."),
    "RateLimitExceeded.EndpointRPMExceeded": (
        429,
        "The Requests Per Minute (RPM) limit of the associated endpoint for your account has been exceeded.",
    ),
    "ServerOverloaded": (429, "The service is currently unable to handle additional requests due to server overload."),
    "QuotaExceeded": (429, "Your account has exhausted its free trial quota for the model."),
    "SetLimitExceeded": (
        429,
        (
            "Your account has reached the set inference limit for the model, and the model service has been paused. To "
            'continue, please visit the Model Activation page to adjust or close the "Safe Experience Mode".'
        ),
    ),
    "InternalServiceError": (500, "The service encountered an unexpected internal error."),
}
