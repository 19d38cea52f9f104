"""Reading one JSON object field by field: a reader reports what is wrong and returns what is usable."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sandbox.discord.rules.problems import Path, Problem

LARGEST_SNOWFLAKE = 2**63 - 1
LONGEST_SNOWFLAKE = 19
LONGEST_URL = 2048
QUOTED = 100
WEB = ("http", "https")


class Node:
    """A JSON object under check, with its path in the request and the one list that all problems go to."""

    __slots__ = ("path", "problems", "value")

    def __init__(self, value: dict[str, Any], path: Path, problems: list[Problem]) -> None:
        self.value = value
        self.path = path
        self.problems = problems

    def fail(self, code: str, message: str, *keys: str | int) -> None:
        """Report a problem with this object, or with what lies under `keys` in it."""
        self.problems.append(Problem((*self.path, *keys), code, message))

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def text(self, key: str, least: int, most: int, *, required: bool = False) -> str | None:
        """Read a string of `least` to `most` characters."""
        value = self._given(key, required=required)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail("STRING_TYPE_CONVERT", f'Could not interpret "{quoted(value)}" as string.', key)
            return None
        return value if self._fits(len(value), least, most, key) else None

    def integer(self, key: str, least: int, most: int, *, required: bool = False) -> int | None:
        """Read an integer from `least` to `most`."""
        value = self._given(key, required=required)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.fail("NUMBER_TYPE_COERCE", f'Value "{quoted(value)}" is not int.', key)
            return None
        return value if self._within(value, least, most, key) else None

    def number(self, key: str, least: float, most: float) -> float | None:
        """Read a number, whole or not, from `least` to `most`."""
        value = self.value.get(key)
        if value is None:
            return None
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            self.fail("NUMBER_TYPE_COERCE", f'Value "{quoted(value)}" is not float.', key)
            return None
        return value if self._within(value, least, most, key, unit="float") else None

    def boolean(self, key: str) -> bool | None:
        value = self.value.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fail("BOOLEAN_TYPE_CONVERT", "Must be either true or false.", key)
        return None

    def choice(self, key: str, choices: tuple[int, ...], *, required: bool = False) -> int | None:
        """Read one of a few integers."""
        value = self._given(key, required=required)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and value in choices:
            return value
        self.fail("BASE_TYPE_CHOICES", f"Value must be one of {choices}.", key)
        return None

    def snowflake(self, key: str, *, required: bool = False) -> int | None:
        """Read an id: Discord takes it as a string of digits and as an integer."""
        value = self._given(key, required=required)
        if value is None:
            return None
        parsed = snowflake(value)
        if parsed is None:
            self.fail("NUMBER_TYPE_COERCE", f'Value "{quoted(value)}" is not snowflake.', key)
        return parsed

    def url(
        self, key: str, schemes: tuple[str, ...] = WEB, *, required: bool = False, most: int = LONGEST_URL
    ) -> str | None:
        """Read a URL with one of `schemes`."""
        value = self.text(key, 0, most, required=required)
        if value is None:
            return None
        scheme, separator, _ = value.partition("://")
        if not separator or not well_formed(value):
            self.fail("URL_TYPE_INVALID_URL", "Not a well formed URL.", key)
        elif scheme.lower() not in schemes:
            message = f'Scheme "{quoted(scheme)}" is not supported. Scheme must be one of {schemes}.'
            self.fail("URL_TYPE_INVALID_SCHEME", message, key)
        else:
            return value
        return None

    def time(self, key: str) -> None:
        """Check an ISO 8601 time."""
        value = self.text(key, 0, QUOTED)
        if value is None:
            return
        try:
            datetime.fromisoformat(value)
        except ValueError:
            message = f"Could not parse {quoted(value)}. Should be ISO8601."
            self.fail("DATE_TIME_TYPE_PARSE", message, key)

    def items(self, key: str, least: int, most: int, *, required: bool = False) -> list[Any]:
        """Read a list of `least` to `most` values; an unusable one reads as empty."""
        value = self._given(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fail("LIST_TYPE_CONVERT", "Only iterables may be used in a ListType", key)
            return []
        return value if self._fits(len(value), least, most, key) else []

    def child(self, key: str, *, required: bool = False) -> "Node | None":
        """Read an object."""
        value = self._given(key, required=required)
        if value is None:
            return None
        if not isinstance(value, dict):
            self.fail("MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType", key)
            return None
        return Node(value, (*self.path, key), self.problems)

    def children(self, key: str, least: int, most: int, *, required: bool = False) -> Iterator["Node"]:
        """Read a list of objects, passing over those that are none."""
        for index, value in enumerate(self.items(key, least, most, required=required)):
            if isinstance(value, dict) and value:
                yield Node(value, (*self.path, key, index), self.problems)
            elif value is None or value == {}:
                message = "List item values of ModelType are required"
                self.fail("LIST_ITEM_VALUE_REQUIRED", message, key, index)
            else:
                message = "Only dictionaries may be used in a ModelType"
                self.fail("MODEL_TYPE_CONVERT", message, key, index)

    def snowflakes(self, key: str, most: int) -> list[int]:
        """Read a set of ids."""
        ids: list[int] = []
        for index, value in enumerate(self.items(key, 0, most)):
            parsed = snowflake(value)
            if parsed is None:
                message = f'Value "{quoted(value)}" is not snowflake.'
                self.fail("NUMBER_TYPE_COERCE", message, key, index)
            else:
                self._add_unique(ids, parsed, key, index)
        return ids

    def members(self, key: str, choices: Collection[Any], least: int = 0) -> list[Any]:
        """Read a set of allowed values."""
        values: list[Any] = []
        for index, value in enumerate(self.items(key, least, len(choices))):
            if isinstance(value, (bool, list, dict)) or value not in choices:
                message = f"Value must be one of {tuple(choices)}."
                self.fail("BASE_TYPE_CHOICES", message, key, index)
            else:
                self._add_unique(values, value, key, index)
        return values

    def _add_unique(self, values: list[Any], value: Any, key: str, index: int) -> None:
        if value in values:
            self.fail("SET_TYPE_ALREADY_CONTAINS_VALUE", "The set already contains this value", key, index)
        else:
            values.append(value)

    def kind(self, allowed: tuple[int, ...]) -> int | None:
        """Read the `type`, which determines the model of a union."""
        value = self.value.get("type")
        if value is None:
            message = 'Field "type" is required to determine the model type.'
            self.fail("UNION_TYPE_REQUIRED", message)
        elif isinstance(value, int) and not isinstance(value, bool) and value in allowed:
            return value
        else:
            choices = ", ".join(map(str, allowed))
            closing = ",)" if len(allowed) == 1 else ")"
            message = f'Value of field "type" must be one of ({choices}{closing}.'
            self.fail("UNION_TYPE_CHOICES", message)
        return None

    def _given(self, key: str, *, required: bool) -> Any:
        value = self.value.get(key)
        if value is None and required:
            self.fail("BASE_TYPE_REQUIRED", "This field is required", key)
        return value

    def _fits(self, length: int, least: int, most: int, key: str) -> bool:
        if least <= length <= most:
            return True
        if least:
            self.fail("BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.", key)
        else:
            self.fail("BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.", key)
        return False

    def _within(self, value: float, least: float, most: float, key: str, *, unit: str = "int") -> bool:
        if value < least:
            message = f"{unit} value should be greater than or equal to {least}."
            self.fail("NUMBER_TYPE_MIN", message, key)
            return False
        if value > most:
            message = f"{unit} value should be less than or equal to {most}."
            self.fail("NUMBER_TYPE_MAX", message, key)
            return False
        return True


def snowflake(value: object) -> int | None:
    """Parse an id given as digits or as an integer; None when it is neither."""
    if isinstance(value, str) and len(value) <= LONGEST_SNOWFLAKE and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_SNOWFLAKE:
        return value
    return None


def well_formed(url: str) -> bool:
    """Tell whether a URL has a host (for `attachment://`, a file name) and no space."""
    try:
        return bool(urlsplit(url).netloc) and not any(map(str.isspace, url))
    except ValueError:
        return False


def quoted(value: object) -> str:
    """Shorten a value for a message: a refusal is never as long as what it refuses."""
    return str(value)[:QUOTED]
