"""A request for images, which validates itself against its model and builds the JSON to send. Pure."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from seedream import request_validation, sizes
from seedream.errors import InvalidOption, InvalidRequest
from seedream.limits import MAX_LAYERS
from seedream.models import find_model, known_model
from seedream.references import normal_reference
from seedream.request_fields import RequestFields

if TYPE_CHECKING:
    from collections.abc import Mapping

    from seedream.capabilities import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRequest(RequestFields):
    """One valid request for images; its fields are described in `RequestFields`.

    Creating one normalises its fields (the prompt is stripped, the model becomes its short name) and validates them.
    To change one, use `dataclasses.replace`, which validates again.
    Raises: InvalidRequest with every problem, not just the first.
    """

    def __post_init__(self) -> None:
        if isinstance(self.images, list):
            object.__setattr__(self, "images", tuple(self.images))
        if problems := list(request_validation.type_problems(self)):
            raise InvalidRequest(*problems)
        self._normalise()
        try:
            model = find_model(self.model)
        except InvalidRequest as error:
            # Without a model only the prompt can be validated.
            raise InvalidRequest(*error.problems, *request_validation.prompt_problems(self)) from None
        object.__setattr__(self, "model", model.name)
        if problems := list(request_validation.request_problems(self, model)):
            raise InvalidRequest(*problems)

    def _normalise(self) -> None:
        normal: dict[str, Any] = {
            "prompt": self.prompt.strip(),
            "images": tuple(map(normal_reference, self.images)),
            "size": sizes.normal_size(self.size) if self.size is not None else None,
            "ratio": sizes.normal_ratio(self.ratio) if self.ratio is not None else None,
            "response_format": self.response_format.strip().lower(),
            "callback_url": self.callback_url.strip() if self.callback_url is not None else None,
        }
        for name in ("output_format", "optimize_prompt", "background"):
            value = getattr(self, name)
            normal[name] = value.strip().lower() if value is not None else None
        if normal["output_format"] == "jpg":
            normal["output_format"] = "jpeg"
        for name, value in normal.items():
            object.__setattr__(self, name, value)

    @property
    def capabilities(self) -> Model:
        """What the model can do."""
        return known_model(self.model)

    @property
    def max_images(self) -> int:
        """The most images that can come back, and be billed."""
        return MAX_LAYERS if self.layer_decomposition else self.group or 1

    @property
    def wire_size(self) -> str:
        """The size that is sent. Layers have the size of their image unless another is given."""
        if self.layer_decomposition and self.size is None and self.ratio is None:
            return sizes.AUTO
        return sizes.resolved(self.capabilities, self.size, self.ratio)

    def to_wire(self, wire_id: str) -> dict[str, Any]:
        """Return the JSON body of `POST /seedream/images` for a model id. Options that were not chosen are left out."""
        body: dict[str, Any] = {"model": wire_id, "prompt": self.prompt or None, "size": self.wire_size}
        body |= {
            "image": list(self.images) or None,
            "seed": self.seed,
            "guidance_scale": self.guidance_scale,
            "response_format": self.response_format,
            "output_format": self._wire_format(),
            "background": self.background,
            "layer_decomposition": self.layer_decomposition or None,
            "tools": [{"type": "web_search"}] if self.web_search else None,
            "optimize_prompt_options": {"mode": self.optimize_prompt} if self.optimize_prompt else None,
            "stream": self.stream or None,
            "callback_url": self.callback_url,
            "async": self.run_async or None,
        }
        body = {name: value for name, value in body.items() if value is not None}
        # The service adds a watermark by default, so this is always sent.
        return body | self._wire_group() | {"watermark": self.watermark}

    def _wire_format(self) -> str | None:
        if not self.capabilities.output_formats:
            return None  # such a model makes jpeg, and refuses the option
        return self.output_format or ("png" if self.background else None)

    def _wire_group(self) -> dict[str, Any]:
        if not self.capabilities.group:
            return {}
        if self.group is None or self.group == 1:
            return {"sequential_image_generation": "disabled"}
        return {
            "sequential_image_generation": "auto",
            "sequential_image_generation_options": {"max_images": self.group},
        }

    def to_dict(self) -> dict[str, Any]:
        """Return all fields as JSON values; `from_dict` gives an equal request back."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return values | {"images": list(self.images)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ImageRequest:
        """Return the request that `to_dict` wrote. Raises: InvalidRequest, also for unknown fields."""
        known = [field.name for field in fields(cls)]
        problems = [_unknown_field(str(name), known) for name in values if name not in known]
        if "prompt" not in values:
            problems.append(InvalidOption("prompt", "", "A request needs a prompt.", "Add it."))
        if problems:
            raise InvalidRequest(*problems)
        return cls(**values)

    @classmethod
    def restored(cls, values: Mapping[str, Any]) -> ImageRequest:
        """Return the request that `to_dict` wrote, without validating it: its model may have changed since."""
        request = object.__new__(cls)
        for field in fields(cls):
            object.__setattr__(request, field.name, values.get(field.name, field.default))
        object.__setattr__(request, "images", tuple(request.images))
        return request


def _unknown_field(name: str, known: list[str]) -> InvalidOption:
    near = difflib.get_close_matches(name[:100], known, n=1)
    remedy = f"Did you mean {near[0]}?" if near else f"The fields are {', '.join(known)}."
    return InvalidOption(name[:40], "", "A request has no such field.", remedy)
