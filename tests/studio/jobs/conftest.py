"""The core's own tests: whoever does not expect an error in the log fails by one."""

from __future__ import annotations

import logging

import pytest


class _Errors(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record):
        self.lines.append(record.getMessage())


@pytest.fixture(autouse=True)
def _no_errors(request):
    """In a test of the core that does not read the log itself, nothing is logged as an error."""
    errors, log = _Errors(), logging.getLogger("studio.jobs")
    log.addHandler(errors)
    yield
    log.removeHandler(errors)
    if "test_core_" in request.node.path.name and "caplog" not in request.fixturenames:
        assert errors.lines == []
