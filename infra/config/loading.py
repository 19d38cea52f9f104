"""Reading the settings, from the environment and from .env; all problems are reported at once, one plain line each."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from infra.config.dotenv import UnreadableFileError, read_env_file
from infra.config.settings import NAMES, SECRET, Settings, in_one_line, shown
from seedream.model_files import ModelFileError
from seedream.models import use_models_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# How alike a name must be to one of ours to be taken for a slip. The environment is full of others' names (BASE_URL,
# TRACE), so there it takes more than for a hint.
_NEAR = 0.85
_LIKE = 0.6


class ConfigurationError(Exception):
    """Settings that the bot can't run with; `problems` has a line for each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_settings(env_file: Path | None = Path(".env"), environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings. An empty value is none; the environment wins over the file.

    Raises: ConfigurationError with every problem.
    """
    problems: list[str] = []
    from_file: dict[str, str] = {}
    if env_file is not None:
        try:
            from_file = read_env_file(env_file)
        except UnreadableFileError as error:
            problems += error.problems
    problems += [_unknown(name, f"in {env_file}", _LIKE) for name in from_file if name.upper() not in NAMES]
    problems += [_unknown(name, "in the environment", _NEAR) for name in environ if _is_a_slip(name)]
    given = _given(from_file, str(env_file)) | _given(environ, "environment")
    problems += _read_models(given)
    try:
        settings = Settings.model_validate({name: value for name, (value, _) in given.items()})
    except ValidationError as error:
        problems += _sentences(error, given)
        raise ConfigurationError(tuple(problems)) from None
    if problems:
        raise ConfigurationError(tuple(problems))
    settings.came_from({name: source for name, (_, source) in given.items()})
    return settings


def _read_models(given: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """The models come first: other settings name them."""
    path, source = given.get("models_file", ("", ""))
    try:
        use_models_file(Path(path) if path else None)
    except ModelFileError as error:
        where = f"MODELS_FILE “{in_one_line(path)}” (from {source})"
        yield from (f"{where}: {in_one_line(problem)}" for problem in error.problems)


def _given(values: Mapping[str, str], source: str) -> dict[str, tuple[str, str]]:
    """Field name -> (value, source), of what is one of ours and not empty."""
    ours = {name.lower(): value.strip() for name, value in values.items() if name.upper() in NAMES}
    return {name: (value, source) for name, value in ours.items() if value}


def _nearest(name: str, alike: float) -> str | None:
    return next(iter(difflib.get_close_matches(name.upper(), NAMES, n=1, cutoff=alike)), None)


def _is_a_slip(name: str) -> bool:
    """A name of the environment that is nearly one of ours; all others there are none of our business."""
    return name.upper() not in NAMES and _nearest(name, _NEAR) is not None


def _unknown(name: str, where: str, alike: float) -> str:
    nearest = _nearest(name, alike)
    hint = f"did you mean {nearest}?" if nearest else f"the settings are {', '.join(NAMES)}."
    return f"{name} {where} is no setting of this bot; {hint}"


def _sentences(error: ValidationError, given: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(one["loc"][0])
        what = f"{Settings.model_fields[name].description}."
        if name not in given:
            yield f"{name.upper()} is missing. {what} Put it into .env or into the environment."
            continue
        value, source = given[name]
        told = "" if name in SECRET else f" “{shown(value)}”"
        why = f": {one['msg'].removeprefix('Value error, ')}" if one["type"] == "value_error" else ""
        yield f"{name.upper()}{told} (from {source}) is not taken{in_one_line(why)}. {what}"
