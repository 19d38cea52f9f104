"""The command line's options, and the request that they mean."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from dotenv import dotenv_values

from seedream.capabilities import RATIOS
from seedream.checks import RESPONSE_FORMATS
from seedream.errors import InvalidRequest, Refusal
from seedream.model_files import ModelFileError
from seedream.models import DEFAULT_MODEL, MODELS, labels_where, use_models_file
from seedream.providers import DEFAULT_PROVIDER, PROVIDERS, Provider, find_provider
from seedream.references import MAX_REFERENCE_BYTES, data_url
from seedream.requests import ImageRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

EXAMPLES = """\
examples:
  python -m seedream "a red fox in snow"
  python -m seedream "a red fox" --model 4.5 --size 4K --ratio 16:9
  python -m seedream "the same fox, four seasons" --group 4 --stream -o fox/
  python -m seedream "make it night" --image fox.jpeg
  python -m seedream --layers --image fox.jpeg --model pro
  python -m seedream "a red fox" --async          a task, looked up until it is done
  python -m seedream --task 93f11baf-347b-4bb4    pick up a task that was started earlier

The files' names go to stdout, all else to stderr. Exit status: 0 saved, 1 failed, 2 not a valid request, 130 Ctrl-C.
"""


def parser() -> argparse.ArgumentParser:
    command = argparse.ArgumentParser(
        prog="python -m seedream",
        description="Make and edit pictures with ByteDance's SeeDream models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_picture(command)
    _add_model_specific(command)
    _add_ways(command)
    _add_output(command)
    _add_service(command)
    return command


def _add_picture(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("the picture")
    group.add_argument(
        "prompt", nargs="?", default="", help="what to paint, in English or Chinese; 1 to 4,000 characters"
    )
    names = ", ".join(model.removeprefix("doubao-") for model in MODELS)
    group.add_argument("--model", default=DEFAULT_MODEL, help=f"one of {names} (default: {DEFAULT_MODEL})")
    group.add_argument("--size", help="a preset such as 2K, or 2048x1536, or adaptive (default: the model's)")
    group.add_argument("--ratio", help=f"the shape: {', '.join(RATIOS)} (default: square)")
    group.add_argument(
        "--image",
        "--reference",
        action="append",
        default=[],
        metavar="FILE|URL",
        help="a picture to change or to take after; may be repeated",
    )
    group.add_argument(
        "--group",
        "--images",
        type=int,
        metavar="N",
        help="how many pictures in one style at most, 1 to 15 (default: 1)",
    )
    group.add_argument(
        "--watermark",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="mark the picture as made by AI (default: --no-watermark)",
    )


def _add_model_specific(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("where the model can")
    group.add_argument("--seed", type=int, help=f"-1 (random) to 2147483647; {_only('seed')} (default: random)")
    group.add_argument("--guidance", type=float, help=f"how closely to follow the prompt; {_only('guidance')}")
    group.add_argument("--format", help=f"jpeg or png; {_only('output_formats')} (default: jpeg)")
    group.add_argument("--web-search", action="store_true", help=f"look things up; {_only('web_search')}")
    group.add_argument(
        "--optimize", metavar="MODE", help=f"optimize the prompt: standard or fast; {_only('optimize_prompt')}"
    )
    group.add_argument("--background", help=f"transparent, for one PNG; {_only('transparent_background')}")
    group.add_argument("--layers", action="store_true", help=f"take one picture apart into layers; {_only('layers')}")


def _only(capability: str) -> str:
    return f"{labels_where(capability, most=None)} only"


def _add_ways(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("how the answer comes (default: one long request)")
    group.add_argument("--stream", action="store_true", help="save each picture as it is made")
    group.add_argument(
        "--async", action="store_true", dest="run_async", help="start a task and look it up until it is done"
    )
    group.add_argument("--callback-url", metavar="URL", help="start a task, have its result sent there, and don't wait")
    group.add_argument("--task", metavar="ID", help="wait for a task that was started earlier; nothing new is made")
    group.add_argument("--response-format", default="url", help=f"{' or '.join(RESPONSE_FORMATS)} (default: url)")


def _add_output(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("output")
    group.add_argument(
        "-o", "--out", type=Path, default=Path("out"), metavar="DIR", help="where to save (default: out/)"
    )
    group.add_argument("--json", action="store_true", help="print the whole result as JSON (default: the files' names)")


def _add_service(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("the service")
    group.add_argument(
        "--key", help="the API key (default: SEEDREAM_API_KEY from the environment or .env; better there)"
    )
    group.add_argument(
        "--provider",
        metavar="NAME",
        help=f"{', '.join(PROVIDERS)} (default: SEEDREAM_PROVIDER, or {DEFAULT_PROVIDER.name})",
    )
    group.add_argument("--base-url", metavar="URL", help="(default: SEEDREAM_BASE_URL, or the provider's)")
    group.add_argument(
        "--models", metavar="FILE", help="a TOML file that adds or changes models (default: MODELS_FILE)"
    )


def environment_of(environ: Mapping[str, str] | None = None) -> Mapping[str, str]:
    """The environment, and .env for what is not in it."""
    values = {**dotenv_values(".env"), **(os.environ if environ is None else environ)}
    return {name: value for name, value in values.items() if value}


def use_models(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Read the models that the options, else the environment name. Raises: InvalidRequest."""
    path = options.models or environment.get("MODELS_FILE")
    if not path:
        return
    try:
        use_models_file(Path(path))
    except ModelFileError as error:
        refusals = (Refusal("models", "", problem, f"correct {path}") for problem in error.problems)
        raise InvalidRequest(*refusals) from error


def settings(options: argparse.Namespace, given: Mapping[str, str]) -> tuple[str, Provider, str]:
    """The API key, provider and base URL, from the options, else the environment. Raises: InvalidRequest."""
    key = options.key or given.get("SEEDREAM_API_KEY") or ""
    if not key.strip():
        remedy = "put SEEDREAM_API_KEY=... into .env in this folder, or into the environment"
        raise InvalidRequest(Refusal("key", "", "the API key is missing", remedy))
    name = options.provider or given.get("SEEDREAM_PROVIDER")
    provider = find_provider(name) if name else DEFAULT_PROVIDER
    return key, provider, options.base_url or given.get("SEEDREAM_BASE_URL", "")


def request_of(options: argparse.Namespace) -> ImageRequest:
    """The request that the options mean. Raises: InvalidRequest."""
    return ImageRequest(
        prompt=options.prompt,
        model=options.model,
        images=_references(options.image),
        size=options.size,
        ratio=options.ratio,
        seed=options.seed,
        group=options.group,
        stream=options.stream,
        guidance_scale=options.guidance,
        response_format=options.response_format,
        watermark=options.watermark,
        output_format=options.format,
        web_search=options.web_search,
        optimize_prompt=options.optimize,
        background=options.background,
        layer_decomposition=options.layers,
        callback_url=options.callback_url,
        run_async=options.run_async,
    )


def _references(given: Sequence[str]) -> tuple[str, ...]:
    """Links as they are, files as data URLs. Raises: InvalidRequest for every file that can't be used."""
    references, refusals = [], []
    for one in given:
        try:
            references.append(one if one.startswith(("http://", "https://", "data:")) else _inline(Path(one)))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            refusals.append(
                Refusal("references", one, f"this file can't be used, {why}", "give a picture or a link to one")
            )
    if refusals:
        raise InvalidRequest(*refusals)
    return tuple(references)


def _inline(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(MAX_REFERENCE_BYTES + 1)
    if len(content) > MAX_REFERENCE_BYTES:
        raise ValueError("it is larger than 10 MB")
    return data_url(content)
