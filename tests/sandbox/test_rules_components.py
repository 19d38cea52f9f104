"""Components in messages: shapes, places, sizes, and what must be told only once."""

import time

import pytest

from sandbox.discord.rules import check_message
from sandbox.discord.rules.emoji import is_emoji
from tests.sandbox.refusals import refused

V2 = 32768
TEXT = {"type": 10, "content": "hello"}
SEPARATOR = {"type": 14, "divider": True, "spacing": 2}


def button(**fields):
    return {"type": 2, "style": 1, "label": "Go", "custom_id": "go", **fields}


def link(**fields):
    return {"type": 2, "style": 5, "label": "Go", "url": "https://discord.com", **fields}


def row(*components):
    return {"type": 1, "components": list(components)}


def buttons(count, start=0):
    return row(*(button(custom_id=str(start + n)) for n in range(count)))


def options(count):
    return [{"label": str(n), "value": str(n)} for n in range(count)]


def select(**fields):
    return {"type": 3, "custom_id": "pick", "options": options(2), **fields}


def users(**fields):
    return {"type": 5, "custom_id": "who", **fields}


def container(*components, **fields):
    return {"type": 17, "components": list(components), **fields}


def section(*texts, accessory):
    return {"type": 9, "components": list(texts), "accessory": accessory}


def media(url="https://a.b/c.png", **fields):
    return {"media": {"url": url}, **fields}


def gallery(*items):
    return {"type": 12, "items": list(items)}


def thumbnail(**fields):
    return {"type": 11, **media(**fields)}


def file(url):
    return {"type": 13, "file": {"url": url}}


LEGACY_ACCEPTED = {
    "five rows of five buttons": [buttons(5, 5 * n) for n in range(5)],
    "a link": [row(link())],
    "a link into the client": [row(link(url="discord://-/channels/@me"))],
    "a premium button": [row({"type": 2, "style": 6, "sku_id": "1"})],
    "a button of an emoji only": [row(button(label=None, emoji={"id": None, "name": "✏️"}))],
    "a button of a custom emoji": [row(button(emoji={"id": "1", "name": "cat", "animated": True}))],
    "a select of 25": [row(select(options=options(25), min_values=0, max_values=25))],
    "a select with a default": [row(select(options=[{"label": "a", "value": "a", "default": True}]))],
    "a user select": [row(users(default_values=[{"id": "1", "type": "user"}], max_values=3))],
    "a channel select": [row({"type": 8, "custom_id": "where", "channel_types": [0, 5]})],
}

