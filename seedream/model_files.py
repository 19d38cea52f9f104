"""Reading models from TOML: the built-in file, and an operator's, which adds models and overrides keys."""

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

LARGEST_FILE = 1 << 20
MOST_MODELS = 24  # Discord's selects have 25 entries, of which one is "default"
_NOT_INHERITED = {"label", "aliases", "wire_ids", "since", "withdrawn", "offered"}
_TOP_LEVEL = ("models", "size_tables")

Tables = dict[str, dict[str, Any]]


class ModelFileError(ValueError):
    """A file of models that can't be used; `problems` has one plain line for each fault, with the key's name."""

    def __init__(self, *problems: str) -> None:
        self.problems = tuple(map(one_line, problems))
        super().__init__("\n".join(self.problems))


class ModelTables:
    """Models as tables of keys, file upon file; `models` checks them.

    Every method raises: ModelFileError.
    """

    def __init__(self) -> None:
        self._models: Tables = {}
        self._size_tables: Tables = {}

    def read(self, path: Path) -> dict[str, Any]:
        """Take a file's models over those read before; return its other top-level keys."""
        document = _document(path)
        models, size_tables = (_tables(document, key) for key in _TOP_LEVEL)
        self._size_tables |= size_tables
        for name, keys in models.items():
            self._models[name] = self._merged(name, keys, models)
        return {key: value for key, value in document.items() if key not in _TOP_LEVEL}

    def _merged(self, name: str, keys: dict[str, Any], siblings: Tables) -> dict[str, Any]:
        if "name" in keys:
            raise ModelFileError(f'models."{name}".name: no such key; the name is in the head of the table')
        like = keys.get("like")
        if like is None:
            return self._models.get(name, {}) | keys
        pattern = self._models.get(like, siblings.get(like)) if isinstance(like, str) else None
        if pattern is None or like == name or "like" in pattern:
            raise ModelFileError(f'models."{name}".like: there is no model “{like}” to be like')
        inherited = {key: value for key, value in pattern.items() if key not in _NOT_INHERITED}
        return inherited | {key: value for key, value in keys.items() if key != "like"}

    def models(self) -> dict[str, Model]:
        """Every model by its name, in the files' order."""
        if len(self._models) > MOST_MODELS:
            raise ModelFileError(f"models: {len(self._models)} are too many; at most {MOST_MODELS} can be shown")
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
        if path.stat().st_size > LARGEST_FILE:
            raise ModelFileError(f"the file is larger than {LARGEST_FILE >> 20} MiB")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ModelFileError(f"the file can't be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ModelFileError(f"it is not valid TOML: {error}") from error
    except ValueError as error:  # a path with a null byte
        raise ModelFileError(f"the file can't be read: {error}") from error


def _tables(document: Mapping[str, Any], key: str) -> Tables:
    tables = document.get(key, {})
    if not isinstance(tables, dict) or not all(isinstance(table, dict) for table in tables.values()):
        raise ModelFileError(f'{key}: this is a table of tables, such as [{key}."NAME"]')
    return tables


def _sentences(name: str, error: ValidationError) -> Iterator[str]:
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        path = ".".join(str(part) for part in one["loc"])
        where = f'models."{name}"' + (f".{path}" if path else "")
        yield f"{where}: {_why(one['type'], str(one['loc'][0]) if one['loc'] else '', one['msg'])}"


def _why(kind: str, key: str, message: str) -> str:
    if kind == "missing":
        return "this key is missing"
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(key, Model.model_fields, n=1)
        return "no such key" + (f" (did you mean {near[0]}?)" if near else "")
    if kind == "string_pattern_mismatch":
        return "this is not a valid name, id or preset"
    return message.removeprefix("Value error, ").replace("Input should be", "it should be")


def _clashes(models: Mapping[str, Model]) -> Iterator[str]:
    """Two models of which one is meant by the same name."""
    owners: dict[str, str] = {}
    for name, model in models.items():
        for alias in (name, model.label, *model.aliases, *model.wire_ids):
            owner = owners.setdefault(alias_key(alias), name)
            if owner != name:
                yield f'models."{name}": “{alias}” already means {owner}'


def alias_key(text: str) -> str:
    """What names that mean the same have in common: "SeeDream 4.5" and "doubao-seedream-4-5" are both "4-5"."""
    return re.sub(r"[\s._]+", "-", text.strip().casefold()).removeprefix("doubao-").removeprefix("seedream-")
