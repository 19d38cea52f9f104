"""The systemd unit, held against the bot and against systemd."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import bot
from infra.config.loading import load_settings
from infra.web.connections import MAX_CONNECTIONS
from tests.deploy.shipped import (
    ANALYZE,
    ENDING_SECONDS,
    REQUIRED,
    ROOT,
    SECRETS,
    seconds,
)

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def unit():
    parser = configparser.RawConfigParser(strict=False)  # a name may stand there twice
    parser.optionxform = str
    parser.read(ROOT / "deploy" / "seedream-bot.service")
    return parser


def test_the_unit_gives_running_jobs_their_time_and_does_not_retry_wrong_settings(unit):
    service = unit["Service"]
    default = load_settings(None, {name: SECRETS[name] for name in REQUIRED})
    assert seconds(service["TimeoutStopSec"]) > default.grace + ENDING_SECONDS
    assert int(service["RestartPreventExitStatus"]) == bot.EXIT_MISCONFIGURED
    assert service["Restart"] == "always"
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"
    assert not default.data_dir.is_absolute()


def test_the_unit_allows_far_more_files_than_the_web_server_has_connections(unit):
    assert int(unit["Service"]["LimitNOFILE"]) >= 4 * MAX_CONNECTIONS
    assert f"at most {MAX_CONNECTIONS} connections" in (ROOT / "docs" / "operating.md").read_text()


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here to verify the unit")
def test_systemd_takes_the_unit_and_finds_it_well_guarded(unit, tmp_path):
    text = (ROOT / "deploy" / "seedream-bot.service").read_text()
    start = f"{sys.executable} {ROOT / 'bot.py'}"
    file = tmp_path / "seedream-bot.service"
    file.write_text(text.replace(unit["Service"]["ExecStart"], start))
    assert complaints(file) == []
    subprocess.run([ANALYZE, "security", "--offline=true", "--threshold=20", file], capture_output=True, check=True)


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not here to verify the unit")
def test_systemd_takes_the_unit_for_several_processes(unit, tmp_path):
    text = (ROOT / "deploy" / "seedream-bot.service").read_text()
    file = tmp_path / "seedream-bot@.service"
    file.write_text(text.replace(unit["Service"]["ExecStart"], f"{sys.executable} {ROOT / 'bot.py'}"))
    folder = tmp_path / "seedream-bot@.service.d"
    folder.mkdir()
    shutil.copy(ROOT / "deploy" / "instance.conf", folder)
    assert complaints(tmp_path / "seedream-bot@1.service") == []


def test_each_process_of_the_unit_has_its_own_shard_folder_and_port():
    lines = (ROOT / "deploy" / "instance.conf").read_text().replace("%i", "1").splitlines()
    given = dict(
        re.findall(r"(\w+)=(\S+)", next(line for line in lines if line.startswith("Environment=")).partition("=")[2])
    )
    postgresql = {"SHARD_COUNT": "2", "DATABASE_URL": "postgresql://bot:sesame@localhost/bot"}
    settings = load_settings(None, {name: SECRETS[name] for name in REQUIRED} | postgresql | given)
    assert (settings.shard_ids, settings.listens_at) == ((1,), 8081)
    assert "WorkingDirectory=/var/lib/seedream-bot-1" in lines
    assert [line for line in lines if line.startswith("StateDirectory=")] == [
        "StateDirectory=",  # a list, emptied first
        "StateDirectory=seedream-bot-1",
    ]


def complaints(unit_file: Path) -> list[str]:
    """What systemd has to say about a unit."""
    verified = subprocess.run([ANALYZE, "verify", unit_file], capture_output=True, text=True, check=False)
    name = unit_file.name.partition("@")[0]
    return [line for line in verified.stderr.splitlines() if name in line or "instance.conf" in line]