LEGACY_REFUSED = {
    "a sixth row": ([buttons(1, n) for n in range(6)], "", "BASE_TYPE_MAX_LENGTH"),
    "a sixth button": ([buttons(6)], "0.components", "BASE_TYPE_BAD_LENGTH"),
    "an empty row": ([row()], "0.components", "BASE_TYPE_BAD_LENGTH"),
    "a row without components": ([{"type": 1}], "0.components", "BASE_TYPE_REQUIRED"),
    "a select beside a button": ([row(button(), select())], "0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    "a button beside a select": ([row(select(), button())], "0.components.1", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    "a button without a row": ([button()], "0", "UNION_TYPE_CHOICES"),
    "a row in a row": ([row(buttons(1))], "0.components.0", "UNION_TYPE_CHOICES"),
    "a text input": ([row({"type": 4, "custom_id": "a", "style": 1})], "0.components.0", "UNION_TYPE_CHOICES"),
    "no type": ([{"components": []}], "0", "UNION_TYPE_REQUIRED"),
    "a type that is text": ([{"type": "1"}], "0", "UNION_TYPE_CHOICES"),
    "a component that is null": ([None], "0", "LIST_ITEM_VALUE_REQUIRED"),
    "a component that is a list": ([[]], "0", "MODEL_TYPE_CONVERT"),
    "a custom id told twice": (
        [row(button(), button())],
        "0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "a custom id told twice over rows": (
        [row(button()), row(select(custom_id="go"))],
        "1.components.0.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "a custom id over 100": ([row(button(custom_id="x" * 101))], "0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH"),
    "a button without a custom id": (
        [row(button(custom_id=None))],
        "0.components.0.custom_id",
        "BUTTON_COMPONENT_CUSTOM_ID_REQUIRED",
    ),
    "a button with a link": (
        [row(button(url="https://a.b"))],
        "0.components.0",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "a link with a custom id": (
        [row(link(custom_id="a"))],
        "0.components.0",
        "BUTTON_COMPONENT_CUSTOM_ID_URL_MUTUALLY_EXCLUSIVE",
    ),
    "a link to nowhere": ([row(link(url=None))], "0.components.0.url", "BUTTON_COMPONENT_URL_REQUIRED"),
    "a link over ftp": ([row(link(url="ftp://a.b"))], "0.components.0.url", "URL_TYPE_INVALID_SCHEME"),
    "a link over 512": ([row(link(url="https://a.b/" + "x" * 501))], "0.components.0.url", "BASE_TYPE_MAX_LENGTH"),
    "a premium button without a sku": (
        [row({"type": 2, "style": 6})],
        "0.components.0.sku_id",
        "BUTTON_COMPONENT_SKU_ID_REQUIRED",
    ),
    "a premium button with a label": (
        [row({"type": 2, "style": 6, "sku_id": "1", "label": "Buy"})],
        "0.components.0.label",
        "BUTTON_COMPONENT_PREMIUM_FIELD_NOT_ALLOWED",
    ),
    "a button without a style": ([row(button(style=None))], "0.components.0.style", "BASE_TYPE_REQUIRED"),
    "a style of seven": ([row(button(style=7))], "0.components.0.style", "BASE_TYPE_CHOICES"),
    "a label over 80": ([row(button(label="x" * 81))], "0.components.0.label", "BASE_TYPE_MAX_LENGTH"),
    "a button without a face": (
        [row(button(label=""))],
        "0.components.0.label",
        "BUTTON_COMPONENT_LABEL_OR_EMOJI_REQUIRED",
    ),
    "a symbol that is no emoji": (
        [row(button(emoji={"name": "▲"}))],
        "0.components.0.emoji.name",
        "COMPONENT_INVALID_EMOJI",
    ),
    "an emoji that is text": ([row(button(emoji="🎨"))], "0.components.0.emoji", "MODEL_TYPE_CONVERT"),
    "a select without options": ([row(select(options=[]))], "0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    "26 options": ([row(select(options=options(26)))], "0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    "more to choose than there is": (
        [row(select(max_values=3))],
        "0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "at least more than at most": (
        [row(select(min_values=2, max_values=1))],
        "0.components.0.min_values",
        "NUMBER_TYPE_MAX",
    ),
    "26 to choose": ([row(users(max_values=26))], "0.components.0.max_values", "NUMBER_TYPE_MAX"),
    "none to choose": ([row(users(max_values=0))], "0.components.0.max_values", "NUMBER_TYPE_MIN"),
    "an option told twice": (
        [row(select(options=[*options(2), *options(1)]))],
        "0.components.0.options.2.value",
        "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
    ),
    "an option without a label": (
        [row(select(options=[{"value": "a"}]))],
        "0.components.0.options.0.label",
        "BASE_TYPE_REQUIRED",
    ),
    "more defaults than can be chosen": (
        [row(select(options=[{**option, "default": True} for option in options(2)]))],
        "0.components.0.options",
        "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
    ),
    "a placeholder over 150": (
        [row(users(placeholder="x" * 151))],
        "0.components.0.placeholder",
        "BASE_TYPE_MAX_LENGTH",
    ),
    "a role as the default user": (
        [row(users(default_values=[{"id": "1", "type": "role"}]))],
        "0.components.0.default_values.0.type",
        "BASE_TYPE_CHOICES",
    ),
    "a channel type that is none": (
        [row({"type": 8, "custom_id": "where", "channel_types": [99]})],
        "0.components.0.channel_types.0",
        "BASE_TYPE_CHOICES",
    ),
}

V2_ACCEPTED = {
    "forty texts": [TEXT] * 40,
    "4000 characters": [{"type": 10, "content": "x" * 2000}] * 2,
    "ten pictures": [gallery(*[media(description="x" * 1024, spoiler=True)] * 10)],
    "a container of everything": [
        container(
            TEXT, SEPARATOR, gallery(media()), file("attachment://a.png"), section(TEXT, accessory=thumbnail()),
            buttons(2), accent_color=0, spoiler=False,
        ),
    ],
    "a section with a button": [section(TEXT, TEXT, TEXT, accessory=button())],
    "a gallery of what was sent along": [gallery(media("attachment://a.png"))],
    "numbered components": [{**TEXT, "id": 1}, {**TEXT, "id": 2}, {**TEXT, "id": 0}, {**TEXT, "id": 0}],
}  # fmt: skip

V2_REFUSED = {
    "forty-one at the top": ([TEXT] * 41, "", "BASE_TYPE_MAX_LENGTH"),
    "forty-one in all": (
        [container(*[TEXT] * 20), container(*[TEXT] * 19)],
        "",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "a section counted with its accessory": (
        [section(TEXT, accessory=thumbnail())] * 13 + [TEXT] * 2,
        "",
        "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
    ),
    "4001 characters in all": (
        [{"type": 10, "content": "x" * 2000}] * 2 + [{"type": 10, "content": "x"}],
        "",
        "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
    ),
    "an empty text": ([{"type": 10, "content": ""}], "0.content", "BASE_TYPE_BAD_LENGTH"),
    "a container in a container": ([container(container(TEXT))], "0.components.0", "UNION_TYPE_CHOICES"),
    "an empty container": ([container()], "0.components", "BASE_TYPE_BAD_LENGTH"),
    "a thumbnail by itself": ([thumbnail()], "0", "UNION_TYPE_CHOICES"),
    "a color over ffffff": ([container(TEXT, accent_color=2**24)], "0.accent_color", "NUMBER_TYPE_MAX"),
    "a spoiler that is text": ([container(TEXT, spoiler="no")], "0.spoiler", "BOOLEAN_TYPE_CONVERT"),
    "a section of four texts": ([section(*[TEXT] * 4, accessory=thumbnail())], "0.components", "BASE_TYPE_BAD_LENGTH"),
    "a section of a separator": ([section(SEPARATOR, accessory=thumbnail())], "0.components.0", "UNION_TYPE_CHOICES"),
    "a section without an accessory": ([section(TEXT, accessory=None)], "0.accessory", "BASE_TYPE_REQUIRED"),
    "a select as an accessory": ([section(TEXT, accessory=users())], "0.accessory", "UNION_TYPE_CHOICES"),
    "an empty gallery": ([gallery()], "0.items", "BASE_TYPE_BAD_LENGTH"),
    "eleven pictures": ([gallery(*[media()] * 11)], "0.items", "BASE_TYPE_BAD_LENGTH"),
    "an alt text over 1024": (
        [gallery(media(description="x" * 1025))],
        "0.items.0.description",
        "BASE_TYPE_BAD_LENGTH",
    ),
    "an empty alt text": ([gallery(media(description=""))], "0.items.0.description", "BASE_TYPE_BAD_LENGTH"),
    "a picture without media": ([gallery({"description": "x"})], "0.items.0.media", "BASE_TYPE_REQUIRED"),
    "a picture from a disk": ([gallery(media("file:///etc/passwd"))], "0.items.0.media.url", "URL_TYPE_INVALID_URL"),
    "a picture over ftp": ([gallery(media("ftp://a.b/c"))], "0.items.0.media.url", "URL_TYPE_INVALID_SCHEME"),
    "a picture that is not there": (
        [gallery(media("attachment://b.png"))],
        "0.items.0.media.url",
        "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
    ),
    "a file from the web": ([file("https://a.b/c.png")], "0.file.url", "URL_TYPE_INVALID_SCHEME"),
    "a spacing of three": ([{"type": 14, "spacing": 3}], "0.spacing", "BASE_TYPE_CHOICES"),
    "a number told twice": ([{**TEXT, "id": 5}, {**TEXT, "id": 5}], "1.id", "COMPONENT_ID_DUPLICATED"),
    "a number over 32 bits": ([{**TEXT, "id": 2**31}], "0.id", "NUMBER_TYPE_MAX"),
    "a custom id told twice across the tree": (
        [container(row(button())), section(TEXT, accessory=button())],
        "1.accessory.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    "a label of V1 in a V2 message": ([{"type": 18, "label": "x"}], "0", "UNION_TYPE_CHOICES"),
}


def check(components, flags=0):
    payload = {"content": None if flags else "x", "components": components, "flags": flags}
    return refused(check_message(payload, files={0: "a.png"}, kind="create"))


def under_components(path):
    return f"components.{path}" if path else "components"


@pytest.mark.parametrize("components", LEGACY_ACCEPTED.values(), ids=LEGACY_ACCEPTED)
def test_a_message_may_have(components):
    assert check(components) == []


@pytest.mark.parametrize(("components", "path", "code"), LEGACY_REFUSED.values(), ids=LEGACY_REFUSED)
def test_a_message_may_not_have(components, path, code):
    assert check(components) == [(under_components(path), code)]


@pytest.mark.parametrize("components", V2_ACCEPTED.values(), ids=V2_ACCEPTED)
def test_a_v2_message_may_have(components):
    assert check(components, V2) == []


@pytest.mark.parametrize(("components", "path", "code"), V2_REFUSED.values(), ids=V2_REFUSED)
def test_a_v2_message_may_not_have(components, path, code):
    assert check(components, V2) == [(under_components(path), code)]


def test_a_premium_button_needs_no_label_and_a_link_needs_no_custom_id():
    assert check([row({"type": 2, "style": 6, "sku_id": 1}, link(label=None, emoji={"name": "🔗"}))]) == []


def test_a_file_with_the_wrong_scheme_names_the_allowed_schemes():
    payload = {"components": [gallery(media("ftp://a.b/c"))], "flags": V2}
    (problem,) = check_message(payload, files={}, kind="create").details
    assert problem.message == "Scheme \"ftp\" is not supported. Scheme must be one of ('http', 'https', 'attachment')."


def test_a_misplaced_component_names_the_allowed_types():
    (problem,) = check_message({"components": [TEXT]}, files={}, kind="create").details
    assert problem.message == 'Value of field "type" must be one of (1,).'


@pytest.mark.parametrize("text", ["🎨", "✏️", "❤", "🇩🇪", "1️⃣", "👩‍🚀", "👍🏽", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "▶️", "♻️", "ℹ️", "➕"])
def test_valid_emoji_are_recognised(text):
    assert is_emoji(text)


@pytest.mark.parametrize("text", ["", "a", "1", "▲", "✦", "⏻", ":cat:", "🎨🎨", "🎨 ", "🇩", "🂡"])
def test_other_texts_are_not_taken_for_emoji(text):
    assert not is_emoji(text)


def test_a_full_message_is_checked_within_a_third_of_a_millisecond():
    parts = (TEXT, SEPARATOR, gallery(*[media(description="a cat")] * 4), section(TEXT, accessory=thumbnail()))
    payload = {"flags": V2, "components": [container(*parts, buttons(5)), buttons(5, 5)]}
    assert check_message(payload, files={}, kind="callback") is None

    def measured():
        started = time.thread_time()
        for _ in range(100):
            check_message(payload, files={}, kind="callback")
        return (time.thread_time() - started) / 100

    assert min(measured() for _ in range(10)) < 0.0003
