"""What a member asks for, made into a request: what they left open is filled in here, and nowhere else. Pure.

GenerationOptions(prompt="a fox", ratio="16:9").generation(defaults)         pictures from words
GenerationOptions(prompt="make it night", images=(url,)).edit(defaults)      pictures from pictures
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seedream import RATIOS, ImageRequest
from seedream.errors import InvalidRequest
from seedream.models import find_model
from seedream.sizes import normal_size
from studio.members.models import editor_near

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from seedream import Model
    from studio.members.defaults import Defaults
    from studio.members.preferences import Preferences

    Shape = tuple[str | None, str | None]
    """A size and a ratio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationOptions:
    """The options of a request as a member chose them; None leaves the choice to their defaults.

    `images`: links to the reference pictures. `group`: how many pictures to make.
    """

    prompt: str
    images: tuple[str, ...] = ()
    model: str | None = None
    size: str | None = None
    ratio: str | None = None
    group: int | None = None
    seed: int | None = None
    guidance_scale: float | None = None
    output_format: str | None = None
    web_search: bool = False
    optimize_prompt: str | None = None
    watermark: bool | None = None

    def remembered(self, request: ImageRequest, own: Preferences) -> tuple[str, ...]:
        """List the options left open that the request takes from the member's own last choices, `own`."""
        remembered = {name: getattr(own, name) for name in ("model", "size", "ratio") if getattr(self, name) is None}
        return tuple(name for name, value in remembered.items() if value and getattr(request, name) == value)

    def generation(self, defaults: Defaults) -> ImageRequest:
        """A request that makes pictures from the prompt, and from references if there are any.

        Default sizes and the default ratio are used where the model takes them. Raises: InvalidRequest.
        """
        model = find_model(self.model or defaults.model)
        preset = model.presets[0] if model.presets and self.ratio else None
        sizes = [self.size] if self.size else dict.fromkeys((defaults.size, *defaults.sizes, preset))
        ratios = (self.ratio or defaults.ratio, self.ratio)
        return self._request(model, defaults, [(size, ratio) for size in sizes for ratio in ratios])

    def edit(self, defaults: Defaults, sides: tuple[int, int] | None = None) -> ImageRequest:
        """A request that changes `images` as the prompt says.

        `sides`: width and height of the first picture, whose shape is kept unless a size or ratio is chosen. A chosen
        model is kept, and refused where it can't edit; else the default model or the nearest that can is used.
        Raises: InvalidRequest.
        """
        model = find_model(self.model) if self.model else editor_near(defaults.model, len(self.images), defaults.models)
        return self._request(model, defaults, self._edit_shapes(model, defaults, sides))

    def _edit_shapes(self, model: Model, defaults: Defaults, sides: tuple[int, int] | None) -> Iterator[Shape]:
        size = normal_size(self.size) if self.size else None
        if size is None and self.ratio is None and model.adaptive:
            yield "adaptive", None
        in_pixels = size is not None and size not in model.presets
        ratio = self.ratio or (nearest_ratio(*sides) if sides and not in_pixels else None)
        preset = size or (defaults.size if defaults.size in model.presets else None)
        if ratio and not preset and model.presets:
            preset = "2K" if "2K" in model.presets else model.presets[0]
        yield preset, ratio
        yield size, self.ratio

    def _request(self, model: Model, defaults: Defaults, shapes: Iterable[Shape]) -> ImageRequest:
        """The request in the first of these shapes that the model takes; the last says what is wrong."""
        *preferred, last = shapes
        for shape in preferred:
            with suppress(InvalidRequest):
                return self._in_shape(model, defaults, shape)
        return self._in_shape(model, defaults, last)

    def _in_shape(self, model: Model, defaults: Defaults, shape: Shape) -> ImageRequest:
        size, ratio = shape
        return ImageRequest(
            prompt=self.prompt,
            model=model.name,
            images=self.images,
            size=size,
            ratio=ratio,
            group=self.group,
            seed=self.seed,
            guidance_scale=self.guidance_scale,
            output_format=self.output_format or defaults.format_of(model),
            web_search=self.web_search,
            optimize_prompt=self.optimize_prompt,
            watermark=defaults.watermark if self.watermark is None else self.watermark,
        )


def nearest_ratio(width: int, height: int) -> str:
    """The ratio of those that models take which is nearest to these sides."""

    def distance(ratio: str) -> float:
        across, down = map(int, ratio.split(":"))
        return abs(math.log(width / height) - math.log(across / down))

    return min(RATIOS, key=distance)
