"""What one run of the command line has done, for people and as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seedream.values import Usage


@dataclass(slots=True)
class RunSummary:
    """What has happened so far. sent: a request that may be billed has been sent.

    error: what ended the run, as {"code", "message"}; None if it went to its end.
    """

    sent: bool = False
    task_id: str | None = None
    trace_id: str | None = None
    usage: Usage | None = None
    images: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    error: dict[str, str] | None = None

    def as_json(self) -> str:
        """Return JSON in ASCII, which every terminal and pipe can carry."""
        return json.dumps({name: value for name, value in asdict(self).items() if name != "sent"}, indent=2)

    def interruption(self) -> str:
        """Return what Ctrl-C has interrupted."""
        if self.task_id:
            command = f"python -m seedream --task {self.task_id}"
            return f"Interrupted. The task goes on and may be billed. Wait for it with: {command}"
        if self.sent:
            return "Interrupted. The request may be billed."
        return "Interrupted. Nothing was made."
