"""The program: options in, images saved, an exit status out."""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seedream.cli.arguments import build_request, chosen_proxies, connection_settings, parser, use_models
from seedream.cli.command import Command
from seedream.cli.saving import prepare
from seedream.cli.screen import Screen
from seedream.cli.summary import RunSummary
from seedream.client import SeeDreamClient
from seedream.env_file import UnreadableFileError, pass_to_libraries, read_settings
from seedream.errors import InvalidRequest, SeeDreamError

if TYPE_CHECKING:
    from collections.abc import Sequence

SAVED, FAILED, INVALID, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status, which `--help` explains."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    summary = RunSummary()
    try:
        with Screen(sys.stdout, sys.stderr) as screen:
            status = _exit_status(given, summary, screen)
            if _wants_json(given):
                screen.output(summary.as_json())
    except KeyboardInterrupt:  # while the output waited for its reader
        return INTERRUPTED
    return FAILED if status == SAVED and screen.problem else status


def _wants_json(arguments: Sequence[str]) -> bool:
    """Whether there is a --json, also among arguments that are invalid."""
    return "--json" in itertools.takewhile(lambda argument: argument != "--", arguments)


def _exit_status(arguments: Sequence[str], summary: RunSummary, screen: Screen) -> int:
    try:
        return _run(arguments, summary, screen)
    except (InvalidRequest, UnreadableFileError) as error:
        status, code, message = INVALID, "invalid_request", str(error)
    except (SeeDreamError, OSError) as error:
        status, code, message = FAILED, "failed", " ".join(str(error).split())
    except KeyboardInterrupt:
        status, code, message = INTERRUPTED, "interrupted", summary.interruption()
    summary.error = {"code": code, "message": message}
    screen.say(message)
    return status


def _run(arguments: Sequence[str], summary: RunSummary, screen: Screen) -> int:
    options = parser(screen).parse_args(arguments)
    pass_to_libraries(Path(".env"), os.environ)
    settings = read_settings(Path(".env"), os.environ)
    use_models(options, settings)
    request = None if options.task else build_request(options)
    prepare(options.out)

    async def run() -> bool:
        key, provider, base_url = connection_settings(options, settings)
        proxies = chosen_proxies(settings, os.environ)
        async with SeeDreamClient(api_key=key, provider=provider, base_url=base_url, proxies=proxies) as client:
            return await Command(client, options, summary, screen).run(request)

    return SAVED if asyncio.run(run()) else FAILED
