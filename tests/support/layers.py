"""Jobs that take a picture apart, as tests need them."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce

from seedream import BoundingBox, ImageRequest, Layer
from studio.jobs.advance import advance
from studio.jobs.events import Finished, ImageArrived, Started
from studio.jobs.job import Job, PreparedRequest, accepted, new_job
from studio.jobs.states import Path
from studio.quota.prices import USUAL_PRICE
from tests.support.jobs import ORIGIN, a_picture, posted

LINK = "https://cdn.example/fox.jpg"
LAYERED = ImageRequest(prompt="", model="pro", images=(LINK,), output_format="png", layer_decomposition=True)


def layered_job(**changes) -> Job:
    """As it was accepted, at second 0."""
    job = accepted(new_job(ORIGIN, PreparedRequest(request=LAYERED)), price=USUAL_PRICE, place=0, now=0.0)
    return replace(job, **changes)


def a_layer(name: str = "", z_index: int | None = None, **changes) -> Layer:
    box = BoundingBox(absolute=(10, 20, 300, 400), normalized=(5, 10, 146, 195))
    return Layer(**{"name": name, "z_index": z_index, "bounding_box": box} | changes)


def layer_arrived(index: int, layer: Layer | None, **picture) -> ImageArrived:
    described = {"path": f"job-{index}.png", "format": "png", "size": 1000} | picture
    return ImageArrived(index, a_picture(index, **described), f"https://files.example/{index}.png", layer)


def in_layers(*layers: Layer | None, job: Job | None = None) -> Job:
    """A job that has ended with these layers, in the order in which the service told of them."""
    events = [layer_arrived(index, layer) for index, layer in enumerate(layers)]
    return after(*events, Finished(9.0), job=job)


def after(*events, job: Job | None = None) -> Job:
    return reduce(advance, (posted(), Started(Path.POLL, 1.0), *events), job or layered_job())
