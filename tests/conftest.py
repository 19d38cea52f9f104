"""Says at the end of every run what was held against Discord's OpenAPI document, or why nothing was."""

from __future__ import annotations

from tests.contract import find
from tests.support.witness import Witness


def pytest_terminal_summary(terminalreporter):
    path, why = find()
    judged = Witness.judged
    held = f"{judged['exchanges']} exchanges and {judged['events']} gateway events kept to it ({why})"
    terminalreporter.write_line(f"Discord's contract: {held if path else f'NOT CHECKED. {why}'}")
