"""Reading a refusal as a bot's author does: which field, which code."""

from collections.abc import Iterator
from typing import Any

from sandbox.discord.rules import Problems


def refused(problems: Problems | None) -> list[tuple[str, str]]:
    """Flatten a refusal's body to (path of the field, code); a refusal of no field has the path ""."""
    if problems is None:
        return []
    body = problems.body()
    if body["code"] != 50035:
        return [("", str(body["code"]))]
    return list(_walk(body["errors"], ()))


def _walk(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if key == "_errors":
            yield from ((".".join(path), error["code"]) for error in value)
        else:
            yield from _walk(value, (*path, key))
