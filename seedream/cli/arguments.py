"""Defines the command line's options, and builds the request that they describe."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from seedream.capabilities import RATIOS
from seedream.errors import InvalidOption, InvalidRequest, one_line
from seedream.images import NotAnImageError
from seedream.limits import MAX_GROUP, MAX_PROMPT_LENGTH, MAX_REFERENCE_BYTES, MAX_SEED, MIN_SEED
from seedream.model_files import ModelFileError
from seedream.models import DEFAULT_MODEL, MODELS, labels_where, use_models_file
from seedream.providers import DEFAULT_PROVIDER, PROVIDERS, Provider, find_provider
from seedream.proxies import proxies_from, with_file
from seedream.references import data_url
from seedream.request_validation import RESPONSE_FORMATS
from seedream.requests import ImageRequest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seedream.cli.screen import Screen
    from seedream.proxies import Proxies

_MAX_FILE_BYTES = 64 * 2**20
_DATA_URL_HEAD = 40  # characters

EXAMPLES = """\
examples:
  python -m seedream "a red fox in snow"
  python -m seedream "a red fox" --model 4.5 --size 4K --ratio 16:9
  python -m seedream "the same fox, four seasons" --group 4 --stream -o fox/
  python -m seedream "make it night" --image fox.jpeg
  python -m seedream --layers --image fox.jpeg --model pro
  python -m seedream "a red fox" --async          start a task and wait for it
  python -m seedream --task 93f11baf-347b-4bb4    wait for a task started earlier

The names of the files go to stdout, everything else to stderr. Every image is saved before its name is printed.

exit status:
  0    every image that was made is saved
  1    failed: nothing was made, an image could not be saved, or the output could not be written
  2    invalid: an option, a setting or .env; nothing was sent
  130  interrupted
