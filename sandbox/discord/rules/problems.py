"""Problems that the rules find, and Discord's JSON for them.

Source: Discord API reference, "Error Messages": a form's errors are nested by the path of the field at fault.
"""

from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]

INVALID_FORM = 50035
EMPTY_MESSAGE = 50006
TOO_LARGE = 40005
TOO_MANY_ATTACHMENTS = 30015
TOO_MANY_COMMANDS = 30032


@dataclass(frozen=True, slots=True)
class Problem:
    """One refused field: where it is, Discord's code for it, and Discord's sentence."""

    path: Path
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Problems:
    """A refusal: Discord's error code and sentence, the HTTP status, and for a form the fields at fault."""

    code: int
    message: str
    details: tuple[Problem, ...] = ()
    status: int = 400

    def body(self) -> dict[str, Any]:
        """Render the answer's JSON body: `{"code", "message"}`, with `"errors"` nested by path for a form."""
        body: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.details:
            body["errors"] = nest(self.details)
        return body


def invalid_form(problems: list[Problem]) -> Problems | None:
    """Return the 50035 error for all problems found, or None."""
    return Problems(INVALID_FORM, "Invalid Form Body", tuple(problems)) if problems else None


def not_an_object(path: Path = ()) -> Problem:
    """Describe a value that must be a JSON object."""
    return Problem(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")


def nest(details: tuple[Problem, ...]) -> dict[str, Any]:
    """Nest problems by path. A field that is itself refused hides what is wrong inside it, as at Discord."""
    refused = {problem.path for problem in details}
    tree: dict[str, Any] = {}
    for problem in details:
        if any(problem.path[:length] in refused for length in range(len(problem.path))):
            continue
        node = tree
        for step in problem.path:
            node = node.setdefault(str(step), {})
        node.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return tree
