"""Commands and autocomplete: names, options, choices, sizes."""

import pytest

from sandbox.discord.rules import check_choices, check_command, check_commands
from tests.sandbox.refusals import refused

STRING, INTEGER, BOOLEAN, CHANNEL, NUMBER, ATTACHMENT = 3, 4, 5, 7, 10, 11


def command(*options, **fields):
    return {"name": "imagine", "description": "Make a picture", "options": list(options), **fields}


def option(kind=STRING, name="prompt", **fields):
    return {"type": kind, "name": name, "description": "d", **fields}


def sub(*options, name="add"):
    return option(1, name, options=list(options))


def choices(*values):
    return [{"name": f"choice {n}", "value": value} for n, value in enumerate(values)]


def menu(**fields):
    return {"type": 3, "name": "Edit image", **fields}


ACCEPTED = {
    "a plain command": command(),
    "a name in another script": command(name="画像"),
    "a Hindi name with vowel signs": command(name="चित्र"),
    "a Thai name": command(name="รูปภาพ"),
    "a name with an apostrophe": command(name="l'image_2-b"),
    "25 options": command(*(option(name=f"o{n}") for n in range(25))),
    "required before optional": command(option(name="a", required=True), option(name="b")),
    "25 choices": command(option(choices=choices(*map(str, range(25))))),
    "whole numbers": command(option(INTEGER, min_value=-5, max_value=5, choices=choices(1, 2))),
    "numbers": command(option(NUMBER, min_value=0.5, max_value=10, choices=choices(0.5, 1))),
    "lengths": command(option(min_length=0, max_length=6000)),
    "autocomplete": command(option(autocomplete=True)),
    "channel types": command(option(CHANNEL, channel_types=[0, 5])),
    "an attachment": command(option(ATTACHMENT)),
    "subcommands": command(sub(option()), sub(name="remove")),
    "a group": command(option(2, "list", options=[sub(option())])),
    "places": command(contexts=[0, 1, 2], integration_types=[0, 1], nsfw=False, default_member_permissions="32"),
    "permissions as a number": command(default_member_permissions=32),
    "translations": command(name_localizations={"de": "bild"}, description_localizations={"de": "Ein Bild"}),
    "a message menu": menu(),
    "a user menu with an empty description": {"type": 2, "name": "Pictures of this one", "description": ""},
}

