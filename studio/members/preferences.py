"""A member's last choices, which are their defaults next time. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """None: never chosen. `size` as a preset or width x height; `ratio` as 16:9. `mention`: when a job took long."""

    model: str | None = None
    size: str | None = None
    ratio: str | None = None
    mention: bool = False

    def __bool__(self) -> bool:
        return self != Preferences()

    def chosen(self, *, model: str | None, size: str | None, ratio: str | None) -> Preferences:
        """The preferences after a choice; None changes nothing.

        A size in pixels has a shape of its own, so it ends a ratio; a ratio ends such a size.
        """
        model = model or self.model
        if size and _in_pixels(size):
            return replace(self, model=model, size=size, ratio=None)
        kept = None if ratio and self.size and _in_pixels(self.size) else self.size
        return replace(self, model=model, size=size or kept, ratio=ratio or self.ratio)


def _in_pixels(size: str) -> bool:
    return "x" in size.lower()
