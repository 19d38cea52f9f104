"""Reads models from TOML: the built-in file, and an operator's, which adds models and overrides keys."""

from __future__ import annotations

import difflib
import re
import tomllib
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from seedream.capabilities import Model
from seedream.errors import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

MAX_FILE_BYTES = 1 << 20
MAX_MODELS = 24  # Discord's selects have 25 entries, of which one is "default"
_NOT_INHERITED = {"label", "aliases", "wire_ids", "since", "withdrawn", "offered"}
_TOP_LEVEL = ("models", "size_tables")

Tables = dict[str, dict[str, Any]]


class ModelFileError(ValueError):
    """A models file that can't be used. problems: one line for each mistake, with the key's name."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(map(one_line, problems))
        super().__init__("\n".join(self.problems))


class ModelTables:
    """Collects models as tables of keys, from one file after another; `models` validates them.

    Every method raises ModelFileError.
    """

    def __init__(self) -> None:
        self._models: Tables = {}
        self._size_tables: Tables = {}

    def read(self, path: Path) -> dict[str, Any]:
        """Add a file's models, which override those read before, and return its other top-level keys."""
        document = _document(path)
        models, size_tables = (_tables(document, key) for key in _TOP_LEVEL)
        self._size_tables |= size_tables
        for name, keys in models.items():
            self._models[name] = self._merged(name, keys, models)
        return {key: value for key, value in document.items() if key not in _TOP_LEVEL}

    def _merged(self, name: str, keys: dict[str, Any], siblings: Tables) -> dict[str, Any]:
        if "name" in keys:
            raise ModelFileError(f'models."{name}".name: no such key; the name belongs in the header of the table')
        like = keys.get("like")
        if like is None:
            return self._models.get(name, {}) | keys
        base = self._models.get(like, siblings.get(like)) if isinstance(like, str) else None
        if base is None or like == name or "like" in base:
            raise ModelFileError(f'models."{name}".like: there is no model “{like}” to copy from')
        inherited = {key: value for key, value in base.items() if key not in _NOT_INHERITED}
        return inherited | {key: value for key, value in keys.items() if key != "like"}

    def models(self) -> dict[str, Model]:
        """Return every model by its name, in the order of the files."""
        if len(self._models) > MAX_MODELS:
            raise ModelFileError(f"models: {len(self._models)} are too many; there can be at most {MAX_MODELS}")
        problems: list[str] = []
        models: dict[str, Model] = {}
        for name, keys in self._models.items():
            try:
                models[name] = Model.model_validate(self._with_sizes(keys) | {"name": name})
            except ValidationError as error:
                problems += _sentences(name, error)
        problems += _clashes(models)
        if problems:
            raise ModelFileError(*problems)
        return models

    def _with_sizes(self, keys: dict[str, Any]) -> dict[str, Any]:
        sizes = keys.get("sizes")
        if not isinstance(sizes, dict):
            return keys
        tables = {
            preset: self._size_tables.get(table, table) if isinstance(table, str) else table
            for preset, table in sizes.items()
        }
        return keys | {"sizes": tables}


def _document(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ModelFileError(f"the file is larger than {MAX_FILE_BYTES >> 20} MiB")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ModelFileError(f"the file can't be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelFileError(f"it isn't valid TOML: {error}") from error
    except ValueError as error:  # a path with a null byte
        raise ModelFileError(f"the file can't be read: {error}") from error


def _tables(document: Mapping[str, Any], key: str) -> Tables:
    tables = document.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ModelFileError(f'{key}: this is a table of tables, such as [{key}."NAME"]')
    return tables


def _sentences(name: str, error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in detail["loc"])
        where = f'models."{name}"' + (f".{path}" if path else "")
        yield f"{where}: {_problem(detail['type'], str(detail['loc'][0]) if detail['loc'] else '', detail['msg'])}"


def _problem(kind: str, key: str, message: str) -> str:
    if kind == "missing":
        return "this key is missing"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, Model.model_fields, n=1)
        return "no such key" + (f" (did you mean {near[0]}?)" if near else "")
    if kind == "string_pattern_mismatch":
        return "this isn't a valid name, id or preset"
    return message.removeprefix("Value error, ").replace("Input should be", "it should be")


def _clashes(models: Mapping[str, Model]) -> Iterator[str]:
    """Yield names that stand for two models."""
    owners: dict[str, str] = {}
    for name, model in models.items():
        for alias in (name, model.label, *model.aliases, *model.wire_ids):
            owner = owners.setdefault(alias_key(alias), name)
            if owner != name:
                yield f'models."{name}": “{alias}” already stands for {owner}'


def alias_key(text: str) -> str:
    """Return what different spellings of a name share: "4-5" for "SeeDream 4.5" and "doubao-seedream-4-5"."""
    return re.sub(r"[\s._]+", "-", text.strip().casefold()).removeprefix("doubao-").removeprefix("seedream-")