REFUSED = {
    "no name": (command(name=None), "name", "BASE_TYPE_REQUIRED"),
    "a name over 32": (command(name="x" * 33), "name", "BASE_TYPE_BAD_LENGTH"),
    "a name with a space": (command(name="make it"), "name", "STRING_TYPE_REGEX"),
    "a name with an emoji": (command(name="🎨"), "name", "STRING_TYPE_REGEX"),
    "a name in capitals": (command(name="Imagine"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
    "no description": (command(description=""), "description", "BASE_TYPE_BAD_LENGTH"),
    "a description over 100": (command(description="x" * 101), "description", "BASE_TYPE_BAD_LENGTH"),
    "26 options": (command(*(option(name=f"o{n}") for n in range(26))), "options", "BASE_TYPE_MAX_LENGTH"),
    "an option of no type": (command({"name": "a", "description": "d"}), "options.0", "UNION_TYPE_REQUIRED"),
    "an option of an unknown type": (command(option(12)), "options.0", "UNION_TYPE_CHOICES"),
    "an option in capitals": (command(option(name="Prompt")), "options.0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    "an option told twice": (
        command(option(), option()), "options.1", "APPLICATION_COMMAND_OPTIONS_NAME_INVALID",
    ),
    "required after optional": (
        command(option(name="a"), option(name="b", required=True)),
        "options.1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "required after optional in a subcommand": (
        command(sub(option(name="a"), option(name="b", required=True))),
        "options.0.options.1", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    "a subcommand beside an option": (
        command(option(), sub()), "options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    "a subcommand in a subcommand": (command(sub(sub())), "options.0.options.0", "UNION_TYPE_CHOICES"),
    "a group in a group": (
        command(option(2, "a", options=[option(2, "b")])), "options.0.options.0", "UNION_TYPE_CHOICES",
    ),
    "26 choices": (
        command(option(choices=choices(*map(str, range(26))))), "options.0.choices", "BASE_TYPE_MAX_LENGTH",
    ),
    "a choice told twice": (
        command(option(choices=[{"name": "a", "value": "1"}, {"name": "a", "value": "2"}])),
        "options.0.choices.1.name", "APPLICATION_COMMAND_OPTION_CHOICES_NAME_INVALID",
    ),
    "a choice over 100": (
        command(option(choices=choices("x" * 101))), "options.0.choices.0.value", "BASE_TYPE_MAX_LENGTH",
    ),
    "a choice without a value": (
        command(option(choices=[{"name": "a"}])), "options.0.choices.0.value", "BASE_TYPE_REQUIRED",
    ),
    "a word as a whole number": (
        command(option(INTEGER, choices=choices("1"))), "options.0.choices.0.value", "NUMBER_TYPE_COERCE",
    ),
    "half as a whole number": (
        command(option(INTEGER, choices=choices(0.5))), "options.0.choices.0.value", "NUMBER_TYPE_COERCE",
    ),
    "choices and autocomplete": (
        command(option(choices=choices("a"), autocomplete=True)),
        "options.0.choices", "APPLICATION_COMMAND_OPTION_CHOICES_INVALID",
    ),
    "choices of a yes or no": (
        command(option(BOOLEAN, choices=choices("a"))),
        "options.0.choices", "APPLICATION_COMMAND_OPTION_CHOICES_INVALID",
    ),
    "autocomplete of an attachment": (
        command(option(ATTACHMENT, autocomplete=True)),
        "options.0.autocomplete", "APPLICATION_COMMAND_OPTION_AUTOCOMPLETE_INVALID",
    ),
    "a least over the most": (
        command(option(INTEGER, min_value=5, max_value=1)), "options.0.min_value", "NUMBER_TYPE_MAX",
    ),
    "a length over 6000": (command(option(max_length=6001)), "options.0.max_length", "NUMBER_TYPE_MAX"),
    "a channel type that is none": (
        command(option(CHANNEL, channel_types=[99])), "options.0.channel_types.0", "BASE_TYPE_CHOICES",
    ),
    "an unknown locale": (command(name_localizations={"xx": "a"}), "name_localizations", "ENUM_TYPE_COERCE"),
    "a translated name in capitals": (
        command(name_localizations={"de": "Bild"}), "name_localizations.de", "APPLICATION_COMMAND_INVALID_NAME",
    ),
    "a translated description over 100": (
        command(description_localizations={"de": "x" * 101}), "description_localizations.de", "BASE_TYPE_BAD_LENGTH",
    ),
    "a context that is none": (command(contexts=[3]), "contexts.0", "BASE_TYPE_CHOICES"),
    "an integration type told twice": (
        command(integration_types=[0, 0]), "integration_types.1", "SET_TYPE_ALREADY_CONTAINS_VALUE",
    ),
    "permissions in words": (
        command(default_member_permissions="admin"), "default_member_permissions", "NUMBER_TYPE_COERCE",
    ),
    "a menu with a description": (
        menu(description="d"), "description", "APPLICATION_COMMAND_INVALID_DESCRIPTION",
    ),
    "a menu with options": (menu(options=[option()]), "options", "APPLICATION_COMMAND_INVALID_OPTIONS"),
    "a type of nine": (command(type=9), "type", "BASE_TYPE_CHOICES"),
    "over 8000 characters": (
        command(*(option(name=f"o{n}", choices=choices(*["x" * 90] * 10)) for n in range(9))),
        "", "APPLICATION_COMMAND_TOO_LARGE",
    ),
    "over 8000 characters in one translation": (
        command(
            *(option(name=f"o{n}", description_localizations={"de": "x" * 100}) for n in range(25)),
            description_localizations={"de": "x"},
        ) | {"options": [
            option(1, f"s{m}", options=[
                option(name=f"o{n}", description_localizations={"de": "x" * 100}) for n in range(10)
            ]) for m in range(9)
        ]},
        "", "APPLICATION_COMMAND_TOO_LARGE",
    ),
    "text": ("imagine", "", "MODEL_TYPE_CONVERT"),
}  # fmt: skip


@pytest.mark.parametrize("payload", ACCEPTED.values(), ids=ACCEPTED)
def test_a_command_may_have(payload):
    assert refused(check_command(payload)) == []
    assert refused(check_commands([payload])) == []


@pytest.mark.parametrize(("payload", "path", "code"), REFUSED.values(), ids=REFUSED)
def test_a_command_is_refused_for(payload, path, code):
    assert refused(check_command(payload)) == [(path, code)]
    assert refused(check_commands([command(name="other"), payload])) == [(f"1.{path}".rstrip("."), code)]


class TestManyCommands:
    def test_a_name_must_be_unique_within_its_type(self):
        assert check_commands([command(), command(name="edit"), menu(name="imagine")]) is None
        problems = check_commands([command(), command()])
        assert refused(problems) == [("1", "APPLICATION_COMMANDS_DUPLICATE_NAME")]

    def test_at_most_a_hundred_commands_are_accepted(self):
        hundred = [command(name=f"c{n}") for n in range(100)]
        assert check_commands(hundred) is None
        assert refused(check_commands([*hundred, command(name="one-more")])) == [("", "30032")]

    def test_commands_must_be_a_list(self):
        assert refused(check_commands({})) == [("", "LIST_TYPE_CONVERT")]

    def test_an_empty_list_removes_all_commands(self):
        assert check_commands([]) is None


class TestChoices:
    @pytest.mark.parametrize("values", [[], ["a", "b"], [1, -2], [0.5, 1], ["x" * 100]], ids=str)
    def test_valid_choices_are_accepted(self, values):
        assert check_choices({"choices": choices(*values)}) is None

    @pytest.mark.parametrize(
        ("payload", "path", "code"),
        [
            ({"choices": choices(*map(str, range(26)))}, "data.choices", "BASE_TYPE_MAX_LENGTH"),
            ({"choices": choices("x" * 101)}, "data.choices.0.value", "BASE_TYPE_MAX_LENGTH"),
            ({"choices": choices(1, "a")}, "data.choices.1.value", "NUMBER_TYPE_COERCE"),
            ({"choices": [{"name": "", "value": "a"}]}, "data.choices.0.name", "BASE_TYPE_BAD_LENGTH"),
            ({"choices": [{"name": "x" * 101, "value": "a"}]}, "data.choices.0.name", "BASE_TYPE_BAD_LENGTH"),
            ({"choices": {}}, "data.choices", "LIST_TYPE_CONVERT"),
            (None, "data", "MODEL_TYPE_CONVERT"),
        ],
    )
    def test_invalid_choices_are_refused(self, payload, path, code):
        assert refused(check_choices(payload)) == [(path, code)]

    def test_choices_have_the_type_of_their_option(self):
        assert check_choices({"choices": choices(1)}, kind=NUMBER) is None
        problems = check_choices({"choices": choices(1)}, kind=STRING)
        assert refused(problems) == [("data.choices.0.value", "STRING_TYPE_CONVERT")]
