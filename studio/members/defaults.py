"""The defaults for what a member leaves open: their own last choice, then the server's, then the operator's. Pure.

Models that the server doesn't allow are no defaults.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from seedream import MODELS
from studio.members.models import can_edit
from studio.members.preferences import Preferences

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from seedream import Model
    from studio.guilds.settings import GuildSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """`model`: a model's name. `size`: a preset, or width x height. `sizes`: what to try next where it doesn't fit.

    `offered`: the models that the service takes. `models`: those of them that the server allows. `own`: what is the
    member's own last choice, and would be something else without it.
    """

    model: str
    size: str | None = None
    sizes: tuple[str, ...] = ()
    ratio: str | None = None
    watermark: bool = False
    output_format: str | None = None
    offered: frozenset[str] = frozenset(MODELS)
    models: frozenset[str] = frozenset(MODELS)
    own: Preferences = field(default_factory=Preferences)

    @property
    def editors(self) -> frozenset[str]:
        """The models that can change a picture."""
        return frozenset(name for name in self.models if name in MODELS and can_edit(MODELS[name]))

    def format_of(self, model: Model) -> str | None:
        """The default format, if the model offers it."""
        return self.output_format if self.output_format in model.output_formats else None

    def starting_with(self, model: str) -> Defaults:
        """The same, with another model in place of the default one."""
        return replace(self, model=model, own=replace(self.own, model=None))

    def within(self, settings: GuildSettings, last: Preferences) -> Defaults:
        """The operator's defaults, adapted to a server's settings and a member's last choices."""
        allowed = settings.models or self.offered
        # If the service takes none of the allowed models, the refused request says so.
        models = self.offered & allowed or allowed
        choices = (settings.default_model, self.model, best_of(models))
        others = next((name for name in choices if name in models), self.model)
        model = last.model if last.model in models else None
        sizes = [size for size in (last.size, settings.default_size, self.size) if size]
        return replace(
            self,
            model=model or others,
            size=next(iter(sizes), None),
            ratio=last.ratio,
            sizes=tuple(sizes[1:]),
            watermark=self._watermark(settings),
            output_format=settings.output_format or self.output_format,
            models=models,
            own=Preferences(
                model=None if model == others else model,
                size=None if last.size in sizes[1:2] else last.size,
                ratio=last.ratio,
            ),
        )

    def _watermark(self, settings: GuildSettings) -> bool:
        chosen = self.watermark if settings.watermark is None else settings.watermark
        return settings.watermark_required or chosen


def best_of(models: AbstractSet[str]) -> str | None:
    """The best of these models, preferring those that need no reference picture."""
    known = sorted((name for name in MODELS if name in models), key=lambda name: MODELS[name].references.low)
    return next(iter(known), None)
