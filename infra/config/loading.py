"""Loads the settings from the environment and from .env, and reports all problems at once, one line each."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from infra.config.display import in_one_line, shown
from infra.config.names import is_slip, similar_setting, without_services
from infra.config.settings import NAMES, Found, Settings, is_secret
from seedream.env_file import EnvFile, given_values, read_env_file
from seedream.model_files import ModelFileError
from seedream.models import use_models_file
from seedream.proxies import VARIABLES, is_quoted, proxies_from, with_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet

    from seedream.proxies import Proxies


_ENVIRONMENT = "the environment"
_REFERENCE = re.compile(r"\$\{(\w+)[^}]*\}|^\$(\w+)$")


class ConfigurationError(Exception):
    """Settings that the bot can't run with; `problems` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Value(NamedTuple):
    """`source`: where it was set, for a sentence."""

    text: str
    source: str


class _Slip(NamedTuple):
    sentence: str
    is_error: bool


def load_settings(env_file: Path | None = Path(".env"), environ: Mapping[str, str] = os.environ) -> Settings:
    """Load the settings. The environment overrides the file, and an empty value counts as not set.

    Other programs' variables are left alone, in both.

    Raises: ConfigurationError with every problem, UnreadableFileError if the file says nothing.
    """
    file = read_env_file(env_file) if env_file is not None else EnvFile()
    in_file, environ = without_services(file.values), without_services(environ)
    values = _values(in_file, str(env_file)) | _values(environ, _ENVIRONMENT)
    slips = [*_slips(in_file, str(env_file), values), *_slips(environ, _ENVIRONMENT, values)]
    problems = [
        *file.problems,
        *(slip.sentence for slip in slips if slip.is_error),
        *_references(values, {*in_file, *environ}),
        *_load_models(values),
    ]
    notes = tuple(slip.sentence for slip in slips if not slip.is_error)
    proxies = _proxies(values, with_file(environ, in_file), problems)
    found = Found(proxies, notes, _passwords({**in_file, **environ}))
    try:
        given = {name: value.text for name, value in values.items()}
        settings = Settings.model_validate(given, context=found)
    except ValidationError as error:
        problems += _sentences(error, values, file.broken_names)
        raise ConfigurationError(tuple(problems)) from None
    if problems:
        raise ConfigurationError(tuple(problems))
    return settings


def typing_problem(name: str, text: str, environ: Mapping[str, str] = os.environ) -> str | None:
    """Return what is wrong with a setting that was typed in; None if it is valid."""
    values = _values(environ, _ENVIRONMENT) | {name.lower(): _Value(text, "your input")}
    try:
        Settings.model_validate({name: value.text for name, value in values.items()})
    except ValidationError as error:
        return next((line for line in _sentences(error, values, frozenset(NAMES)) if line.startswith(f"{name} ")), None)
    return None


def _load_models(values: Mapping[str, _Value]) -> Iterator[str]:
    """Load MODELS_FILE before the other settings are checked, since they name models. Yields its problems."""
    file = values.get("models_file")
    try:
        use_models_file(Path(file.text) if file else None)
    except ModelFileError as error:
        where = f"MODELS_FILE “{in_one_line(file.text)}” (from {file.source})" if file else "MODELS_FILE"
        yield from (f"{where}: {in_one_line(problem)}" for problem in error.problems)


def _proxies(values: Mapping[str, _Value], environ: Mapping[str, str], problems: list[str]) -> Proxies | None:
    """Return the proxies that PROXY_URL or the environment name. A wrong variable is added to the problems."""
    setting = values.get("proxy_url")
    try:
        return proxies_from(environ, setting.text if setting else "")
    except ValueError as error:
        name, _, why = str(error).partition(": ")
        if name in VARIABLES:  # PROXY_URL is checked as a setting
            problems.append(f"{name} is invalid: {why}. NO_PROXY=* connects without a proxy.")
        return None


def _passwords(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the database's passwords that aren't in DATABASE_URL."""
    return tuple(value for name in ("PGPASSWORD", "PGSSLPASSWORD") if (value := environ.get(name)))


def _values(raw: Mapping[str, str], source: str) -> dict[str, _Value]:
    """Field name -> value, for the names that are settings and aren't empty."""
    return {name.lower(): _Value(text, source) for name, text in given_values(raw).items() if name in NAMES}


def _references(values: Mapping[str, _Value], names: AbstractSet[str]) -> Iterator[str]:
    """Yield a sentence for each value that names another variable, as Docker Compose expands it."""
    for name, (text, source) in values.items():
        if (found := _REFERENCE.search(text)) and (other := found[1] or found[2]) in names:
            yield (
                f"{name.upper()} (from {source}) has ${{{other}}} in it, which only Docker Compose replaces. "
                f"Write the value of {other} there."
            )


def _slips(names: Iterable[str], source: str, values: Mapping[str, _Value]) -> Iterator[_Slip]:
    """Yield the names that resemble a setting's. An error: those that must be slips, not other programs' names."""
    outer = source == _ENVIRONMENT
    for name in names:
        if meant := similar_setting(name):
            missing = meant.lower() not in values
            needed = missing and Settings.model_fields[meant.lower()].is_required()
            is_error = needed or ((missing or not outer) and is_slip(name, meant, in_environment=outer))
            what = "is not a setting of this bot" + ("" if is_error else " and is ignored")
            yield _Slip(f"{name} (from {source}) {what}. Did you mean {meant}?", is_error)


def _sentences(error: ValidationError, values: Mapping[str, _Value], broken: AbstractSet[str]) -> Iterator[str]:
    """Yield a sentence for each problem. broken: names in unreadable lines, whose sentences say enough."""
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(problem["loc"][0])
        description = f"{Settings.model_fields[name].description}."
        if name not in values:
            if name.upper() not in broken:
                yield f"{name.upper()} is missing. {description} Set it in .env or in the environment."
            continue
        text, source = values[name]
        quoted = "" if is_secret(name) else f" “{shown(text)}”"
        why = f": {problem['msg'].removeprefix('Value error, ')}" if problem["type"] == "value_error" else ""
        if is_quoted(text):
            why = ": it is in quotes, which belong to the value here; leave them out"
        yield f"{name.upper()}{quoted} (from {source}) is invalid{in_one_line(why)}. {description}"
