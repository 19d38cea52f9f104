import inspect

import pytest

from seedream import errors
from seedream.errors import error_class, is_internal
from seedream.responses import parse_error

TABLE = [
    (400, "token_mismatched", "AuthenticationFailed", "operator", False),
    (400, "api_not_implemented", "NotFound", "operator", False),
    (400, "bad_request", "BadRequest", "member", False),
    (400, "no_token", "AuthenticationFailed", "operator", False),
    (400, "disabled", "AccountDisabled", "operator", False),
    (401, "invalid_token", "AuthenticationFailed", "operator", False),
    (401, "token_expired", "AuthenticationFailed", "operator", False),
    (403, "used_up", "BalanceUsedUp", "operator", False),
    (403, "forbidden", "ContentRefused", "member", False),
    (400, "InputTextSensitiveContentDetected", "ContentRefused", "member", False),
    (200, "content_policy_violation", "ContentRefused", "member", False),
    (403, "", "ApiError", "operator", False),
    (404, "no_api", "NotFound", "operator", False),
    (404, "not_found", "NotFound", "operator", False),
    (404, "", "NotFound", "operator", False),
    (413, "request_too_large", "RequestTooLarge", "member", False),
    (413, "", "RequestTooLarge", "member", False),
    (429, "too_many_requests", "RateLimited", "nobody", True),
    (429, "", "RateLimited", "nobody", True),
    (200, "too_many_requests", "ServiceError", "nobody", False),
    (500, "api_error", "ServiceError", "nobody", True),
    (500, "timeout", "ServiceError", "nobody", True),
    (500, "busy", "ServiceError", "nobody", True),
    (500, "", "ServiceError", "nobody", False),
    (504, "", "ServiceError", "nobody", False),
    (200, "api_error", "ServiceError", "nobody", False),
    (307, "", "NotFound", "operator", False),
    (418, "teapot", "BadRequest", "member", False),
    (418, "", "BadRequest", "member", False),
    (400, "InternalServiceError", "ServiceError", "nobody", False),
    (200, "", "ServiceError", "nobody", False),
    (200, "InvalidParameter", "BadRequest", "member", False),
]


@pytest.mark.parametrize(("status", "code", "name", "who", "safe"), TABLE)
def test_every_row_of_the_error_table(status, code, name, who, safe):
    error = error_class(status, code, "")(status, code)
    assert (type(error).__name__, error.who, error.safe_to_resend) == (name, who, safe)


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b'{"error": {"code": "bad_request", "message": "model is invalid."}}', "ModelRefused"),
        (
            b'{"error": {"code": "InvalidEndpointOrModel.NotFound", "message": "The model does not exist"}}',
            "ModelRefused",
        ),
        (b'{"error": {"code": "bad_request", "message": "size is invalid."}}', "BadRequest"),
    ],
)
def test_a_refused_model_is_told_from_other_bad_requests(body, name):
    assert type(parse_error(400, body)).__name__ == name


def test_nothing_that_may_have_started_is_safe_to_resend():
    safe = [kind for kind in all_classes() if not issubclass(kind, errors.InvalidRequest) and kind().safe_to_resend]
    assert {kind.__name__ for kind in safe} == {"ConnectionNotMade", "RateLimited"}


def test_what_may_be_running_is_known_and_never_safe_to_resend():
    running = [kind for kind in all_classes() if not issubclass(kind, errors.InvalidRequest) and kind().may_be_running]
    assert {kind.__name__ for kind in running} == {
        "Ambiguous", "ResponseLost", "StreamBroken", "UnreadableAnswer", "AnswerTooLarge",
    }  # fmt: skip
    gateways_page, own_word = errors.ServiceError(502, ""), errors.ServiceError(500, "busy")
    assert (gateways_page.may_be_running, gateways_page.safe_to_resend) == (True, False)
    assert (own_word.may_be_running, own_word.safe_to_resend) == (False, True)


def test_every_class_says_who_can_act_and_has_a_message_of_one_line():
    for kind in all_classes():
        assert kind.who in {"member", "operator", "nobody"}
        assert kind.default_message().endswith((".", "task id")), kind
        assert "\n" not in str(kind())


def test_the_tree_in_the_module_docstring_names_every_class():
    for kind in all_classes():
        assert kind.__name__ in errors.__doc__


def test_item_errors_of_the_service_are_told_from_refusals():
    assert [is_internal(code) for code in ("api_error", "InternalServiceError", "", "busy")] == [True] * 4
    assert not is_internal("OutputImageSensitiveContentDetected")


def all_classes():
    found = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    assert len(found) == 19
    return found
