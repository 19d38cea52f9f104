"""Plans the pictures of the live test, and their cost. Pure."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from check.results import counted
from seedream import MODELS, ImageRequest, Size
from seedream.sizes import nearest
from studio.jobs.states import Path
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream import Model
    from seedream.providers import Provider
    from seedream.wire_ids import KnownIds
    from studio.quota.prices import Prices

PROMPT = "a grey pebble on a white table"
STREAM_PICTURES = 2  # the fewest that show whether the first comes before the last
_REFERENCE_SIDE = 64  # pixels
_SMALLEST = Size(1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One plain request per model; with the first accepted model also one request per other way of delivery."""

    models: tuple[Model, ...]
    paths: tuple[Path, ...]
    prices: Prices

    @property
    def pictures(self) -> int:
        """The most pictures that are made."""
        return len(self.models) + max(map(self._other_pictures, self.models), default=0)

    @property
    def credits(self) -> int:
        """The most credits that they cost."""
        others = max((self.price(model) * self._other_pictures(model) for model in self.models), default=0)
        return sum(map(self.price, self.models)) + others

    def price(self, model: Model) -> int:
        """Return the credits for one picture."""
        return _price(model, self.prices)

    def paths_for(self, model: Model) -> tuple[Path, ...]:
        """Return the ways of delivery for a model, besides the plain one."""
        return tuple(path for path in self.paths if path is not Path.STREAM or model.stream)

    def sentence(self) -> str:
        """Describe the plan."""
        labels = ", ".join(model.label for model in self.models)
        others = f"; from the first accepted one also by {', '.join(self.paths)}" if self.paths else ""
        return (
            f"at most {counted(self.pictures, 'picture')} of the smallest size ({counted(self.credits, 'credit')} at "
            f"the models' prices): one each from {labels}{others}"
        )

    def _other_pictures(self, model: Model) -> int:
        return sum(request_for(model, path).max_images for path in self.paths_for(model))


def plan_for(provider: Provider, known: KnownIds, prices: Prices, *, reachable: bool) -> Plan:
    """Plan a live test. known: ids of the service; a withdrawn model is only tried if the service has accepted it."""
    models = [
        model
        for model in MODELS.values()
        if model.offered and (model.withdrawn is None or model.name in known.accepted)
    ]
    first = sorted(models, key=lambda model: (not model.stream, _price(model, prices)))[:1]
    ordered = (*first, *(model for model in models if model not in first))
    return Plan(models=ordered, paths=tuple(_paths(provider, reachable=reachable)), prices=prices)


def _paths(provider: Provider, *, reachable: bool) -> Iterator[Path]:
    yield Path.STREAM
    if provider.tasks_path is not None:
        yield Path.POLL
    if provider.callbacks and reachable:
        yield Path.CALLBACK


def request_for(model: Model, path: Path) -> ImageRequest:
    """Return a request for the smallest picture by this way of delivery."""
    return ImageRequest(
        prompt=PROMPT,
        model=model.name,
        size=str(nearest(model, _SMALLEST)),
        images=(_reference_image(),) * model.references.low,
        group=STREAM_PICTURES if path is Path.STREAM and model.group else None,
        stream=path is Path.STREAM,
        run_async=path is Path.POLL,
    )


def _price(model: Model, prices: Prices) -> int:
    return price_of(request_for(model, Path.PLAIN), prices)


def _reference_image() -> str:
    """Return a reference image for models that need one."""
    file = io.BytesIO()
    Image.new("RGB", (_REFERENCE_SIDE, _REFERENCE_SIDE), "lightgrey").save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
