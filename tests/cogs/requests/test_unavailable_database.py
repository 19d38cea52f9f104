"""What members read while the database can't be used."""

from __future__ import annotations

from cogs.requests.errors import sentence
from studio.errors import UnavailableError


def test_they_read_when_to_try_again():
    assert sentence(UnavailableError("the disk is full")) == (
        "The bot's database can't be used right now. Try again in a minute."
    )
