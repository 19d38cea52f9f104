"""Texts in other languages: every catalog is whole, and says nothing that would break where it is shown."""

from __future__ import annotations

import ast
import re
from datetime import date
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from cogs.i18n.translate import (
    CATALOGS,
    ENGLISH,
    LANGUAGES,
    _,
    current_locale,
    day_and_month,
    ngettext,
    number,
    short_number,
    supported_locale,
    translate,
    using_locale,
)
from seedream.phrases import OneOf, Phrase

ROOT = Path(__file__).parents[3]
SPOKEN_IN = ("cogs", "seedream", "infra", "studio")
KEYWORDS = {"_": None, "ngettext": (1, 2), "N_": None, "Phrase": None, "counted": (1, 2)}
OTHERS = [locale for locale in LANGUAGES if locale != ENGLISH]
AT_MOST = re.compile(r"at most (\d+) characters")


@cache
def in_the_code() -> Catalog:
    catalog = Catalog()
    for folder in SPOKEN_IN:
        found = extract_from_dir(ROOT / folder, keywords=KEYWORDS, comment_tags=("Translators:",))
        for _file, _line, message, comments, _context in found:
            catalog.add(message, auto_comments=comments)
    return catalog


@cache
def translated(locale: str) -> Catalog:
    with (CATALOGS / f"{locale}.po").open("rb") as file:
        return read_po(file, locale=Locale.parse(locale, sep="-"))


def messages(locale):
    """Each message of the code, with what the catalog says for it: one text, or one for each plural form."""
    for message in in_the_code():
        known = translated(locale).get(message.id) if message.id else None
        strings = () if known is None else (known.string,) if isinstance(known.string, str) else known.string
        if strings and all(strings):
            yield message, strings


def ids(message):
    return message.id if isinstance(message.id, tuple) else (message.id,)


def fields(text):
    return sorted(name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None)


def test_there_is_a_catalog_for_each_language_and_no_other():
    assert {file.stem for file in CATALOGS.glob("*.po")} == set(OTHERS)


@pytest.mark.parametrize("locale", OTHERS)
def test_every_text_is_translated(locale):
    translate = {message.id for message, _strings in messages(locale)}
    missing = [message.id for message in in_the_code() if message.id and message.id not in translate]
    assert missing == [], "translate them: make texts brings the catalogs up to date"


@pytest.mark.parametrize("locale", OTHERS)
def test_no_catalog_has_a_text_that_the_code_lacks_or_one_that_is_only_guessed(locale):
    known = {message.id for message in in_the_code()}
    assert [one.id for one in translated(locale) if one.id and one.id not in known] == []
    assert [one.id for one in translated(locale) if one.id and one.fuzzy] == []


@pytest.mark.parametrize("locale", OTHERS)
def test_every_text_has_the_same_values_in_every_language(locale):
    for message, strings in messages(locale):
        allowed = [fields(text) for text in ids(message)]
        wrong = [text for text in strings if fields(text) not in allowed]
        assert not wrong, (message.id, wrong)


@pytest.mark.parametrize("locale", OTHERS)
def test_markup_that_is_opened_is_closed_in_every_language(locale):
    for message, strings in messages(locale):
        for mark in ("**", "`", "||"):
            wrong = [text for text in strings if text.count(mark) % 2 != ids(message)[0].count(mark) % 2]
            assert not wrong, (message.id, wrong)


@pytest.mark.parametrize("locale", [ENGLISH, *OTHERS])
def test_what_has_little_room_fits_into_it_in_every_language(locale):
    for message in in_the_code():
        room = [int(found[1]) for comment in message.auto_comments if (found := AT_MOST.search(comment))]
        known = translated(locale).get(message.id) if locale != ENGLISH else None
        strings = ids(message) if known is None else (known.string,) if isinstance(known.string, str) else known.string
        assert all(len(text) <= most for most in room for text in strings), (message.id, strings)


def test_some_texts_have_little_room():
    assert sum(bool(AT_MOST.search(" ".join(one.auto_comments))) for one in in_the_code()) > 20


def test_no_text_hides_inside_an_f_string_where_nothing_finds_it():
    hidden = [
        f"{file.name}:{call.lineno}"
        for folder in SPOKEN_IN
        for file in (ROOT / folder).rglob("*.py")
        for joined in ast.walk(ast.parse(file.read_text()))
        if isinstance(joined, ast.JoinedStr)
        for call in ast.walk(joined)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KEYWORDS
        and any(isinstance(one, ast.Constant) and isinstance(one.value, str) for one in call.args)
    ]
    assert hidden == []


def test_a_language_that_is_not_spoken_here_is_english():
    assert [supported_locale(locale) for locale in ("de", "es-419", "en-GB", "ko", "")] == [
        "de",
        "es-419",
        *[ENGLISH] * 3,
    ]


def test_in_latin_america_spanish_has_the_numbers_that_are_usual_there():
    with using_locale("es-ES"):
        spain, number_in_spain = _("yesterday"), number(12345)
    with using_locale("es-419"):
        assert (_("yesterday"), number(12345)) == (spain, "12,345")
    assert number_in_spain == "12.345"


def test_a_language_is_spoken_within_its_context_alone():
    with using_locale("de"):
        with using_locale("fr"):
            assert current_locale() == "fr"
        assert current_locale() == "de"
    assert current_locale() == ENGLISH


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("en-US", "1,234 12.3K 4.5M"),
        ("de", "1.234 12.345 4,5 Mio."),
        ("ja", "1,234 1.2万 450万"),
        ("fr", "1 234 12,3 k 4,5 M"),
    ],
)
def test_a_number_is_shortened_as_its_language_does(locale, written):
    with using_locale(locale):
        shown = " ".join(map(short_number, (1234, 12_345, 4_500_000)))
    assert " ".join(shown.split()) == written


def test_numbers_plurals_and_lists_follow_the_language():
    taken = Phrase.counted(
        "{model} can use at most {n} reference image.",
        "{model} can use at most {n} reference images.",
        14,
        model="SeeDream",
    )
    with using_locale("de"):
        assert (number(1234567), translate(OneOf(["2K", "3K", "4K"]))) == ("1.234.567", "2K, 3K oder 4K")
        assert ngettext("{n} picture", "{n} pictures", 2000) == "2.000 Bilder"
        assert "14" in translate(taken)
        assert translate(taken) != taken
    assert (number(1234567), translate(taken)) == ("1,234,567", taken)


def test_a_text_that_no_catalog_has_is_said_in_english():
    with using_locale("de"):
        assert _("A {colour} fox, and nobody has translated it", colour="red").startswith("A red fox")


@pytest.mark.parametrize("language", LANGUAGES)
def test_dates_are_short_enough_to_stand_beside_each_other_in_a_chart(language):
    with using_locale(language):
        days = [day_and_month(date(2026, month, 28)) for month in range(1, 13)]
    assert max(map(len, days)) <= 9
    assert len(set(days)) == 12
