"""Says at the end of every run what was held against Discord's OpenAPI document, or why nothing was."""

from __future__ import annotations

import pytest

from tests.contract import find
from tests.support.witness import Witness


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["judged"] = dict(Witness.judged)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    Witness.judged.update(getattr(node, "workeroutput", {}).get("judged", {}))


def pytest_terminal_summary(terminalreporter):
    path, why = find()
    judged = Witness.judged
    held = f"{judged['exchanges']} exchanges and {judged['events']} gateway events kept to it ({why})"
    terminalreporter.write_line(f"Discord's contract: {held if path else f'NOT CHECKED. {why}'}")
