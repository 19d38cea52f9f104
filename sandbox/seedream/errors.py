"""The service's refusals, in its own form. Source: SeeDream API guide, "Errors"."""

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """An answer that is a refusal: its HTTP status, its code and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    @property
    def error(self) -> Json:
        return {"code": self.code, "message": self.message}


def bad_request(message: str) -> ApiError:
    return ApiError(400, "bad_request", message)


def no_token() -> ApiError:
    return ApiError(400, "no_token", "No token was given: send the header `authorization: Bearer KEY`.")


def invalid_token() -> ApiError:
    return ApiError(401, "invalid_token", "The token is invalid.")


def no_api(path: str) -> ApiError:
    return ApiError(404, "no_api", f"There is no API at {path}.")


def task_not_found() -> ApiError:
    return ApiError(404, "not_found", "The task is not found.")


def request_too_large(limit: int) -> ApiError:
    return ApiError(413, "request_too_large", f"The body is larger than {limit} bytes.")


def moderated() -> ApiError:
    return ApiError(403, "content_policy_violation", "The content was refused by moderation.")


def internal_error() -> ApiError:
    return ApiError(500, "api_error", "An internal error ended the generation.")
