"""What the live test has spent, at any moment."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from check.rows import counted
from seedream.errors import SeeDreamError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Spending:
    """Pictures and credits, and how many pictures more may be billed of requests whose end nobody knows."""

    def __init__(self) -> None:
        self.pictures = 0
        self.credits = 0
        self.unknown = 0

    @contextmanager
    def request(self, most: int, price: int) -> Iterator[Callable[[int], None]]:
        """A request that makes at most `most` pictures is under way; call what it yields with how many were made."""
        told = False

        def made(pictures: int) -> None:
            nonlocal told
            self.unknown -= 0 if told else most
            self.pictures += pictures
            self.credits += pictures * price
            told = True

        self.unknown += most
        try:
            yield made
        except SeeDreamError as error:
            if not told and not error.may_be_running:
                made(0)
            raise

    def sentence(self) -> str:
        text = f"Spent: {counted(self.pictures, 'picture')}, {counted(self.credits, 'credit')} by the models' prices."
        if self.unknown:
            text += (
                f" Up to {counted(self.unknown, 'picture')} more may be billed: nobody knows how those requests ended."
            )
        return text
