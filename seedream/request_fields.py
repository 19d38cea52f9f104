"""The fields of a request for images, as plain data: `seedream.requests.ImageRequest` adds the validation."""

from __future__ import annotations

from dataclasses import dataclass

from seedream.models import DEFAULT_MODEL


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFields:
    """Holds what a request for images may say; every field but the prompt is optional.

    prompt: 1 to 4,000 characters. model: any name that `find_model` knows. images: reference images, as http(s) links
    or data URLs. size: a preset ("2K"), "2048x1536" or "adaptive"; None is the model's default. ratio: such as "16:9";
    with a preset it selects the size in pixels. group: the most images to make, 1 to 15; None is one. seed: -1 is
    random. callback_url, run_async: the service answers at once with a task id. Source: SeeDream API guide.
    """

    prompt: str
    model: str = DEFAULT_MODEL
    images: tuple[str, ...] = ()
    size: str | None = None
    ratio: str | None = None
    seed: int | None = None
    group: int | None = None
    stream: bool = False
    guidance_scale: float | None = None
    response_format: str = "url"
    watermark: bool = False
    output_format: str | None = None
    web_search: bool = False
    optimize_prompt: str | None = None
    background: str | None = None
    layer_decomposition: bool = False
    callback_url: str | None = None
    run_async: bool = False
