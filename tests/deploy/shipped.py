"""What is shipped for running the bot, read for tests."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

ROOT = Path(__file__).parents[2]
SECRETS = {"DISCORD_TOKEN": "a.local.token", "SEEDREAM_API_KEY": "a-local-key", "POSTGRES_PASSWORD": "sesame"}
REQUIRED = ("DISCORD_TOKEN", "SEEDREAM_API_KEY")
ANALYZE = shutil.which("systemd-analyze")
ENDING_SECONDS = 10.0  # what the bot needs at most after GRACE: what is left to show, the web server, the database
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in DOCKERFILE.splitlines() if line.startswith(f"{name} ")]


def image_environment() -> dict[str, str]:
    return dict(re.findall(r"(\w+)=(\S+)", " ".join(instructions("ENV"))))


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))
