"""What is chosen where a member leaves it open: what they chose last, then what the server's admins did, then the
operator. What the server doesn't allow is no choice. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from seedream import MODELS
from studio.members.models import can_edit

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from seedream import Model
    from studio.guilds.settings import GuildSettings
    from studio.members.preferences import Preferences


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """`model`: a model's name. `size`: a preset, or width x height. `sizes`: the next to try, in order.

    offered: the models that the service takes. models: those of them that the server allows.
    """

    model: str
    size: str | None = None
    sizes: tuple[str, ...] = ()
    ratio: str | None = None
    watermark: bool = False
    output_format: str | None = None
    offered: frozenset[str] = frozenset(MODELS)
    models: frozenset[str] = frozenset(MODELS)

    @property
    def editors(self) -> frozenset[str]:
        """The models that can change a picture."""
        return frozenset(one for one in self.models if one in MODELS and can_edit(MODELS[one]))

    def format_of(self, model: Model) -> str | None:
        """The format, where the model leaves a choice and has it."""
        return self.output_format if self.output_format in model.output_formats else None

    def starting_with(self, model: str) -> Defaults:
        """The same, with another model in place of the default one."""
        return replace(self, model=model)

    def within(self, settings: GuildSettings, last: Preferences) -> Defaults:
        """The operator's, as they are for a member in a server with these settings."""
        wanted = (last.model, settings.default_model, self.model)
        allowed = settings.models or self.offered
        # Where the service takes none of those that are allowed, the request says so when it is refused.
        models = self.offered & allowed or allowed
        model = next((one for one in wanted if one in models), None)
        sizes = [size for size in (last.size, settings.default_size, self.size) if size]
        return replace(
            self,
            model=model or best_of(models) or self.model,
            size=next(iter(sizes), None),
            ratio=last.ratio,
            sizes=tuple(sizes[1:]),
            watermark=self.watermark if settings.watermark is None else settings.watermark,
            output_format=settings.output_format or self.output_format,
            models=models,
        )


def best_of(models: AbstractSet[str]) -> str | None:
    """The one that is taken where no other choice is left: one that paints from words alone, the best first."""
    known = sorted((one for one in MODELS if one in models), key=lambda one: MODELS[one].references.low)
    return next(iter(known), None)
