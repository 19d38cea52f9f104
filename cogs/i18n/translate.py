"""The language that is spoken just now, and how a text is said in it.

Texts are in the code, in English, in calls of gettext: `_("Nothing is left now.")`. Each other language has a catalog
in cogs/i18n/languages, which `make texts` brings up to date. Texts that a catalog lacks appear in English.

Whose language it is, is known where a person comes in: `speak` sets it for all that is done for them. What is drawn
later, by whoever works on a job, is drawn within `speaking`.
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
from babel.numbers import format_decimal, format_percent

from seedream.phrases import OneOf, Phrase

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

CATALOGS = Path(__file__).parent / "languages"
ENGLISH = "en-US"

# By Discord's names for them, each as its speakers call it.
LANGUAGES: dict[str, str] = {
    ENGLISH: "English",
    "de": "Deutsch",
    "es-ES": "Español",
    "fr": "Français",
    "pt-BR": "Português (Brasil)",
    "zh-CN": "简体中文",
    "ja": "日本語",
}
# Who has chosen one of these reads the other's texts, with numbers as they write them. All else that is not above is
# English.
_NEAREST = {"es-419": "es-ES"}
_UNSPACED = {"zh-CN", "ja"}  # written without spaces


@dataclass(frozen=True, slots=True, eq=False)
class _Language:
    """`locale`: one that is `understood`. `conventions`: how numbers and lists are written."""

    locale: str
    catalog: gnu.NullTranslations
    conventions: Locale


def load() -> None:
    """Read every catalog, and Babel's own data, so that nobody waits for it later."""
    for locale in (*LANGUAGES, *_NEAREST):
        with speaking(locale):
            number(0)


def speak(locale: str) -> None:
    """From here on, in this task and those that it begins, this is the language."""
    _spoken.set(_language(understood(locale)))


@contextmanager
def speaking(locale: str) -> Iterator[None]:
    token = _spoken.set(_language(understood(locale)))
    try:
        yield
    finally:
        _spoken.reset(token)


def understood(locale: str) -> str:
    """The same of Discord's locales, if the bot speaks it; else English."""
    return locale if locale in LANGUAGES or locale in _NEAREST else ENGLISH


def spoken() -> str:
    """What is spoken now, as `understood` gives it."""
    return _spoken.get().locale


# --- saying -----------------------------------------------------------------------------------------------------------


def _(message: str, /, **values: Any) -> str:
    """The message in the language that is spoken, with `{names}` filled in."""
    return _spoken.get().catalog.gettext(message).format(**values)


def ngettext(one: str, many: str, n: int, /, **values: Any) -> str:
    """The message for a number, which is `{n}` in it."""
    return _spoken.get().catalog.ngettext(one, many, n).format(n=number(n), **values)


def marked(message: str, /) -> str:
    """A message that stands where no language is known yet: `_` says it later."""
    return message


def in_every(message: str) -> frozenset[str]:
    """The message as it is said in each language, for what people may write in any."""
    return frozenset(_language(locale).catalog.gettext(message) for locale in LANGUAGES)


def said(text: str) -> str:
    """What `seedream` says, in the language that is spoken. Anything but its phrases is left as it is."""
    if isinstance(text, OneOf):
        return any_of(map(said, text.words))
    if not isinstance(text, Phrase):
        return text
    values = {name: _said_value(value) for name, value in text.values.items()}
    return _(text.template, **values) if text.n is None else ngettext(text.template, text.many, text.n, **values)


def _said_value(value: Any) -> Any:
    return said(value) if isinstance(value, str) else number(value) if isinstance(value, int) else value


def number(value: float) -> str:
    """With what separates thousands."""
    return format_decimal(value, locale=_spoken.get().conventions)


def percent(share: float) -> str:
    """ "12%"."""
    return format_percent(share, locale=_spoken.get().conventions)


def sentences(*parts: str) -> str:
    """One after another, without those that are empty."""
    return ("" if _spoken.get().locale in _UNSPACED else " ").join(filter(None, parts))


def listing(words: Iterable[str]) -> str:
    """ "2K, 3K, 4K"."""
    return ("、" if _spoken.get().locale in _UNSPACED else ", ").join(words)


def any_of(words: Iterable[str]) -> str:
    """ "2K, 3K or 4K"."""
    return format_list(list(words), "or", _spoken.get().conventions)


def all_of(words: Iterable[str]) -> str:
    """ "2K, 3K and 4K"."""
    return format_list(list(words), "standard", _spoken.get().conventions)


def day_and_month(day: date) -> str:
    """ "13 May"."""
    return format_skeleton("MMMd", day, locale=_spoken.get().conventions)


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


_spoken: ContextVar[_Language] = ContextVar("spoken", default=_language(ENGLISH))  # noqa: B039 - it is immutable
