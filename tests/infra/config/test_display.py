"""Whatever a setting's value is, and however badly it is written, no secret in it is shown."""

from __future__ import annotations

import pytest

from infra.config.display import shown


@pytest.mark.parametrize(
    "value",
    [
        "postgresql://bot:SECRET@h/d",
        "postgresql://bot:SECRET/db",
        '"postgresql://u:SECRET"',
        "postgresql//u:SECRET/db",
        "postgresql:u:SECRET/db",
        "PASSWORD:SECRET",
        "pass=SECRET",
        "password = SECRET",
        "https://h/x;key=SECRET",
        "https://h/x?key=SECRET",
        "https://h/x#SECRET",
    ],
)
def test_a_secret_is_hidden(value):
    assert "SECRET" not in shown(value)


def test_a_number_that_is_no_port_is_hidden():
    assert shown("postgresql://bot:123456789/db") == "postgresql://bot:…/db"


@pytest.mark.parametrize(
    "value",
    [
        "http://localhost:8080",
        "https://h:65535/",
        "postgres.internal",
        "data/bot.db",
        "sqlite+aiosqlite:///data/bot.db",
    ],
)
def test_what_is_no_secret_is_shown(value):
    assert shown(value) == value
