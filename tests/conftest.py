"""A PostgreSQL for whoever asks for one; and at the end of every run, what was held against Discord's document."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.contract import find
from tests.support.postgresql import PostgreSQL, PostgreSQLError
from tests.support.witness import Witness

# A busy machine is no failure.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def postgresql():
    """One server for each process of the tests; started when a test first asks for it."""
    try:
        server = PostgreSQL().__enter__()
    except PostgreSQLError as error:
        pytest.fail(f"the tests' PostgreSQL can't be started: {error}", pytrace=False)
    yield server
    server.__exit__()


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
