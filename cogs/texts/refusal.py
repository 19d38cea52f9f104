"""Refusals: errors whose text a member reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from discord import ui


class RefusalError(Exception):
    """Something a cog will not do; its text is the sentence that the member reads, with a `view` if something helps.

    It is said in their language where it is raised. `public`: the sentence where others read it too, if it differs.
    """

    def __init__(self, told: str, *, view: ui.View | None = None, public: str | None = None) -> None:
        super().__init__(told)
        self.view = view
        self.public = public


class UnknownHereError(RefusalError):
    """What this process has never known or knows no longer; another program with the same token may know it."""
