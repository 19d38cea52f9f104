"""Messages: what Discord refuses, field by field, and what an edit leaves standing."""

import pytest

from sandbox.discord.rules import check_message, check_sizes
from tests.sandbox.refusals import refused

V2 = 32768
TEXT = {"type": 10, "content": "hello"}
ROW = {"type": 1, "components": [{"type": 2, "style": 1, "label": "Go", "custom_id": "go"}]}
SHOWN = {"id": "7", "flags": 0, "content": "hello", "embeds": [], "components": [], "attachments": []}
SHOWN_V2 = {**SHOWN, "flags": V2, "content": "", "components": [TEXT]}
NOT_FOUND = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
PICTURE = {"id": "900", "filename": "cat.png", "size": 1}


def embed(**fields):
    return {"title": "t", **fields}


def gallery(*urls):
    return {"type": 12, "items": [{"media": {"url": url}} for url in urls]}


ACCEPTED = {
    "plain text": {"content": "hello"},
    "text of 2000 characters": {"content": "x" * 2000},
    "an embed": {"embeds": [embed(color=0xFFFFFF, timestamp="2025-01-02T03:04:05+00:00")]},
    "ten embeds": {"embeds": [embed()] * 10},
    "an embed with a picture that is sent along": {"embeds": [{"image": {"url": "attachment://a.png"}}]},
    "nothing but a button": {"components": [ROW]},
    "nothing but a poll": {"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}]}},
    "nothing but a sticker": {"sticker_ids": ["1"]},
    "a forwarded message": {"message_reference": {"type": 1, "message_id": "1", "channel_id": "2"}},
    "a reply": {"content": "x", "message_reference": {"message_id": 1, "fail_if_not_exists": False}},
    "a number as nonce": {"content": "x", "nonce": 123, "enforce_nonce": True},
    "a silent message": {"content": "x", "flags": 4096 | 4},
    "V2 components with the flag": {"flags": V2, "components": [TEXT]},
    "mentions listed": {"content": "x", "allowed_mentions": {"parse": ["everyone"], "users": ["1"], "roles": [2]}},
    "fields of other versions": {"content": "x", "unknown": 1},
    "nulls for what is not there": {"content": "x", "embeds": None, "components": None, "poll": None, "flags": None},
}

REFUSED = {
    "text over 2000": ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    "text that is a number": ({"content": 1}, "content", "STRING_TYPE_CONVERT"),
    "eleven embeds": ({"embeds": [embed()] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    "embeds that are no list": ({"embeds": embed()}, "embeds", "LIST_TYPE_CONVERT"),
    "an embed that is text": ({"embeds": ["t"]}, "embeds.0", "MODEL_TYPE_CONVERT"),
    "an empty embed": ({"embeds": [{}]}, "embeds.0", "LIST_ITEM_VALUE_REQUIRED"),
    "an embed of a color only": ({"embeds": [{"color": 1}]}, "embeds.0.description", "BASE_TYPE_REQUIRED"),
    "embeds over 6000 in all": ({"embeds": [embed(description="x" * 3000)] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    "a title over 256": ({"embeds": [embed(title="x" * 257)]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    "a description over 4096": (
        {"embeds": [embed(description="x" * 4097)]},
        "embeds.0.description",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "26 fields": (
        {"embeds": [embed(fields=[{"name": "a", "value": "b"}] * 26)]},
        "embeds.0.fields",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a field without a value": (
        {"embeds": [embed(fields=[{"name": "a"}])]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_REQUIRED",
    ),
    "a field with an empty name": (
        {"embeds": [embed(fields=[{"name": "", "value": "b"}])]},
        "embeds.0.fields.0.name",
        "BASE_TYPE_REQUIRED",
    ),
    "a color over ffffff": ({"embeds": [embed(color=0x1000000)]}, "embeds.0.color", "NUMBER_TYPE_MAX"),
    "a color that is text": ({"embeds": [embed(color="red")]}, "embeds.0.color", "NUMBER_TYPE_COERCE"),
    "a time that is none": ({"embeds": [embed(timestamp="soon")]}, "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    "an embed's link over ftp": ({"embeds": [embed(url="ftp://a.b")]}, "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    "an embed's link that is no link": ({"embeds": [embed(url="nowhere")]}, "embeds.0.url", "URL_TYPE_INVALID_URL"),
    "a footer over 2048": (
        {"embeds": [embed(footer={"text": "x" * 2049})]},
        "embeds.0.footer.text",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "an author over 256": (
        {"embeds": [embed(author={"name": "x" * 257})]},
        "embeds.0.author.name",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "tts that is text": ({"content": "x", "tts": "yes"}, "tts", "BOOLEAN_TYPE_CONVERT"),
    "an ephemeral channel message": ({"content": "x", "flags": 64}, "flags", "BASE_TYPE_CHOICES"),
    "flags below zero": ({"content": "x", "flags": -1}, "flags", "NUMBER_TYPE_MIN"),
    "a nonce over 25": ({"content": "x", "nonce": "n" * 26}, "nonce", "NONCE_TYPE_TOO_LONG"),
    "a nonce over 64 bits": ({"content": "x", "nonce": 2**63}, "nonce", "NONCE_TYPE_OUT_OF_BOUNDS"),
    "a nonce that is a list": ({"content": "x", "nonce": []}, "nonce", "NONCE_TYPE_INVALID_TYPE"),
    "a reply to no id": (
        {"content": "x", "message_reference": {}},
        "message_reference.message_id",
        "BASE_TYPE_REQUIRED",
    ),
    "a reply to a word": (
        {"content": "x", "message_reference": {"message_id": "it"}},
        "message_reference.message_id",
        "NUMBER_TYPE_COERCE",
    ),
    "a forward from nowhere": (
        {"message_reference": {"type": 1, "message_id": "1"}},
        "message_reference.channel_id",
        "BASE_TYPE_REQUIRED",
    ),
    "users parsed and listed": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    "an unknown kind of mention": (
        {"content": "x", "allowed_mentions": {"parse": ["here"]}},
        "allowed_mentions.parse.0",
        "BASE_TYPE_CHOICES",
    ),
    "101 mentions": (
        {"content": "x", "allowed_mentions": {"users": list(range(1, 102))}},
        "allowed_mentions.users",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a mention listed twice": (
        {"content": "x", "allowed_mentions": {"users": ["1", 1]}},
        "allowed_mentions.users.1",
        "SET_TYPE_ALREADY_CONTAINS_VALUE",
    ),
    "four stickers": ({"sticker_ids": [1, 2, 3, 4]}, "sticker_ids", "BASE_TYPE_MAX_LENGTH"),
    "a poll without answers": (
        {"poll": {"question": {"text": "?"}, "answers": []}},
        "poll.answers",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "a poll of a year": (
        {"poll": {"question": {"text": "?"}, "answers": [{"poll_media": {"text": "a"}}], "duration": 8760}},
        "poll.duration",
        "NUMBER_TYPE_MAX",
    ),
    "V2 components without the flag": ({"components": [TEXT]}, "components.0", "UNION_TYPE_CHOICES"),
    "the V2 flag with text": (
        {"flags": V2, "components": [TEXT], "content": "x"},
        "content",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "the V2 flag with embeds": (
        {"flags": V2, "components": [TEXT], "embeds": [embed()]},
        "embeds",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "the V2 flag with a sticker": (
        {"flags": V2, "components": [TEXT], "sticker_ids": ["1"]},
        "sticker_ids",
        "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
    ),
    "nothing at all": ({}, "", "50006"),
    "nothing but spaces": ({"content": " \n "}, "", "50006"),
    "nothing but the V2 flag": ({"flags": V2, "components": []}, "", "50006"),
    "a list": ([], "", "MODEL_TYPE_CONVERT"),
}


@pytest.mark.parametrize("payload", ACCEPTED.values(), ids=ACCEPTED)
def test_a_new_message_is_accepted_with(payload):
    assert refused(check_message(payload, files={0: "a.png"}, kind="create")) == []


@pytest.mark.parametrize(("payload", "path", "code"), REFUSED.values(), ids=REFUSED)
def test_a_new_message_is_refused_for(payload, path, code):
    assert refused(check_message(payload, files={}, kind="create")) == [(path, code)]


def test_the_body_is_nested_exactly_as_discord_nests_it():
    payload = {"flags": V2, "components": [{"type": 17, "components": [{"type": 10, "content": "x" * 4001}]}]}
    problems = check_message(payload, files={}, kind="callback")
    error = {"code": "BASE_TYPE_BAD_LENGTH", "message": "Must be between 1 and 4000 in length."}
    assert problems.status == 400
    assert problems.body() == {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {"data": {"components": {"0": {"components": {"0": {"content": {"_errors": [error]}}}}}}},
    }


def test_all_invalid_fields_are_reported_at_once():
    payload = {"content": "x" * 2001, "tts": 1, "flags": "x"}
    assert [path for path, _ in refused(check_message(payload, files={}, kind="create"))] == ["flags", "content", "tts"]


def test_an_empty_message_has_its_own_error_code():
    problems = check_message({}, files={}, kind="create")
    assert problems.body() == {"code": 50006, "message": "Cannot send an empty message"}


class TestFiles:
    def test_a_file_alone_is_a_message(self):
        assert check_message({}, files={0: "a.png"}, kind="create") is None

    def test_an_attachment_names_its_upload_by_number(self):
        payload = {"attachments": [{"id": 0, "filename": "a.png", "description": "a cat"}]}
        assert check_message(payload, files={0: "a.png"}, kind="create") is None

    def test_an_attachment_without_its_upload_is_refused(self):
        payload = {"content": "x", "attachments": [{"id": "0"}, {"id": "1"}]}
        problems = check_message(payload, files={0: "a.png"}, kind="create")
        assert refused(problems) == [("attachments.1", "ATTACHMENT_NOT_FOUND")]

    def test_an_alt_text_over_1024_is_refused(self):
        payload = {"attachments": [{"id": 0, "description": "x" * 1025}]}
        problems = check_message(payload, files={0: "a.png"}, kind="create")
        assert refused(problems) == [("attachments.0.description", "BASE_TYPE_MAX_LENGTH")]

    def test_an_eleventh_upload_is_refused(self):
        problems = check_message({}, files={n: f"{n}.png" for n in range(11)}, kind="create")
        assert refused(problems) == [("", "30015")]

    def test_a_gallery_shows_what_was_uploaded_by_the_name_that_the_message_gives_it(self):
        payload = {
            "flags": V2,
            "components": [gallery("attachment://b.png")],
            "attachments": [{"id": 0, "filename": "b.png"}],
        }
        assert check_message(payload, files={0: "a.png"}, kind="create") is None

    def test_a_gallery_cannot_show_what_is_not_there(self):
        payload = {"flags": V2, "components": [gallery("attachment://b.png")]}
        problems = check_message(payload, files={0: "a.png"}, kind="create")
        code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
        assert refused(problems) == [("components.0.items.0.media.url", code)]

    def test_a_file_over_the_limit_is_too_large(self):
        assert check_sizes([10, 20], limit=20) is None
        problems = check_sizes([10, 21], limit=20)
        assert (problems.status, problems.body()) == (413, {"code": 40005, "message": "Request entity too large"})


class TestEdits:
    def test_an_edit_keeps_the_fields_that_it_leaves_out(self):
        assert check_message({"embeds": []}, files={}, kind="edit", existing=SHOWN) is None

    def test_removing_the_last_content_leaves_an_empty_message(self):
        assert refused(check_message({"content": ""}, files={}, kind="edit", existing=SHOWN)) == [("", "50006")]
        assert refused(check_message({"content": None}, files={}, kind="edit", existing=SHOWN)) == [("", "50006")]

    def test_an_edit_of_an_unknown_message_is_not_refused_as_empty(self):
        assert check_message({}, files={}, kind="edit") is None

    def test_an_edit_of_a_v2_message_needs_no_flag(self):
        assert check_message({"components": [TEXT]}, files={}, kind="edit", existing=SHOWN_V2) is None

    def test_a_v2_message_cannot_have_content(self):
        problems = check_message({"content": "x"}, files={}, kind="edit", existing=SHOWN_V2)
        assert refused(problems) == [("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")]

    def test_the_v2_flag_cannot_be_removed(self):
        problems = check_message({"flags": 0}, files={}, kind="edit", existing=SHOWN_V2)
        assert refused(problems) == [("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG")]

    def test_a_message_becomes_v2_only_when_its_text_is_cleared(self):
        payload = {"flags": V2, "components": [TEXT]}
        problems = check_message(payload, files={}, kind="edit", existing=SHOWN)
        assert refused(problems) == [("content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")]
        assert check_message({**payload, "content": None}, files={}, kind="edit", existing=SHOWN) is None

    def test_flags_that_discord_set_may_be_sent_back(self):
        loading = {**SHOWN, "flags": 128 | 64}
        assert check_message({"content": "x", "flags": 128 | 64}, files={}, kind="edit", existing=loading) is None

    def test_a_kept_picture_is_named_by_its_id_and_shown_with_the_new_one(self):
        existing = {**SHOWN_V2, "attachments": [PICTURE]}
        payload = {
            "components": [gallery("attachment://cat.png", "attachment://dog.png")],
            "attachments": [{"id": "900", "filename": "cat.png"}, {"id": 0, "filename": "dog.png"}],
        }
        assert check_message(payload, files={0: "dog.png"}, kind="edit", existing=existing) is None

    def test_pictures_stay_when_attachments_are_not_sent(self):
        existing = {**SHOWN_V2, "attachments": [PICTURE]}
        payload = {"components": [gallery("attachment://cat.png")]}
        assert check_message(payload, files={}, kind="edit", existing=existing) is None

    def test_a_dropped_picture_can_no_longer_be_shown(self):
        existing = {**SHOWN_V2, "attachments": [PICTURE]}
        payload = {"components": [gallery("attachment://cat.png")], "attachments": []}
        problems = check_message(payload, files={}, kind="edit", existing=existing)
        code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND"
        assert refused(problems) == [("components.0.items.0.media.url", code)]

    def test_kept_and_new_pictures_are_counted_together(self):
        pictures = [{"id": str(900 + n), "filename": f"{n}.png"} for n in range(10)]
        existing = {**SHOWN, "attachments": pictures}
        too_many = {"attachments": [*pictures, {"id": 0}]}
        assert len(refused(check_message(too_many, files={0: "new.png"}, kind="edit", existing=existing))) == 1
        assert check_message({}, files={0: "new.png"}, kind="edit", existing=existing) is None

    def test_a_kept_picture_without_its_name_is_not_found(self):
        existing = {**SHOWN_V2, "attachments": [PICTURE]}
        payload = {"components": [gallery("attachment://cat.png")], "attachments": [{"id": "900"}]}
        problems = check_message(payload, files={}, kind="edit", existing=existing)
        assert refused(problems) == [("components.0.items.0.media.url", NOT_FOUND)]

    def test_an_unlisted_upload_is_not_found(self):
        payload = {"flags": V2, "components": [gallery("attachment://dog.png")]}
        problems = check_message(payload, files={0: "dog.png"}, kind="edit", existing=SHOWN_V2)
        assert refused(problems) == [("components.0.items.0.media.url", NOT_FOUND)]
        assert check_message(payload, files={0: "dog.png"}, kind="edit", existing=SHOWN_V2, unlisted=True) is None

    def test_a_gallery_cannot_show_one_of_two_files_with_the_same_name(self):
        payload = {"flags": V2, "components": [gallery("attachment://a.png")]}
        problems = check_message(payload, files={0: "a.png", 1: "a.png"}, kind="create")
        code = "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_AMBIGUOUS"
        assert refused(problems) == [("components.0.items.0.media.url", code)]


class TestCallbacks:
    def test_only_a_channel_message_may_be_a_forward_of_another(self):
        payload = {"message_reference": {"type": 1, "message_id": "1", "channel_id": "2"}}
        assert refused(check_message(payload, files={}, kind="callback")) == [("", "50006")]

    def test_an_answer_may_be_ephemeral(self):
        assert check_message({"content": "x", "flags": 64}, files={}, kind="callback") is None

    def test_an_answer_without_data_is_refused(self):
        assert refused(check_message(None, files={}, kind="callback")) == [("data", "BASE_TYPE_REQUIRED")]

    def test_a_deferred_answer_needs_no_data(self):
        assert check_message(None, files={}, kind="defer") is None
        assert check_message({"flags": 64}, files={}, kind="defer") is None

    def test_problems_are_reported_under_data(self):
        problems = check_message({"content": "x" * 2001}, files={}, kind="callback")
        assert refused(problems) == [("data.content", "BASE_TYPE_MAX_LENGTH")]

    def test_an_update_is_checked_like_an_edit(self):
        assert check_message({}, files={}, kind="update", existing=SHOWN) is None
        problems = check_message({"content": "x"}, files={}, kind="update", existing=SHOWN_V2)
        assert refused(problems) == [("data.content", "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2")]

    def test_a_followup_may_be_ephemeral_and_named(self):
        payload = {"content": "x", "flags": 64, "username": "Painter", "avatar_url": "https://a.b/c.png"}
        assert check_message(payload, files={}, kind="webhook") is None
        problems = check_message({**payload, "username": ""}, files={}, kind="webhook")
        assert refused(problems) == [("username", "BASE_TYPE_BAD_LENGTH")]
