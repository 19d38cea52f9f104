"""Counts what the live test has spent."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from check.results import counted
from seedream.errors import SeeDreamError

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(slots=True)
class PaidRequest:
    """A request for at most `max_pictures`, at `price` credits each. pictures: how many were billed, if known."""

    max_pictures: int
    price: int
    pictures: int | None = None

    def settle(self, pictures: int) -> None:
        """Say how many pictures were billed."""
        self.pictures = pictures


class Spending:
    """The requests of the live test, and their sums."""

    def __init__(self) -> None:
        self._requests: list[PaidRequest] = []

    @contextmanager
    def request(self, max_pictures: int, price: int) -> Iterator[PaidRequest]:
        """Count a request while it runs; call `settle` on it. One that certainly failed is settled with no pictures."""
        request = PaidRequest(max_pictures, price)
        self._requests.append(request)
        try:
            yield request
        except SeeDreamError as error:
            if request.pictures is None and not error.may_be_running:
                request.settle(0)
            raise

    @property
    def pictures(self) -> int:
        """The pictures that were billed."""
        return sum(request.pictures or 0 for request in self._requests)

    @property
    def credits(self) -> int:
        """The credits that they cost."""
        return sum((request.pictures or 0) * request.price for request in self._requests)

    @property
    def unknown(self) -> int:
        """The most pictures that may be billed for requests whose outcome is unknown."""
        return sum(request.max_pictures for request in self._requests if request.pictures is None)

    def sentence(self) -> str:
        """Say what was spent."""
        text = f"Spent: {counted(self.pictures, 'picture')}, {counted(self.credits, 'credit')} at the models' prices."
        if self.unknown:
            more = counted(self.unknown, "more picture")
            text += f" Up to {more} may be billed: the outcome of their requests is unknown."
        return text