"""


class _Parser(argparse.ArgumentParser):
    """Prints its help to the screen, and raises InvalidRequest instead of exiting."""

    def __init__(self, screen: Screen, **settings: Any) -> None:
        super().__init__(**settings)
        self._screen = screen
        self.register("type", None, _text)  # of every option that has no other

    def print_help(self, file: object = None) -> None:  # noqa: ARG002 - argparse gives none
        self._screen.output(self.format_help().rstrip())

    def error(self, message: str) -> NoReturn:
        remedy = "For all options, see: python -m seedream --help"
        raise InvalidRequest(InvalidOption("command line", "", f"{one_line(message)}.", remedy))


def _text(value: str) -> str:
    """Return an argument that was decoded by the locale as text. In a locale that is only ASCII, UTF-8 is read too."""
    try:
        return value if _is_text(value) else os.fsencode(value).decode()
    except UnicodeError:
        raise argparse.ArgumentTypeError("it has bytes that aren't text in UTF-8; type it again") from None


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)


def parser(screen: Screen) -> argparse.ArgumentParser:
    """Return the parser, which writes its help to the screen. Its `parse_args` raises InvalidRequest."""
    command = _Parser(
        screen,
        prog="python -m seedream",
        description="Make and edit images with ByteDance's SeeDream models.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_image_options(command)
    _add_model_options(command)
    _add_delivery_options(command)
    _add_output_options(command)
    _add_service_options(command)
    return command


def _add_image_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("the image")
    group.add_argument(
        "prompt",
        nargs="?",
        default="",
        help=f"the image you want, in English or Chinese; up to {MAX_PROMPT_LENGTH:,} characters",
    )
    names = ", ".join(model.removeprefix("doubao-") for model in MODELS)
    group.add_argument("--model", default=DEFAULT_MODEL, help=f"one of {names} (default: {DEFAULT_MODEL})")
    group.add_argument("--size", help="a preset such as 2K, or 2048x1536, or adaptive (default: depends on the model)")
    group.add_argument("--ratio", help=f"the aspect ratio: {', '.join(RATIOS)} (default: square)")
    group.add_argument(
        "--image",
        "--reference",
        action="append",
        type=str,  # the name of a file may be any bytes
        default=[],
        metavar="FILE|URL",
        help="a reference image, to edit or to imitate; may be repeated",
    )
    group.add_argument(
        "--group",
        "--images",
        type=int,
        metavar="N",
        help=f"the most images to make in one style, 1 to {MAX_GROUP} (default: 1)",
    )
    group.add_argument(
        "--watermark",
        action=argparse.BooleanOptionalAction,
        default=False,
        help="mark the image as made by AI (default: --no-watermark)",
    )


def _add_model_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("options that only some models have")
    group.add_argument("--seed", type=int, help=f"{MIN_SEED} (random) to {MAX_SEED}; {_only('seed')} (default: random)")
    group.add_argument("--guidance", type=float, help=f"how closely to follow the prompt; {_only('guidance')}")
    group.add_argument("--format", help=f"jpeg or png; {_only('output_formats')} (default: jpeg)")
    group.add_argument("--web-search", action="store_true", help=f"let the model search the web; {_only('web_search')}")
    group.add_argument(
        "--optimize", metavar="MODE", help=f"optimize the prompt: standard or fast; {_only('optimize_prompt')}"
    )
    group.add_argument("--background", help=f"transparent, with one PNG reference; {_only('transparent_background')}")
    group.add_argument("--layers", action="store_true", help=f"separate one image into layers; {_only('layers')}")


def _only(capability: str) -> str:
    return f"{labels_where(capability, most=None)} only"


def _add_delivery_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("delivery (default: one long request)")
    group.add_argument("--stream", action="store_true", help="save each image as it is made")
    group.add_argument("--async", action="store_true", dest="run_async", help="start a task and wait for it")
    group.add_argument(
        "--callback-url", metavar="URL", help="start a task whose result is posted there, and don't wait"
    )
    group.add_argument("--task", metavar="ID", help="wait for a task started earlier, instead of making new images")
    group.add_argument("--response-format", default="url", help=f"{' or '.join(RESPONSE_FORMATS)} (default: url)")


def _add_output_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("output")
    group.add_argument(
        "-o", "--out", type=Path, default=Path("out"), metavar="DIR", help="the folder to save in (default: out/)"
    )
    group.add_argument(
        "--json", action="store_true", help="print the whole result as JSON (default: the names of the files)"
    )


def _add_service_options(command: argparse.ArgumentParser) -> None:
    group = command.add_argument_group("the service")
    group.add_argument("--key", help="the API key (default, and safer: SEEDREAM_API_KEY from the environment or .env)")
    group.add_argument(
        "--provider",
        metavar="NAME",
        help=f"{', '.join(PROVIDERS)} (default: SEEDREAM_PROVIDER, or {DEFAULT_PROVIDER.name})",
    )
    group.add_argument("--base-url", metavar="URL", help="(default: SEEDREAM_BASE_URL, or the provider's)")
    group.add_argument(
        "--models", metavar="FILE", help="a TOML file that adds or changes models (default: MODELS_FILE)"
    )


def use_models(options: argparse.Namespace, environment: Mapping[str, str]) -> None:
    """Read the models file that the options or else the environment name. Raises: InvalidRequest."""
    path = options.models or environment.get("MODELS_FILE")
    if not path:
        return
    try:
        use_models_file(Path(path))
    except ModelFileError as error:
        problems = (InvalidOption("models", "", f"{problem}.", f"Correct {path}.") for problem in error.problems)
        raise InvalidRequest(*problems) from error


def connection_settings(options: argparse.Namespace, environment: Mapping[str, str]) -> tuple[str, Provider, str]:
    """Return the API key, provider and base URL from the options, or else the environment. Raises: InvalidRequest."""
    key = options.key or environment.get("SEEDREAM_API_KEY") or ""
    if not key.strip():
        remedy = "Put SEEDREAM_API_KEY=... into .env in this folder, or into the environment."
        raise InvalidRequest(InvalidOption("key", "", "The API key is missing.", remedy))
    name = options.provider or environment.get("SEEDREAM_PROVIDER")
    provider = find_provider(name) if name else DEFAULT_PROVIDER
    return key, provider, options.base_url or environment.get("SEEDREAM_BASE_URL", "")


def chosen_proxies(settings: Mapping[str, str], environ: Mapping[str, str]) -> Proxies:
    """Return the proxies that .env and the environment name. Raises: InvalidRequest."""
    try:
        return proxies_from(with_file(environ, settings), settings.get("PROXY_URL", ""))
    except ValueError as error:
        name, _, problem = str(error).partition(": ")
        raise InvalidRequest(InvalidOption(name, "", f"{problem}.")) from None


def build_request(options: argparse.Namespace) -> ImageRequest:
    """Build the request that the options describe. Raises: InvalidRequest."""
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
    """Return links as they are and files as data URLs. Raises: InvalidRequest for every file that can't be used."""
    references, problems = [], []
    for reference in given:
        try:
            references.append(reference if _is_url(reference) else _read_data_url(Path(reference)))
        except NotAnImageError as error:
            problems.append(InvalidOption("references", reference, f"This file is {error.what}.", error.remedy))
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            problem = f"This file can't be used: {why}."
            problems.append(InvalidOption("references", reference, problem, "Use an image file or a link to one."))
    if problems:
        raise InvalidRequest(*problems)
    return tuple(references)


def _is_url(reference: str) -> bool:
    return reference.startswith(("http://", "https://", "data:"))


def _read_data_url(path: Path) -> str:
    """Only the image counts: a phone's film behind it may be larger. Raises: OSError, ValueError, NotAnImageError."""
    with path.open("rb") as file:
        content = file.read(_MAX_FILE_BYTES + 1)
    url = data_url(content)
    if len(content) > _MAX_FILE_BYTES or len(url) > MAX_REFERENCE_BYTES * 4 // 3 + _DATA_URL_HEAD:
        raise ValueError(f"it is larger than {MAX_REFERENCE_BYTES // 10**6} MB")
    return url
