"""Every error that has been seen, at every kind of host, and what it is taken for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedream import ImageFailed, errors
from seedream.error_table import CODES, INSIDE, TABLE, classify, rule_for
from tests.support.cpu import cpu_seconds

ID = "Request id: 021747249259246c3357216e17c0b80f"
LISTED = "model must be one of doubao-seedream-5-0-pro-260628, doubao-seedream-5-0-260128"
GATEWAY = [
    # The guide's table.
    (400, "token_mismatched", "", "AuthenticationFailed"),
    (400, "api_not_implemented", "", "WrongAddress"),
    (400, "bad_request", "", "BadRequest"),
    (400, "no_token", "", "AuthenticationFailed"),
    (400, "disabled", "", "AccountDisabled"),
    (401, "invalid_token", "", "AuthenticationFailed"),
    (401, "token_expired", "", "AuthenticationFailed"),
    (401, "token_mismatched", "", "AuthenticationFailed"),
    (403, "used_up", "Your balance is not sufficient for current request.", "BalanceUsedUp"),
    (403, "forbidden", "", "ContentRefused"),
    (403, "content_policy_violation", "The content was refused by moderation.", "ContentRefused"),
    (404, "no_api", "", "WrongAddress"),
    (404, "not_found", "The task is not found.", "NotFound"),
    (413, "request_too_large", "", "RequestTooLarge"),
    (429, "too_many_requests", "", "RateLimited"),
    (500, "api_error", "", "ServiceError"),
    (500, "timeout", "", "ServiceError"),
    (500, "busy", "", "ServiceError"),
    # What the live service was seen to say.
    (400, "bad_request", "model is invalid.", "ModelRefused"),
    (400, "bad_request", LISTED, "ModelRefused"),
    (400, "bad_request", f"Invalid request: {LISTED}, ...", "ModelRefused"),
    (400, "bad_request", f"[model]: {LISTED.removeprefix('model ')}", "ModelRefused"),
    (400, "bad_request", "Invalid value for 'model': must be one of ['a-1', \"b-2\"]", "ModelRefused"),
    (400, "bad_request", '"model" should be one of a-1', "ModelRefused"),
    (400, "bad_request", "model `fox` is not supported", "ModelRefused"),
    (400, "bad_request", "model doubao-seedream-4.5 does not exist", "ModelRefused"),
    (400, "bad_request", "Model not found", "ModelRefused"),
    (400, "bad_request", "The value of 'model' must be one of a-1", "ModelRefused"),
    (400, "bad_request", f"The text-to-image {LISTED}", "ModelRefused"),
    (400, "bad_request", "The input text may contain sensitive information.", "ContentRefused"),
    (500, "api_error", f"The output image may contain sensitive information. {ID}", "ContentRefused"),
    (400, "bad_request", "The request failed because the input image may contain real person.", "ReferenceRefused"),
    (400, "bad_request", "size must be one of 1K, 2K, 4K or WxH.", "BadRequest"),
    (400, "bad_request", "size is '1K': doubao-seedream-4-5-251128 takes 2K or 4K.", "BadRequest"),
    (400, "bad_request", "prompt is required unless an image is given.", "BadRequest"),
    (400, "bad_request", "sequential_image_generation is auto: it makes one image at a time.", "BadRequest"),
    (400, "bad_request", "output_format is not a parameter of this model: its images are jpeg.", "BadRequest"),
    (400, "bad_request", "The number of reference images and generated images is at most 15.", "BadRequest"),
    (400, "bad_request", "image[0] can't be fetched from its URL.", "ReferenceRefused"),
    (400, "bad_request", "image[1] is not an image that can be read.", "ReferenceRefused"),
    (400, "bad_request", "image_url is not accessible", "ReferenceRefused"),
    (400, "bad_request", "Failed to download the reference image.", "ReferenceRefused"),
    (400, "bad_request", "Unsupported image format.", "ReferenceRefused"),
    (400, "bad_request", "Invalid aspect ratio of the image: 1:20.", "ReferenceRefused"),
    # Resellers with OpenAI's codes.
    (401, "invalid_api_key", "", "AuthenticationFailed"),
    (403, "insufficient_user_quota", "", "BalanceUsedUp"),
    (429, "insufficient_quota", "", "BalanceUsedUp"),
    (402, "insufficient_balance", "", "BalanceUsedUp"),
    (404, "model_not_found", "", "ModelRefused"),
    (400, "invalid_request_error", "Unsupported model: doubao-seedream-4.5", "ModelRefused"),
    (400, "invalid_request_error", "invalid model", "ModelRefused"),
    (400, "invalid_request_error", "Invalid model parameters.", "BadRequest"),
    (400, "bad_request", "The requested size for the model is invalid.", "BadRequest"),
    (429, "quota_exceeded", "", "QuotaSpent"),
    (429, "monthly_quota_exceeded", "", "QuotaSpent"),
    (429, "rate_limit_exceeded", "", "RateLimited"),
    (400, "content_filter", "", "ContentRefused"),
    (400, "content_refused", "", "ContentRefused"),
    (400, "moderation_blocked", "", "ContentRefused"),
    (400, "sensitive_words_detected", "", "ContentRefused"),
    (400, "prompt_violates_rules", "", "ContentRefused"),
    (400, "prohibited_content", "", "ContentRefused"),
    (400, "bad_request", "Blocked by our content policy.", "ContentRefused"),
    (400, "bad_request", "Refused by moderation.", "ContentRefused"),
    (500, "internal_error", "", "ServiceError"),
]
BYTEDANCE = [
    (
        400,
        "MissingParameter",
        "The request failed because it is missing one or multiple required parameters.",
        "BadRequest",
    ),
    (400, "MissingParameter.prompt", "The required parameter prompt is missing.", "BadRequest"),
    (400, "InvalidParameter", "One or more parameters specified in the request are not valid.", "BadRequest"),
    (400, "InvalidParameter.size", "The specified parameter size is invalid.", "BadRequest"),
    (
        400,
        "InvalidParameter",
        "The parameter `size` specified in the request is not valid: image size must be at least 3686400 pixels.",
        "BadRequest",
    ),
    (400, "InvalidParameter", "image size must be at least 3686400 pixels", "BadRequest"),
    (400, "InvalidParameter", "image area must be at most 4624220 pixels", "BadRequest"),
    (400, "InvalidParameter", "The parameter `sequential_image_generation` specified is not valid", "BadRequest"),
    (400, "InvalidParameter.UnsupportedParameter", "The parameters seed specified are not supported.", "BadRequest"),
    (400, "InvalidArgumentError", "MissingRole: Invalid message", "BadRequest"),
    (400, "InvalidArgumentError.InvalidPixelLimit", "Customized min_pixels 100 is greater", "BadRequest"),
    (400, "OutofContextError", "Total tokens of image and text exceed max message tokens.", "BadRequest"),
    (
        400,
        "InvalidParameter",
        "The parameter `image` specified in the request is not valid: invalid url specified.",
        "ReferenceRefused",
    ),
    (400, "InvalidParameter", f"Timeout while downloading url=https://files.example/1.png {ID}", "ReferenceRefused"),
    (400, "InvalidParameter", "Error while downloading: https://files.example/1.png", "ReferenceRefused"),
    (
        400,
        "InvalidParameter.OversizeImage",
        "The request failed because the size of the input image (222 MB) exceeds the limit (10 MB).",
        "ReferenceRefused",
    ),
    (400, "InvalidParameter.OversizedImage", "", "ReferenceRefused"),
    (400, "InvalidParameter.UnsupportedImageFormat", "", "ReferenceRefused"),
    (
        400,
        "InvalidParameter",
        "expected the height to be at least 14px, but received a 8x8px image",
        "ReferenceRefused",
    ),
    (400, "InvalidParameter", "the specified asset is not an image", "ReferenceRefused"),
    (400, "InvalidImageURL.EmptyURL", "Empty base64 image url", "ReferenceRefused"),
    (400, "InvalidImageURL.InvalidFormat", "Invalid base64 image url", "ReferenceRefused"),
    (400, "SensitiveContentDetected", "The input text may contain sensitive information.", "ContentRefused"),
    (400, "SensitiveContentDetected.SevereViolation", "", "ContentRefused"),
    (400, "SensitiveContentDetected.Violence", "", "ContentRefused"),
    (400, "InputTextSensitiveContentDetected", "", "ContentRefused"),
    (400, "InputTextSensitiveContentDetected.PolicyViolation", "", "ContentRefused"),
    (400, "OutputTextSensitiveContentDetected", "", "ContentRefused"),
    (400, "OutputImageSensitiveContentDetected", "", "ContentRefused"),
    (400, "OutputImageSensitiveContentDetected.DeepFake", "", "ContentRefused"),
    (400, "", "The input text may contain severe violation information.", "ContentRefused"),
    (400, "", "The output video may be related to copyright restrictions.", "ContentRefused"),
    (400, "", "The output image may contain counterfeit documents or credentials.", "ContentRefused"),
    (400, "InputImageSensitiveContentDetected", "", "ReferenceRefused"),
    (400, "InputImageSensitiveContentDetected.PolicyViolation", "", "ReferenceRefused"),
    (400, "InputImageSensitiveContentDetected.PrivacyInformation", "", "ReferenceRefused"),
    (400, "InputTextRiskDetection", "", "ContentRefused"),
    (400, "OutputTextRiskDetection", "", "ContentRefused"),
    (400, "OutputImageRiskDetection", "", "ContentRefused"),
    (400, "InputImageRiskDetection", "", "ReferenceRefused"),
    (400, "ContentSecurityDetectionError", "", "ContentRefused"),
    (400, "ContentSecurityDetectionError", "Internal error.ARKRequest ID:1;CSDcode:2", "ServiceError"),
    (500, "OutputImageSensitiveContentDetected", "", "ContentRefused"),
    (401, "AuthenticationError", "The API key or AK/SK in the request is missing or invalid.", "AuthenticationFailed"),
    (401, "InvalidAccountStatus", "There is an issue with your account status.", "AccountDisabled"),
    (403, "AccountOverdueError", "Your account has an overdue balance.", "AccountOverdue"),
    (403, "OperationDenied.ServiceOverdue", "", "AccountOverdue"),
    (400, "InvalidSubscription", "", "AccountOverdue"),
    (403, "OperationDenied.ServiceNotOpen", "", "ModelRefused"),
    (403, "OperationDenied.PermissionDenied", "", "ModelRefused"),
    (403, "OperationDenied.InvalidState", "", "ApiError"),
    (403, "OperationDenied.FileQuotaExceeded", "", "ApiError"),
    (403, "AccessDenied", "You do not have access to the requested resource.", "ModelRefused"),
    (400, "InvalidEndpoint.ClosedEndpoint", "", "ModelRefused"),
    (404, "InvalidEndpointOrModel.NotFound", "The model or endpoint x does not exist", "ModelRefused"),
    (404, "InvalidEndpointOrModel.ModelIDAccessDisabled", "", "ModelRefused"),
    (404, "ModelNotOpen", "Your account 1 has not activated the model x.", "ModelRefused"),
    (404, "UnsupportedModel", "", "ModelRefused"),
    (400, "InvalidParameter", "The parameter `model` specified in the request are not valid", "ModelRefused"),
    (400, "bad_response", "The model or endpoint seedream-4 does not exist or you do not have access", "ModelRefused"),
    (404, "NotFound.Context", "The specified Context 1 is not found.", "NotFound"),
    (404, "PathNotFound", "The path of api not found.", "WrongAddress"),
    (413, "RequestTooLarge", "", "RequestTooLarge"),
    (413, "RequestBodyTooLarge", "", "RequestTooLarge"),
    (424, "UpstreamUnavailable", "", "ServiceError"),
    (429, "RateLimitExceeded.EndpointRPMExceeded", "", "RateLimited"),
    (429, "RateLimitExceeded.EndpointTPMExceeded", "", "RateLimited"),
    (429, "ModelAccountRpmRateLimitExceeded", "", "RateLimited"),
    (429, "ModelAccountIpmRateLimitExceeded", "", "RateLimited"),
    (429, "APIAccountRpmRateLimitExceeded", "", "RateLimited"),
    (429, "AccountRateLimitExceeded", "", "RateLimited"),
    (429, "ServerOverloaded", "", "RateLimited"),
    (429, "RequestBurstTooFast", "", "RateLimited"),
    (429, "InflightBatchsizeExceeded", "", "RateLimited"),
    (429, "SetLimitExceeded", "Your account [1] has reached the set inference limit", "QuotaSpent"),
    (429, "QuotaExceeded", "Your account [1] has exhausted its free trial quota", "QuotaSpent"),
    (429, "QuotaExceeded.DoubaoSearchFreeQuotaExceeded", "", "QuotaSpent"),
    (500, "InternalServiceError", "The service encountered an unexpected internal error.", "ServiceError"),
    (400, "InternalServiceError", "", "ServiceError"),
]
ANYWHERE = [
    (307, "", "", "WrongAddress"),
    (401, "", "", "AuthenticationFailed"),
    (401, "", "authorization_header is missing", "AuthenticationFailed"),
    (500, "api_error", "image_worker is down", "ServiceError"),
    (402, "", "", "BalanceUsedUp"),
    (403, "", "Attention Required! | Cloudflare", "ApiError"),
    (403, "403", "Forbidden", "ApiError"),
    (404, "", "404 Not Found", "WrongAddress"),
    (404, "404", "Not Found", "WrongAddress"),
    (404, "gone", "", "NotFound"),
    (405, "", "", "WrongAddress"),
    (408, "", "", "ServiceError"),
    (410, "", "", "NotFound"),
    (413, "", "", "RequestTooLarge"),
    (418, "", "", "BadRequest"),
    (418, "teapot", "", "BadRequest"),
    (429, "", "", "RateLimited"),
    (500, "", "", "ServiceError"),
    (502, "", "502 Bad Gateway", "ServiceError"),
    (524, "", "A timeout occurred", "ServiceError"),
    # Within a good answer: in a stream, a task's record, a callback, or for one picture of a group.
    (200, "", "", "ServiceError"),
    (200, "Mystery", "", "ApiError"),
    (200, "too_many_requests", "", "ServiceError"),
    (200, "RateLimitExceeded.EndpointRPMExceeded", "", "ServiceError"),
    (200, "ModelAccountRpmRateLimitExceeded", "", "ServiceError"),
    (200, "ServerOverloaded", "", "ServiceError"),
    (200, "RequestBurstTooFast", "", "ServiceError"),
    (200, "InflightBatchsizeExceeded", "", "ServiceError"),
    (200, "rate_limited", "", "ServiceError"),
    (200, "api_error", "", "ServiceError"),
    (200, "api_error", "The generated image could not be stored.", "ServiceError"),
    (200, "InvalidParameter", "", "BadRequest"),
    (200, "InvalidImageURL.InvalidFormat", "Invalid base64 image url", "ReferenceRefused"),
    (200, "InvalidParameter", "Failed to decode image.", "ReferenceRefused"),
    (200, "SetLimitExceeded", "", "QuotaSpent"),
    (200, "OutputImageSensitiveContentDetected", "", "ContentRefused"),
]
SEEN = [*GATEWAY, *BYTEDANCE, *ANYWHERE]


@pytest.mark.parametrize(("status", "code", "message", "name"), SEEN)
def test_every_error_that_has_been_seen_is_taken_for_what_it_is(status, code, message, name):
    assert classify(status, code, message).__name__ == name


@pytest.mark.parametrize(("status", "code", "message", "name"), SEEN)
def test_the_case_of_a_code_and_white_space_do_not_matter(status, code, message, name):
    assert classify(status, f" {code.swapcase()}", message.upper().replace(" ", "\n ")).__name__ == name


def test_every_row_is_needed_by_an_error_that_has_been_seen():
    used = {id(rule_for(status, code, message)) for status, code, message, _ in SEEN}
    assert [row for row in TABLE if id(row) not in used] == []


def test_every_row_has_a_source_and_a_kind_of_host():
    assert {row.source.host for row in TABLE} == {"gateway", "bytedance", "any"}
    assert all(row.source.name for row in TABLE)


def test_the_codes_that_are_known_by_name_are_plain():
    assert {"bad_request", "used_up", "setlimitexceeded"} <= CODES
    assert not any(set(code) & set("*?[") for code in CODES)


STOPS_EVERYBODY = [
    errors.AuthenticationFailed,
    errors.BalanceUsedUp,
    errors.AccountOverdue,
    errors.AccountDisabled,
    errors.QuotaSpent,
    errors.WrongAddress,
]


@pytest.mark.parametrize(
    "prompt",
    [message for *_, message, name in SEEN if name in {kind.__name__ for kind in STOPS_EVERYBODY}]
    + ["used_up", "SetLimitExceeded", "your balance is used up", "no such api"],
)
def test_no_prompt_that_a_message_repeats_can_stop_the_bot(prompt):
    for status in (200, 400, 500):
        kind = classify(status, "bad_request", f"prompt: {prompt}")
        assert kind not in STOPS_EVERYBODY


@pytest.mark.parametrize(
    "said",
    [
        f'The prompt "{LISTED}" is too long.',
        f"prompt: {LISTED}",
        f"Invalid prompt: {LISTED}",
        f"The text {LISTED} is not allowed",
        f'"{LISTED}" is not allowed',
        f"`{LISTED}` can't be painted",
        "Your prompt names no such model: x-1",
    ],
)
def test_no_prompt_that_a_message_repeats_can_take_a_model_away(said):
    for status in (200, 400, 500):
        assert classify(status, "bad_request", said) is not errors.ModelRefused


statuses = st.integers(-5, 2000)
texts = st.text(max_size=200) | st.sampled_from([text for _, code, message, _ in SEEN for text in (code, message)])


@given(statuses, texts, texts)
def test_anything_is_something_and_always_the_same(status, code, message):
    kind = classify(status, code, message)
    assert issubclass(kind, errors.ApiError)
    assert classify(status, code, message) is kind


@given(st.sampled_from(list(INSIDE)), texts, texts)
def test_nothing_that_is_told_within_an_answer_is_safe_to_resend(status, code, message):
    assert not classify(status, code, message)(status, code, message).safe_to_resend
    assert not ImageFailed(0, code, message).error.safe_to_resend


@given(st.integers(400, 599), texts, texts)
def test_only_a_limit_or_the_api_s_own_word_is_safe_to_resend(status, code, message):
    error = classify(status, code, message)(status, code, message)
    if error.safe_to_resend:
        assert isinstance(error, errors.RateLimited | errors.ServiceError)
        assert not error.may_be_running


@pytest.mark.parametrize("text", ["model " * 50_000, "image " * 50_000, "`" * 300_000, "a_" * 150_000, "fail" * 75_000])
def test_a_huge_message_costs_no_more_than_a_long_one(text):
    assert cpu_seconds(lambda: classify(400, text, text)) < 0.5
