"""Sees all that passes between a bot and the local Discord, and holds it against Discord's OpenAPI document."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any, ClassVar

from tests.contract import Contract, Exchange, find


@cache
def _contract() -> Contract | None:
    path, _ = find()
    return Contract.load(path) if path else None


class Witness:
    """Give `seeing` to LocalDiscord, call `judge` at the end. Without the document there is nothing to hold against."""

    # How much was held against the document in this run, for the summary that a run of the tests ends with.
    judged: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.events: list[tuple[str, Any]] = []

    @property
    def seeing(self) -> dict[str, Any]:
        return {"on_exchange": self.exchanges.append, "on_event": lambda *event: self.events.append(event)}

    def judge(self) -> None:
        """Raise AssertionError with every way in which what was seen breaks the contract."""
        contract = _contract()
        if contract is None:
            return
        found = [violation for exchange in self.exchanges for violation in contract.check(exchange)]
        found += [violation for event in self.events for violation in contract.check_event(*event)]
        assert not found, "\n".join(found)
        self.judged.update(exchanges=len(self.exchanges), events=len(self.events))
