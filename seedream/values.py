"""The values that the client returns: images, failures, whole results, tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from seedream.error_table import classify

if TYPE_CHECKING:
    from collections.abc import Iterator

    from seedream.capabilities import Size
    from seedream.errors import ApiError, SeeDreamError


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundingBox:
    """Where a layer lies in its image: left, top, right, bottom; in pixels, and on the service's own scale.

    Either is empty if the service leaves it out.
    """

    absolute: tuple[int, ...] = ()
    normalized: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of an image. z_index: counts from back to front; None if only the name is known."""

    name: str
    z_index: int | None = None
    description: str = ""
    bounding_box: BoundingBox = BoundingBox()


@dataclass(frozen=True, slots=True)
class ImageReady:
    """An image: a link that expires within 24 hours, or the bytes themselves. size: None if it isn't known."""

    index: int
    url: str | None = None
    data: bytes | None = None
    size: Size | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageFailed:
    """An image of a group that was not made; the others still count."""

    index: int
    code: str
    message: str

    @property
    def error(self) -> ApiError:
        """The failure as an exception, whose class says who can act on it."""
        return classify(200, self.code, self.message)(200, self.code, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the request used. generated_images is billed."""

    generated_images: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_images: int | None = None
    web_searches: int | None = None


@dataclass(frozen=True, slots=True)
class GenerationCompleted:
    """The last event. images: the number of images that the service says it made."""

    usage: Usage | None = None

    @property
    def images(self) -> int | None:
        return self.usage.generated_images if self.usage else None


@dataclass(frozen=True, slots=True)
class TaskNamed:
    """A stream has named its task, which can be looked up if the stream breaks."""

    task_id: str | None
    trace_id: str | None = None


ImageEvent = ImageReady | ImageFailed | GenerationCompleted | TaskNamed
GeneratedImage = ImageReady  # an image is the same value, streamed or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A whole answer."""

    images: tuple[GeneratedImage, ...] = ()
    failures: tuple[ImageFailed, ...] = ()
    usage: Usage | None = None
    task_id: str | None = None
    trace_id: str | None = None

    def events(self) -> Iterator[ImageEvent]:
        """Yield the events that a stream would have had, in the order of the images."""
        images: list[ImageReady | ImageFailed] = [*self.images, *self.failures]
        yield from sorted(images, key=lambda event: event.index)
        yield GenerationCompleted(self.usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An accepted task. result: set if the service answered in full at once.

    task_id: empty only if it did so without a task id.
    """

    task_id: str
    trace_id: str | None = None
    result: Result | None = None


TaskState = Literal["running", "succeeded", "failed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """The status of a task. "unknown": the service does not know the id.

    Times are seconds since the epoch, by the service's clock. seconds: how long the task took.
    """

    id: str
    state: TaskState
    result: Result | None = None
    error: SeeDreamError | None = None
    created_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    seconds: float | None = None
