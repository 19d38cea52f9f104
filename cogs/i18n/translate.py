"""Translates texts into the current locale.

Texts are in the code, in English, in calls of gettext: `_("Your quota")`. Each other language has a catalog
in cogs/i18n/languages, which `make texts` brings up to date. Texts that a catalog lacks appear in English.

Where an interaction or a message comes in, `set_locale` sets its locale for everything done for it. What a worker
renders later is rendered within `using_locale`.
"""

from __future__ import annotations

import gettext as gnu
import io
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_skeleton
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_compact_decimal, format_decimal, format_percent

from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

CATALOGS = Path(__file__).parent / "languages"
ENGLISH = "en-US"

# By Discord's locales, each with its own name.
LANGUAGES: dict[str, str] = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es-ES": "Español",
    "fr": "Français",
    "pt-BR": "Português (Brasil)",
    "zh-CN": "简体中文",
    "ja": "日本語",
}
# For these locales the other's catalog is used, with their own number formats. All other locales are English.
_NEAREST = {"es-419": "es-ES"}
_LONG_NUMBER = 10_000  # from here on it is shortened where there is little room
_LONGEST_DAY = 9  # characters: "28. Sept."
_UNSPACED = {"zh-CN", "ja"}  # written without spaces


@dataclass(frozen=True, slots=True, eq=False)
class _Language:
    """A language's catalog. conventions: how numbers and lists are written."""

    locale: str
    catalog: gnu.NullTranslations
    conventions: Locale


def load() -> None:
    """Load every catalog and Babel's data in advance."""
    for locale in (*LANGUAGES, *_NEAREST):
        with using_locale(locale):
            number(0)


def set_locale(locale: str) -> None:
    """Set the locale of this task and of tasks that it starts."""
    _current.set(_language(supported_locale(locale)))


@contextmanager
def using_locale(locale: str) -> Iterator[None]:
    token = _current.set(_language(supported_locale(locale)))
    try:
        yield
    finally:
        _current.reset(token)


def supported_locale(locale: str) -> str:
    """Return the locale itself if it is supported, otherwise English."""
    return locale if locale in LANGUAGES or locale in _NEAREST else ENGLISH


def current_locale() -> str:
    """Return the current locale, as `supported_locale` returns it."""
    return _current.get().locale


# --- translating ------------------------------------------------------------------------------------------------------


def _(message: str, /, **values: Any) -> str:
    """Translate a message into the current locale and fill in its `{names}`."""
    return _current.get().catalog.gettext(message).format(**values)


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """Translate a message for a number, which is `{n}` in it."""
    return _current.get().catalog.ngettext(one, many, n).format(n=number(n), **values)


def N_(message: str, /) -> str:
    """Mark a message for translation where no locale is known yet; `_` translates it later."""
    return message


def in_every(message: str) -> frozenset[str]:
    """Translate a message into every language, for what people can write in any of them."""
    return frozenset(_language(locale).catalog.gettext(message) for locale in LANGUAGES)


def translate(text: str) -> str:
    """Translate a phrase of `seedream` into the current locale; other texts stay as they are."""
    if isinstance(text, OneOf):
        return any_of(map(translate, text.words))
    if not isinstance(text, Phrase):
        return text
    values = {name: _translated_value(value) for name, value in text.values.items()}
    return _(text.template, **values) if text.n is None else ngettext(text.template, text.many, text.n, **values)


def _translated_value(value: Any) -> Any:
    return translate(value) if isinstance(value, str) else number(value) if isinstance(value, int) else value


def number(value: float) -> str:
    """Format a number with thousands separators."""
    return format_decimal(value, locale=_current.get().conventions)


def short_number(value: float) -> str:
    """Format a number in little room: 1,234; from 10,000 on 12.3K, 12,3 mil or 1.2万."""
    short = format_compact_decimal(value, locale=_current.get().conventions, fraction_digits=1)
    return number(value) if value < _LONG_NUMBER or short.isdecimal() else short


def percent(share: float) -> str:
    """ "12%"."""
    return format_percent(share, locale=_current.get().conventions)


def sentences(*parts: str) -> str:
    """Join sentences, without empty ones."""
    return ("" if _current.get().locale in _UNSPACED else " ").join(filter(None, parts))


def listing(words: Iterable[str]) -> str:
    """ "2K, 3K, 4K"."""
    return ("、" if _current.get().locale in _UNSPACED else ", ").join(words)


def any_of(words: Iterable[str]) -> str:
    """ "2K, 3K or 4K"."""
    return format_list(list(words), "or", _current.get().conventions)


def all_of(words: Iterable[str]) -> str:
    """ "2K, 3K and 4K"."""
    return format_list(list(words), "standard", _current.get().conventions)


def day_and_month(day: date) -> str:
    """ "13 May", or "13/05" where the month's name takes too much room in a chart."""
    conventions = _current.get().conventions
    longest = format_skeleton("MMMd", day.replace(day=28), locale=conventions)
    return format_skeleton("MMMd" if len(longest) <= _LONGEST_DAY else "MMdd", day, locale=conventions)


# --- languages --------------------------------------------------------------------------------------------------------


@cache
def _language(locale: str) -> _Language:
    if locale == ENGLISH:
        return _Language(locale, gnu.NullTranslations(), Locale("en", "GB"))  # without a comma before the last "or"
    conventions = Locale.parse(locale, sep="-")
    compiled = io.BytesIO()
    with (CATALOGS / f"{_NEAREST.get(locale, locale)}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=conventions))
    compiled.seek(0)
    return _Language(locale, gnu.GNUTranslations(compiled), conventions)


_current: ContextVar[_Language] = ContextVar("locale", default=_language(ENGLISH))  # noqa: B039 - it is immutable
