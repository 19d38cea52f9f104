"""Compares what the bot relies on with what the service did. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from check.results import CheckResult, CheckStatus, counted
from check.service_knowledge import DELIVERY_NAMES
from seedream.capabilities import Size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from seedream import Result, TaskStatus
    from seedream.errors import ApiError
    from seedream.images import ImageStructure
    from studio.jobs.states import Path

UNKNOWN_MODEL = "An unknown model is refused with a list of valid ids"
SHORT_NAME = "Short model names are refused"
IDS = "A plain answer names its task and trace ids"
USAGE = "An answer says how many pictures are billed"
SIZES = "Pictures have the requested size"
LINKS = "Links download without the key, from a public host"
EARLY = "A stream shows its first picture before the last is done"
RECORDS = "Tasks can be looked up, even without a callback"
FINISHED = "finished_at appears once a task has ended, not before"
BATCH = "Several tasks can be looked up at once"
NO_TASKS = "A look-up of no tasks (retrieve_batch with []) is answered"
UNKNOWN_TASK = "An unknown task id gets 404 not_found"
TRACE = "A task can be found by our own trace id (not relied on)"
POSTED = "Results are posted to PUBLIC_URL, with the task id"
WATERMARK = "watermark: false is honoured"
PICTURES = "The bot can make pictures"
EARLIER_SECONDS = 0.01  # pictures that arrive in the same chunk are closer together


def error_text(error: ApiError) -> str:
    """Return what the service said, in short: status, code and message."""
    head = " ".join(filter(None, (f"HTTP {error.status}" if error.status else "", error.code)))
    return f"{head}: {error.message}" if error.message else head or str(error)


def unknown_model_result(refused: ApiError, listed: Sequence[str], *, complete: bool) -> CheckResult:
    if listed:
        whole = "" if complete else ", and more"
        return CheckResult.ok(UNKNOWN_MODEL, f"HTTP {refused.status} {refused.code}: {', '.join(listed)}{whole}")
    return CheckResult.note(UNKNOWN_MODEL, f"{error_text(refused)}. It lists none, so the bot tries ids one by one")


def ids_result(result: Result) -> CheckResult:
    missing = [name for name in ("task_id", "trace_id") if getattr(result, name) is None]
    if not missing:
        return CheckResult.ok(IDS, "it has both")
    return CheckResult.note(IDS, f"there is no {' and no '.join(missing)}, so a lost answer can't be looked up")


def usage_result(result: Result) -> CheckResult:
    made = result.usage.generated_images if result.usage else None
    if made is None:
        return CheckResult.note(USAGE, "it doesn't say, so the bot counts the pictures")
    state = CheckStatus.OK if made == len(result.images) else CheckStatus.NOTE
    return CheckResult(
        USAGE, state, f"usage.generated_images is {made}, and {counted(len(result.images), 'picture')} came"
    )


def sizes_result(pictures: Sequence[tuple[str, ImageStructure]]) -> CheckResult:
    """pictures: the requested size, and the picture that came."""
    if not pictures:
        return CheckResult.untried(SIZES, "no picture came")
    sizes = [(requested, str(Size(header.width, header.height))) for requested, header in pictures]
    others = [(requested, actual) for requested, actual in sizes if requested != actual]
    if not others:
        return CheckResult.ok(SIZES, f"all {len(pictures)} do")
    requested, actual = others[0]
    return CheckResult.note(
        SIZES,
        f"{len(others)} of {len(pictures)} don't: {actual} instead of {requested}. The bot shows the actual size",
    )


def links_result(links: Sequence[str], problems: Sequence[str]) -> CheckResult:
    if problems:
        return CheckResult.failed(LINKS, f"{len(problems)} of {len(links)} don't: {problems[0]}")
    if not links:
        return CheckResult.untried(LINKS, "no link came")
    hosts = dict.fromkeys(urlsplit(link).hostname or "" for link in links)
    return CheckResult.ok(LINKS, f"{counted(len(links), 'link')} from {', '.join(hosts)}")


def early_result(arrived: Sequence[float]) -> CheckResult:
    """arrived: the seconds after which each picture of a stream arrived."""
    if len(arrived) < 2:  # noqa: PLR2004 - a first and a last
        return CheckResult.untried(EARLY, f"the stream had {counted(len(arrived), 'picture')}")
    first, last = arrived[0], arrived[-1]
    if last - first > EARLIER_SECONDS:
        return CheckResult.ok(EARLY, f"first after {first:.1f} s, last after {last:.1f} s")
    return CheckResult.note(EARLY, f"all arrived together after {last:.1f} s")


def finished_result(statuses: Sequence[TaskStatus]) -> CheckResult:
    """statuses: one task's status at each look-up, the last one final."""
    if any(status.finished_at is not None for status in statuses[:-1]):
        return CheckResult.failed(FINISHED, "it appears before the end, so the bot would give up too soon")
    if statuses[-1].finished_at is None:
        return CheckResult.note(FINISHED, "there is none, so the bot relies on the result itself")
    took = "" if statuses[-1].seconds is None else f"; the task took {statuses[-1].seconds:.1f} s"
    return CheckResult.ok(FINISHED, f"yes{took}")


def pictures_result(paths: Mapping[Path, bool], models: Iterable[str]) -> CheckResult:
    """Return whether pictures can be made: with which deliveries and models."""
    deliveries, labels = [DELIVERY_NAMES[path] for path, works in paths.items() if works], list(models)
    if not deliveries or not labels:
        return CheckResult.failed(PICTURES, "no picture came")
    return CheckResult.ok(PICTURES, f"{', '.join(deliveries)}; with {', '.join(labels)}")
