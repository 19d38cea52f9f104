"""What the bot relies on, held against what the service did. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from check.knowledge import WAYS
from check.rows import Row, State, counted
from seedream.capabilities import Size

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from infra.images.imaging import Header
    from seedream import Result, TaskStatus
    from seedream.errors import ApiError
    from studio.jobs.job import Path

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
NO_TASKS = "An empty look-up (retrieve_batch with []) is answered"
UNKNOWN_TASK = "An unknown task id gets 404 not_found"
TRACE = "A task can be found by our own trace id (not relied on)"
POSTED = "Results are posted to PUBLIC_URL, with the task id"
WATERMARK = "watermark: false is honoured"
PICTURES = "The bot can make pictures"
EARLIER_SECONDS = 0.01  # what came together in one piece is that close


def told(error: ApiError) -> str:
    """An error in a few words: what the service said."""
    head = " ".join(filter(None, (f"HTTP {error.status}" if error.status else "", error.code)))
    return f"{head}: {error.message}" if error.message else head or str(error)


def unknown_model_row(refused: ApiError, listed: Sequence[str], *, complete: bool) -> Row:
    if listed:
        whole = "" if complete else ", and more"
        return Row(UNKNOWN_MODEL, State.OK, f"HTTP {refused.status} {refused.code}: {', '.join(listed)}{whole}")
    return Row(UNKNOWN_MODEL, State.NOTE, f"{told(refused)}. It lists none, so ids are tried one by one")


def ids_row(result: Result) -> Row:
    missing = [name for name in ("task_id", "trace_id") if getattr(result, name) is None]
    if not missing:
        return Row(IDS, State.OK, "it names both")
    return Row(IDS, State.NOTE, f"there is no {' and no '.join(missing)}, so a lost answer can't be looked up")


def usage_row(result: Result) -> Row:
    made = result.usage.generated_images if result.usage else None
    if made is None:
        return Row(USAGE, State.NOTE, "it doesn't say, so the bot counts the pictures")
    state = State.OK if made == len(result.images) else State.NOTE
    return Row(USAGE, state, f"usage.generated_images is {made}, and {counted(len(result.images), 'picture')} came")


def sizes_row(pictures: Sequence[tuple[str, Header]]) -> Row:
    """`pictures`: the size that was asked for, and the picture that came."""
    if not pictures:
        return Row(SIZES, State.UNTRIED, "no picture came")
    others = [(asked, Size(one.width, one.height)) for asked, one in pictures if asked != f"{one.width}x{one.height}"]
    if not others:
        return Row(SIZES, State.OK, f"all {len(pictures)} do")
    asked, given = others[0]
    return Row(
        SIZES,
        State.NOTE,
        f"{len(others)} of {len(pictures)} don't: {given} in place of {asked}. The bot shows the real size",
    )


def links_row(links: Sequence[str], problems: Sequence[str]) -> Row:
    if problems:
        return Row(LINKS, State.FAILED, f"{len(problems)} of {len(links)} don't: {problems[0]}")
    if not links:
        return Row(LINKS, State.UNTRIED, "no link came")
    hosts = dict.fromkeys(urlsplit(link).hostname or "" for link in links)
    return Row(LINKS, State.OK, f"{counted(len(links), 'link')} from {', '.join(hosts)}")


def early_row(arrived: Sequence[float]) -> Row:
    """`arrived`: seconds after which each picture of a stream arrived."""
    if len(arrived) < 2:  # noqa: PLR2004 - a first and a last
        return Row(EARLY, State.UNTRIED, f"the stream had {counted(len(arrived), 'picture')}")
    first, last = arrived[0], arrived[-1]
    if last - first > EARLIER_SECONDS:
        return Row(EARLY, State.OK, f"first after {first:.1f} s, last after {last:.1f} s")
    return Row(EARLY, State.NOTE, f"all arrived together after {last:.1f} s")


def finished_row(looks: Sequence[TaskStatus]) -> Row:
    """`looks`: what each look-up of one task said, the last being its end."""
    if any(one.finished_at is not None for one in looks[:-1]):
        return Row(FINISHED, State.FAILED, "it appears earlier, so the bot would give up pictures too soon")
    if looks[-1].finished_at is None:
        return Row(FINISHED, State.NOTE, "there is none, so the bot goes by the result itself")
    took = "" if looks[-1].seconds is None else f"; the task took {looks[-1].seconds:.1f} s"
    return Row(FINISHED, State.OK, f"yes{took}")


def pictures_row(paths: Mapping[Path, bool], models: Iterable[str]) -> Row:
    """What all comes to: whether there is a way, and a model, by which pictures are had."""
    working, making = [WAYS[path] for path, works in paths.items() if works], list(models)
    if not working or not making:
        return Row(PICTURES, State.FAILED, "not one picture came")
    return Row(PICTURES, State.OK, f"{', '.join(working)}; with {', '.join(making)}")
