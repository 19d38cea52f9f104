"""What the service answers, as values: pictures, failures, whole results, tasks."""

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
    """Where a layer lies in its picture: left, top, right, bottom; in pixels, and on the service's own scale.

    Either is empty where the service does not tell it.
    """

    absolute: tuple[int, ...] = ()
    normalized: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer of a picture. `z_index`: from the back to the front; None where only its name is known."""

    name: str
    z_index: int | None = None
    description: str = ""
    bounding_box: BoundingBox = BoundingBox()


@dataclass(frozen=True, slots=True)
class ImageReady:
    """A picture: a link that dies within 24 hours, or the bytes themselves. `size`: where the service says it."""

    index: int
    url: str | None = None
    data: bytes | None = None
    size: Size | None = None
    layer: Layer | None = None


@dataclass(frozen=True, slots=True)
class ImageFailed:
    """One picture of a group that was not made; the others still count."""

    index: int
    code: str
    message: str

    @property
    def error(self) -> ApiError:
        """The same as an error within an answer: its class says who can act on it."""
        return classify(200, self.code, self.message)(200, self.code, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What the request used. `generated_images` is what is billed."""

    generated_images: int | None = None
    output_tokens: int | None = None
    total_tokens: int | None = None
    input_images: int | None = None
    web_searches: int | None = None


@dataclass(frozen=True, slots=True)
class Completed:
    """Nothing more will come. `images`: how many the service says it made."""

    usage: Usage | None = None

    @property
    def images(self) -> int | None:
        return self.usage.generated_images if self.usage else None


@dataclass(frozen=True, slots=True)
class TaskNamed:
    """A stream has said under which task the service works on it: it can be looked up if the stream breaks."""

    task_id: str | None
    trace_id: str | None = None


ImageEvent = ImageReady | ImageFailed | Completed | TaskNamed
GeneratedImage = ImageReady  # a picture is the same value, streamed or not


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A whole answer."""

    images: tuple[GeneratedImage, ...] = ()
    failures: tuple[ImageFailed, ...] = ()
    usage: Usage | None = None
    task_id: str | None = None
    trace_id: str | None = None

    def events(self) -> Iterator[ImageEvent]:
        """The same as a stream would have told it, in the order of the pictures."""
        pictures: list[ImageReady | ImageFailed] = [*self.images, *self.failures]
        yield from sorted(pictures, key=lambda event: event.index)
        yield Completed(self.usage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """An accepted task. `result`: set when the service did not wait to be asked and answered in full.

    task_id: empty only where it answered so, and named none.
    """

    task_id: str
    trace_id: str | None = None
    result: Result | None = None


TaskState = Literal["running", "succeeded", "failed", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStatus:
    """How a task is doing. "unknown": the service does not know the id.

    Times are seconds since the epoch, by the service's clock. `seconds`: how long the work took.
    """

    id: str
    state: TaskState
    result: Result | None = None
    error: SeeDreamError | None = None
    created_at: float | None = None
    started_at: float | None = None
    finished_at: float | None = None
    seconds: float | None = None
