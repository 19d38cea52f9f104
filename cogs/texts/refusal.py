"""Refusals: errors whose text a member reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord import ui


class RefusalError(Exception):
    """Refuses a member's request. Its text is the sentence that they read, translated where it is raised.

    `view`: a button that helps. `public`: the sentence where others can read it, if it has to differ.
    """

    def __init__(self, text: str, *, view: ui.View | None = None, public: str | None = None) -> None:
        super().__init__(text)
        self.view = view
        self.public = public


class UnknownHereError(RefusalError):
    """Refuses what this process doesn't know (any more); another process with the same token may know it.

    So it is answered a second late: the process that knows it answers first.
    """
