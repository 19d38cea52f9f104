"""The judge itself: what it finds, what it lets pass, and how it says it."""

import time
from types import SimpleNamespace

import pytest

from tests import contract
from tests.contract import Contract

PATH, WHY = contract.find()
described = pytest.mark.skipif(PATH is None, reason=WHY)

ID = {"$ref": "#/components/schemas/SnowflakeType"}
COMMAND = {"type": "object", "properties": {"default_member_permissions": {"type": ["integer", "null"]}}}
NOTE = {
    "type": "object",
    "properties": {
        "id": ID,
        "text": {"type": ["string", "null"], "maxLength": 5},
        "part": {
            "oneOf": [
                {"type": "null"},
                {
                    "type": "object",
                    "properties": {"type": {"const": 1}, "size": {"type": "integer"}},
                    "required": ["type"],
                },
                {
                    "type": "object",
                    "properties": {"type": {"const": 2}, "name": {"type": "string"}},
                    "required": ["type"],
                },
            ]
        },
    },
    "required": ["id"],
}


def content(schema):
    return {"content": {"application/json": {"schema": schema}}}


def operation(answers, body=None):
    return {"responses": answers} | ({"requestBody": {"required": True, **content(body)}} if body else {})


NOTE_REF = {"$ref": "#/components/schemas/Note"}
COMMAND_REF = {"$ref": "#/components/schemas/ApplicationCommandCreateRequest"}
REFUSAL = {"4XX": {"$ref": "#/components/responses/Refusal"}}
# The shape of Discord's document in little, so that the judge is judged where that document is absent.
DOCUMENT = {
    "openapi": "3.1.0",
    "paths": {
        "/notes/{note_id}": {
            "parameters": [],
            "get": operation({"200": content(NOTE_REF), **REFUSAL}),
            "delete": operation({"204": {}, **REFUSAL}),
        },
        "/notes/@me": {"get": operation({"200": content({"type": "array"})})},
        "/notes": {"post": operation({"200": content(NOTE_REF), **REFUSAL}, body=NOTE_REF)},
        "/commands": {"put": operation({"200": content({})}, body=COMMAND_REF)},
        "/limited": {"get": operation({"429": content({"$ref": "#/components/schemas/RatelimitedResponse"})})},
    },
    "components": {
        "responses": {"Refusal": content({"$ref": "#/components/schemas/ErrorResponse"})},
        "schemas": {
            "SnowflakeType": {"type": "string", "pattern": "^[0-9]+$"},
            "Note": NOTE,
            "ApplicationCommandCreateRequest": COMMAND,
            "ApplicationCommandUpdateRequest": COMMAND,
            "Error": {"type": "object", "properties": {"code": {"type": "integer"}}, "required": ["code", "message"]},
            "InnerErrors": {
                "type": "object",
                "properties": {"_errors": {"type": "array", "items": {"$ref": "#/components/schemas/Error"}}},
            },
            "ErrorResponse": {
                "allOf": [
                    {"$ref": "#/components/schemas/Error"},
                    {"properties": {"errors": {"$ref": "#/components/schemas/InnerErrors"}}},
                ]
            },
            "RatelimitedResponse": {"allOf": [{"$ref": "#/components/schemas/Error"}, {"required": ["retry_after"]}]},
        },
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def judge():
    return Contract(DOCUMENT)


@pytest.fixture(scope="module")
def discord():
    return Contract.load(PATH)


def exchange(method, path, status, *, sent=None, answered=None):
    return SimpleNamespace(
        method=method, route=path, path=path, request_body=sent, status=status, response_body=answered
    )


class TestRequests:
    def test_a_valid_request_passes(self, judge):
        assert judge.check(exchange("POST", "/api/v10/notes?wait=1", 200, sent={"id": "1"}, answered={"id": "1"})) == []

    def test_an_invalid_request_is_reported_with_route_place_and_value(self, judge):
        faults = judge.check(
            exchange("post", "/notes", 200, sent={"id": "1", "text": "too long"}, answered={"id": "1"})
        )
        assert faults == [
            'POST /notes request at /text: "too long" is longer than 5 characters (given "too long")',
        ]

    def test_ids_may_be_integers(self, judge):
        assert judge.check_request("POST", "/notes", {"id": 1}) == []
        assert len(judge.check_request("POST", "/notes", {"id": "one"})) == 1

    def test_permissions_may_be_digits(self, judge):
        assert judge.check_request("PUT", "/commands", {"default_member_permissions": "32"}) == []
        assert judge.check_request("PUT", "/commands", {"default_member_permissions": None}) == []
        assert len(judge.check_request("PUT", "/commands", {"default_member_permissions": "admin"})) == 1

    def test_a_multipart_body_is_checked_by_its_json(self, judge):
        assert judge.check_request("POST", "/notes", {"payload_json": '{"id": "1"}', "files[0]": b"..."}) == []
        assert len(judge.check_request("POST", "/notes", {"payload_json": "{}"})) == 1

    def test_a_missing_body_is_reported(self, judge):
        assert judge.check_request("POST", "/notes", None) == ["POST /notes request: needs a body, has none"]

    def test_an_unexpected_body_is_reported(self, judge):
        faults = judge.check_request("DELETE", "/notes/1", {"why": 1})
        assert faults == ['DELETE /notes/{note_id} request: takes no body, was given {"why": 1}']

    def test_a_request_that_was_refused_may_be_invalid(self, judge):
        assert judge.check(exchange("POST", "/notes", 400, sent={}, answered={"code": 50035, "message": "no"})) == []

    def test_an_unknown_route_is_reported_once(self, judge):
        assert judge.check(exchange("GET", "/api/v10/nothing?a=1", 200)) == ["GET /nothing: Discord has no such route"]
        assert judge.check(exchange("PATCH", "/notes/1", 200)) == ["PATCH /notes/1: Discord has no such route"]

    def test_a_problem_in_a_union_is_reported_for_the_branch_that_was_meant(self, judge):
        faults = judge.check_request("POST", "/notes", {"id": "1", "part": {"type": 2, "name": 3}})
        assert faults == ['POST /notes request at /part/name: 3 is not of type "string" (given 3)']


class TestAnswers:
    def test_a_literal_route_is_found_before_one_with_a_parameter(self, judge):
        assert judge.check_answer("GET", "/notes/@me", 200, []) == []
        assert len(judge.check_answer("GET", "/notes/1", 200, [])) == 1

    def test_ids_must_be_strings(self, judge):
        faults = judge.check_answer("GET", "/notes/1", 200, {"id": 1})
        assert faults == ['GET /notes/{note_id} answer 200 at /id: 1 is not of type "string" (given 1)']

    def test_an_undescribed_status_is_reported(self, judge):
        faults = judge.check_answer("DELETE", "/notes/1", 200, None)
        assert faults == ["DELETE /notes/{note_id} answer: 200 is not among the answers described: 204, 4XX"]

    def test_an_empty_answer_is_empty(self, judge):
        assert judge.check_answer("DELETE", "/notes/1", 204, None) == []
        assert len(judge.check_answer("DELETE", "/notes/1", 204, {"id": "1"})) == 1

    def test_a_refusals_field_codes_are_strings(self, judge):
        errors = {"_errors": [{"code": "BASE_TYPE_REQUIRED", "message": "This field is required"}]}
        assert judge.check_answer("GET", "/notes/1", 400, {"code": 50035, "message": "no", "errors": errors}) == []
        assert len(judge.check_answer("GET", "/notes/1", 404, {"message": "no"})) == 1

    def test_a_rate_limit_needs_no_code(self, judge):
        assert judge.check_answer("GET", "/limited", 429, {"message": "slow down", "retry_after": 1.5}) == []
        assert len(judge.check_answer("GET", "/limited", 429, {"message": "slow down"})) == 1

    def test_a_server_error_is_not_checked(self, judge):
        assert judge.check_answer("GET", "/notes/1", 502, "<html>") == []


class TestFinding:
    def test_the_named_file_is_used(self, tmp_path, monkeypatch):
        file = tmp_path / "openapi.json"
        file.write_text("{}")
        monkeypatch.setenv("DISCORD_OPENAPI", str(file))
        assert contract.find()[0] == file

    def test_a_named_file_that_does_not_exist_is_an_error(self, tmp_path, monkeypatch):
        monkeypatch.setenv("DISCORD_OPENAPI", str(tmp_path / "none.json"))
        with pytest.raises(FileNotFoundError, match=r"DISCORD_OPENAPI is .* which is no file"):
            contract.find()

    def test_a_missing_file_is_reported_with_what_to_do(self, monkeypatch):
        monkeypatch.delenv("DISCORD_OPENAPI", raising=False)
        monkeypatch.setattr(contract, "BESIDE", "../no/such/file.json")
        path, why = contract.find()
        assert path is None
        assert "set DISCORD_OPENAPI" in why


USER = {
    "id": "1",
    "username": "ada",
    "discriminator": "0",
    "global_name": None,
    "avatar": None,
    "public_flags": 0,
    "flags": 0,
    "primary_guild": None,
}
MEMBER = {
    "user": USER,
    "avatar": None,
    "banner": None,
    "communication_disabled_until": None,
    "flags": 0,
    "nick": None,
    "joined_at": "2025-01-02T03:04:05+00:00",
    "pending": False,
    "premium_since": None,
    "roles": [],
    "mute": False,
    "deaf": False,
}
MESSAGE = {
    "id": "9",
    "channel_id": "2",
    "type": 0,
    "content": "hello",
    "author": USER,
    "mentions": [],
    "mention_roles": [],
    "mention_everyone": False,
    "attachments": [],
    "embeds": [],
    "components": [],
    "timestamp": "2025-01-02T03:04:05+00:00",
    "edited_timestamp": None,
    "flags": 0,
    "pinned": False,
    "tts": False,
}
INTERACTION = {"id": "1", "type": 3, "message": MESSAGE, "member": MEMBER, "data": {"resolved": {"users": {"1": USER}}}}
FORM = {"code": 50035, "message": "Invalid Form Body"}


@described
class TestAgainstDiscord:
    def test_a_valid_exchange_passes(self, discord):
        sent = {"content": "hello", "message_reference": {"message_id": 12}}
        path = "/api/v10/channels/2/messages"
        assert discord.check(exchange("POST", path, 200, sent=sent, answered=MESSAGE)) == []

    def test_a_button_without_its_style_is_found_deep_in_the_tree(self, discord):
        bad = {"type": 1, "components": [{"type": 2, "custom_id": "a"}]}
        data = {"type": 4, "data": {"flags": 32768, "components": [{"type": 17, "components": [bad]}]}}
        (fault,) = discord.check_request("POST", "/interactions/1/token/callback", data)
        assert fault.startswith("POST /interactions/{interaction_id}/{interaction_token}/callback request at")
        assert '/data/components/0/components/0/components/0: "style" is a required property' in fault

    def test_the_original_message_is_not_taken_for_one_with_an_id(self, discord):
        (fault,) = discord.check_answer("GET", "/webhooks/1/token/messages/@original", 200, {**MESSAGE, "content": 1})
        assert fault.startswith("GET /webhooks/{webhook_id}/{webhook_token}/messages/@original answer 200 at /content")

    def test_refusals_of_the_rules_match_discords_schema(self, discord):
        errors = {"data": {"components": {"0": {"_errors": [{"code": "UNION_TYPE_CHOICES", "message": "no"}]}}}}
        assert discord.check_answer("POST", "/channels/2/messages", 400, {**FORM, "errors": errors}) == []

    def test_gateway_events_are_checked_by_their_objects(self, discord):
        assert discord.check_event("MESSAGE_CREATE", MESSAGE) == []
        assert discord.check_event("INTERACTION_CREATE", INTERACTION) == []
        assert discord.check_event("TYPING_START", {"anything": 1}) == []

    def test_an_invalid_part_of_an_event_is_reported_with_its_place(self, discord):
        wrong = {**INTERACTION, "data": {"resolved": {"users": {"1": {**USER, "id": 1}}}}}
        (fault,) = discord.check_event("INTERACTION_CREATE", wrong)
        assert fault.startswith("INTERACTION_CREATE /data/resolved/users/1: UserResponse at /id: 1 is not of type")

    def test_every_object_of_an_event_has_its_schema(self, discord):
        for parts in contract.EVENTS.values():
            for _, schema in parts:
                assert discord.check_object(schema, None) != []

    def test_the_contract_loads_and_checks_within_seconds(self):
        started = time.process_time()  # others may be busy here
        fresh = Contract.load(PATH)
        for _ in range(50):
            fresh.check(exchange("POST", "/channels/2/messages", 200, sent={"content": "x"}, answered=MESSAGE))
        assert time.process_time() - started < 3
