"""The service's errors. Sources: SeeDream API guide, "Errors"; XHuoAPI's concepts/responses."""

from typing import Any

Json = dict[str, Any]


class LocalApiError(Exception):
    """An error response: HTTP status, code, message, and the invalid parameter, if any."""

    def __init__(self, status: int, code: str, message: str, parameter: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.parameter = parameter

    @property
    def error(self) -> Json:
        return {"code": self.code, "message": self.message}


def bad_request(message: str) -> LocalApiError:
    return LocalApiError(400, "bad_request", message)


def invalid(parameter: str, problem: str) -> LocalApiError:
    """Build the error of an invalid parameter: the message begins with its name."""
    return LocalApiError(400, "bad_request", f"{parameter} {problem}", parameter)


def no_token() -> LocalApiError:
    return LocalApiError(400, "no_token", "No token was given: send the header `authorization: Bearer KEY`.")


def invalid_token() -> LocalApiError:
    return LocalApiError(401, "invalid_token", "The token is invalid.")


def no_api(path: str) -> LocalApiError:
    return LocalApiError(404, "no_api", f"There is no API at {path}.")


def task_not_found() -> LocalApiError:
    return LocalApiError(404, "not_found", "The task is not found.")


def request_too_large(limit: int) -> LocalApiError:
    return LocalApiError(413, "request_too_large", f"The body is larger than {limit} bytes.")


def too_many_requests() -> LocalApiError:
    return LocalApiError(429, "too_many_requests", "Too many requests, please try again later.")


def internal_error() -> LocalApiError:
    return LocalApiError(500, "api_error", "An internal error ended the generation.")


def timed_out() -> LocalApiError:
    return LocalApiError(500, "timeout", "The generation did not end in time.")
