"""Parses the service's answers. Pure, and tolerant: every form of answer that has been seen is understood.

Whatever the JSON holds, a value comes back or an error of `seedream.errors` is raised.
Source: SeeDream API guide, "Answers".

results.py     a plain answer or a callback's body, and the answer to an asynchronous request
tasks.py       task records
stream.py      the objects of a stream
errors.py      error answers
images.py      the images within an answer, their layers and the usage
fields.py      single values of a record
timestamps.py  times, in any of the service's notations
"""

from seedream.responses.errors import error_from, parse_error
from seedream.responses.fields import record_id
from seedream.responses.images import UNREADABLE, has_running_images
from seedream.responses.results import parse_result, parse_submission
from seedream.responses.stream import StreamParser, parse_event
from seedream.responses.tasks import parse_task, parse_tasks

__all__ = [
    "UNREADABLE",
    "StreamParser",
    "error_from",
    "has_running_images",
    "parse_error",
    "parse_event",
    "parse_result",
    "parse_submission",
    "parse_task",
    "parse_tasks",
    "record_id",
]
