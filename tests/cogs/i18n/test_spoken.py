"""Whose language it is: what many read is said in the asker's, what one reads in their own."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from discord import ui

from cogs.delivery.job_message import render
from cogs.i18n import translate
from cogs.i18n.translate import using_locale
from cogs.requests.errors import sentence
from cogs.results.details import render_details
from seedream import ImageRequest
from seedream.errors import InvalidOption, InvalidRequest
from seedream.phrases import OneOf, Phrase
from studio.jobs.advance import advance
from studio.jobs.errors import ClosingError
from studio.jobs.events import Broke, Started
from studio.jobs.states import Failure, Path, Reason
from tests.support.jobs import ORIGIN, a_job, posted

GERMAN = {
    ("🎨 Painting {n} picture … requested {since}", "🎨 Painting {n} pictures … requested {since}"): (
        "🎨 {n} Bild entsteht … erbeten {since}",
        "🎨 {n} Bilder entstehen … erbeten {since}",
    ),
    "Model": "Modell",
    "{option}: {problem} {remedy}": "{option}: {problem} {remedy}",
    "Seeds go from {low} to {high}.": "Seeds gehen von {low} bis {high}.",
    "Choose {models}.": "Nimm {models}.",
    "“{name}” is {what}.": "„{name}“ ist {what}.",
    "a text": "ein Text",
    "The bot is restarting. Try again in a minute.": "Der Bot startet neu. Versuch es in einer Minute noch einmal.",
}


@pytest.fixture(autouse=True)
def german(tmp_path, monkeypatch):
    """A German of few words."""
    catalog = Catalog(locale="de")
    for message, translation in GERMAN.items():
        catalog.add(message, translation)
    with (tmp_path / "de.po").open("wb") as file:
        write_po(file, catalog)
    monkeypatch.setattr(translate, "CATALOGS", tmp_path)
    translate._language.cache_clear()
    yield
    translate._language.cache_clear()


IN_GERMAN = replace(ORIGIN, locale="de")


def drawn(view):
    return "\n".join(item.content for item in view.walk_children() if isinstance(item, ui.TextDisplay))


async def test_a_job_is_drawn_in_the_language_it_was_asked_in_whoever_draws_it():
    assert "4 Bilder entstehen … erbeten <t:0:R>" in drawn(render(a_job(origin=IN_GERMAN, group=4))[0].view)
    with using_locale("de"):
        assert "Painting 4 pictures" in drawn(render(a_job(group=4))[0].view)


async def test_why_a_reference_was_not_taken_is_said_in_the_language_of_the_job():
    detail = Phrase("“{name}” is {what}.", name="*fox*.png", what=Phrase("a text"))
    broke = Broke(Failure(reason=Reason.REFERENCE, detail=detail), 2.0)
    job = reduce(advance, (posted(), Started(Path.STREAM, 1.0), broke), a_job(origin=IN_GERMAN))
    assert r"„\*fox\*.png“ ist ein Text." in drawn(render(job)[0].view)


async def test_details_are_in_the_language_of_their_reader():
    with using_locale("de"):
        assert "**Modell:** doubao" in drawn(render_details(a_job())[0])
    assert "**Model:** doubao" in drawn(render_details(a_job())[0])


def test_what_is_wrong_with_a_request_is_said_part_by_part():
    problem = Phrase("Seeds go from {low} to {high}.", low=-1, high=2147483647)
    remedy = Phrase("Choose {models}.", models=OneOf(["2K", "3K", "4K"]))
    error = InvalidRequest(InvalidOption("seed", "-2", problem, remedy))
    with using_locale("de"):
        assert sentence(error) == "seed -2: Seeds gehen von -1 bis 2.147.483.647. Nimm 2K, 3K oder 4K."
    assert sentence(error) == "seed -2: Seeds go from -1 to 2,147,483,647. Choose 2K, 3K or 4K."


@pytest.mark.parametrize("wrong", [{"prompt": ""}, {"size": "9K"}, {"seed": 10**12}, {"ratio": "x" * 500}])
def test_in_english_a_wrong_request_is_told_as_the_client_tells_it(wrong):
    with pytest.raises(InvalidRequest) as caught:
        ImageRequest(**{"prompt": "a fox", "model": "doubao-seedream-4.0"} | wrong)
    assert sentence(caught.value) == str(caught.value)


def test_a_refusal_is_said_in_the_language_of_whoever_is_told():
    with using_locale("de"):
        assert sentence(ClosingError()) == "Der Bot startet neu. Versuch es in einer Minute noch einmal."
    assert sentence(ClosingError()) == "The bot is restarting. Try again in a minute."
