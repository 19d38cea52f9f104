"""What the live test makes, and what that costs at most. Pure."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from check.rows import counted
from seedream import MODELS, ImageRequest, Size
from seedream.sizes import nearest
from studio.jobs.job import Path
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream import Model
    from seedream.providers import Provider
    from seedream.wire_ids import KnownIds
    from studio.quota.prices import Prices

PROMPT = "a grey pebble on a white table"
SEVERAL = 2  # of a stream: whether the first comes before the last shows with no fewer
_REFERENCE_SIDE = 64  # pixels
_SMALLEST = Size(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Every model is asked for a picture by a plain request; the first that is taken, by every other way too."""

    models: tuple[Model, ...]
    ways: tuple[Path, ...]
    prices: Prices

    @property
    def pictures(self) -> int:
        """How many are made at most."""
        return len(self.models) + max(map(self._further, self.models), default=0)

    @property
    def credits(self) -> int:
        """What they cost at most."""
        further = max((self.price(model) * self._further(model) for model in self.models), default=0)
        return sum(map(self.price, self.models)) + further

    def price(self, model: Model) -> int:
        """Credits for each picture."""
        return _price(model, self.prices)

    def ways_of(self, model: Model) -> tuple[Path, ...]:
        """The ways beside the plain one that this model can be asked by."""
        return tuple(path for path in self.ways if path is not Path.STREAM or model.stream)

    def sentence(self) -> str:
        labels = ", ".join(model.label for model in self.models)
        ways = f"; from the first accepted one also by {', '.join(self.ways)}" if self.ways else ""
        return (
            f"at most {counted(self.pictures, 'picture')} of the smallest size ({counted(self.credits, 'credit')} by "
            f"the models' prices): one each from {labels}{ways}"
        )

    def _further(self, model: Model) -> int:
        return sum(request_for(model, path).max_images for path in self.ways_of(model))


def plan_for(provider: Provider, known: KnownIds, prices: Prices, *, reachable: bool) -> Plan:
    """`known`: of the service; a model that was withdrawn is tried only where the service takes it."""
    wanted = [one for one in MODELS.values() if one.offered and (one.withdrawn is None or one.name in known.accepted)]
    first = sorted(wanted, key=lambda model: (not model.stream, _price(model, prices)))[:1]
    models = (*first, *(one for one in wanted if one not in first))
    return Plan(models=models, ways=tuple(_ways(provider, reachable=reachable)), prices=prices)


def _ways(provider: Provider, *, reachable: bool) -> Iterator[Path]:
    yield Path.STREAM
    if provider.tasks_path is not None:
        yield Path.POLL
    if provider.callbacks and reachable:
        yield Path.CALLBACK


def request_for(model: Model, path: Path) -> ImageRequest:
    """The smallest picture, asked for in this way."""
    return ImageRequest(
        prompt=PROMPT,
        model=model.name,
        size=str(nearest(model, _SMALLEST)),
        images=(_reference(),) * model.references.low,
        group=SEVERAL if path is Path.STREAM and model.group else None,
        stream=path is Path.STREAM,
        run_async=path is Path.POLL,
    )


def _price(model: Model, prices: Prices) -> int:
    return price_of(request_for(model, Path.PLAIN), prices)


def _reference() -> str:
    """A picture to begin with, for a model that needs one."""
    file = io.BytesIO()
    Image.new("RGB", (_REFERENCE_SIDE, _REFERENCE_SIDE), "lightgrey").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
