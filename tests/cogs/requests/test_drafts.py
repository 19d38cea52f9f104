"""Requests in members' own words: one, or one for each idea; and no way from words to a request but by their draft."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import cogs
from cogs.requests.drafts import Draft
from seedream import ImageRequest
from studio.jobs.ideas import TooManyIdeasError
from studio.jobs.job import Parent, PreparedRequest, Verb
from studio.jobs.options import GenerationOptions

# Who makes a request of words as they are. The models are the choices of /compare, and /help asks for a price.
AS_WORDS = {"compare/cog.py", "help/cog.py", "ideas/cog.py"}
PARENT = Parent(verb=Verb.EDIT, link="https://discord.com/channels/1/2/3")


def draft(prompt):
    options = GenerationOptions(prompt=prompt)
    return Draft(
        options, lambda given: PreparedRequest(request=ImageRequest(prompt=given.prompt, model="doubao-seedream-4.5"))
    )


def test_each_idea_is_a_request_with_its_label_and_the_first_has_the_title():
    prepared = draft("a {red, blue} car --ar 1:1").ideas()
    assert [one.request.prompt for one in prepared] == ["a red car --ar 1:1", "a blue car --ar 1:1"]
    assert [(one.title, one.label) for one in prepared] == [("a {red, blue} car", "red"), ("", "blue")]


def test_options_that_are_choices_stay_in_the_title():
    assert draft("a car --ar {1:1, 16:9}").ideas()[0].title == "a car --ar {1:1, 16:9}"


@pytest.mark.parametrize("prompt", ["a car", "a {red} car", r"a \{red, blue\} car", "a {red, blue car"])
def test_words_without_choices_are_no_ideas(prompt):
    assert draft(prompt).ideas() == []


def test_braces_as_words_lose_their_escapes_alone():
    assert draft(r"a \{red, blue\} {a, b}").as_words().request.prompt == "a {red, blue} {a, b}"


def test_too_many_are_counted():
    with pytest.raises(TooManyIdeasError, match="16"):
        draft("{a,b,c,d} {e,f,g,h}").ideas()


def test_what_a_draft_is_made_from_holds_for_each_of_its_ideas():
    edited = draft("a {red, blue} car").made_from(PARENT, spoiler=True)
    assert {(one.parent, one.spoiler) for one in (*edited.ideas(), edited.as_words())} == {(PARENT, True)}


def test_only_who_has_a_reason_makes_a_request_of_words_without_reading_their_braces():
    folder = Path(cogs.__path__[0])
    calls = {path: ast.walk(ast.parse(path.read_text())) for path in folder.glob("*/*.py")}
    found = {
        path.relative_to(folder).as_posix()
        for path, nodes in calls.items()
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "as_words"
    }
    assert found == AS_WORDS
