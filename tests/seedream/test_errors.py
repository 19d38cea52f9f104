import inspect

import pytest

from seedream import errors


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


@pytest.mark.parametrize(
    ("error", "running", "safe"),
    [
        (errors.ServiceError(524, ""), True, False),
        (errors.ServiceError(408, ""), True, False),
        (errors.ServiceError(502, "502"), True, False),  # a gateway that repeats the status as a code
        (errors.ServiceError(500, "timeout", task_id="task-1"), False, False),  # it was begun under that id
        (errors.ServiceError(200, "busy"), False, False),
        (errors.ServiceError(400, "InternalServiceError"), False, False),
        (errors.RateLimited(429), False, True),
        (errors.RateLimited(200), False, False),
        (errors.QuotaSpent(429, "SetLimitExceeded"), False, False),
    ],
)
def test_the_money_rule_for_what_an_answer_says(error, running, safe):
    assert (error.may_be_running, error.safe_to_resend) == (running, safe)


def test_who_can_act_is_said_by_the_class():
    kinds = [kind for kind in all_classes() if issubclass(kind, errors.ApiError)]
    acting = {who: {kind.__name__ for kind in kinds if kind.who == who} for who in ("member", "operator", "nobody")}
    assert acting == {
        "member": {"ContentRefused", "ReferenceRefused", "RequestTooLarge", "BadRequest", "NothingMade"},
        "operator": {
            "ApiError", "ModelRefused", "AuthenticationFailed", "BalanceUsedUp", "AccountOverdue", "AccountDisabled",
            "QuotaSpent", "WrongAddress", "NotFound",
        },
        "nobody": {"RateLimited", "ServiceError"},
    }  # fmt: skip


def test_every_class_says_who_can_act_and_has_a_message_of_one_line():
    for kind in all_classes():
        assert kind.who in {"member", "operator", "nobody"}
        assert kind.default_message().endswith("."), kind
        assert "\n" not in str(kind())


def test_the_tree_in_the_module_docstring_names_every_class():
    for kind in all_classes():
        assert kind.__name__ in errors.__doc__


def all_classes():
    found = [value for value in vars(errors).values() if inspect.isclass(value) and issubclass(value, Exception)]
    assert len(found) == 24
    return found
