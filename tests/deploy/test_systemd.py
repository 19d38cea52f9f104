"""The systemd unit, held against the bot and against systemd."""

from __future__ import annotations

import configparser
import json
import shlex
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

PROGRAM = "/opt/seedream-bot/.venv/bin/python /opt/seedream-bot/bot.py"


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


@pytest.mark.parametrize("number", ["0", "1", "12"])
def test_each_process_of_the_unit_has_its_own_shard_folder_and_port_whatever_the_settings_say(number):
    lines = instance(number)
    (command,) = [line for line in lines if line.startswith("ExecStart=/")]
    shell, option, script = shlex.split(command.removeprefix("ExecStart=").replace("$$", "$"))
    print_environment = f"{sys.executable} -c 'import os, json; print(json.dumps(dict(os.environ)))'"
    file = {name: SECRETS[name] for name in REQUIRED} | {
        "SHARD_COUNT": "20", "SHARD_IDS": "5", "WEB_PORT": "9000", "DATABASE_URL": "postgresql://bot@localhost/bot",
    }  # fmt: skip
    assert PROGRAM in script
    found = subprocess.run(
        [shell, option, script.replace(PROGRAM, print_environment)], env=file, capture_output=True, check=True
    )
    settings = load_settings(None, json.loads(found.stdout))
    assert (settings.shard_ids, settings.listens_at) == ((int(number),), 8080 + int(number))
    assert f"WorkingDirectory=/var/lib/seedream-bot-{number}" in lines
    for name, last in (("StateDirectory", f"seedream-bot-{number}"), ("ExecStart", command.partition("=")[2])):
        assert [line for line in lines if line.startswith(f"{name}=")] == [
            f"{name}=",
            f"{name}={last}",
        ]  # emptied first


def test_what_starts_the_unit_is_what_starts_each_of_several_processes(unit):
    assert unit["Service"]["ExecStart"] == PROGRAM
    assert not [line for line in instance("0") if line.startswith(("User=", "DynamicUser=", "EnvironmentFile="))]


@pytest.mark.parametrize("number", [None, "0"])
def test_the_documented_check_runs_as_the_unit_does(unit, number):
    """Another user than the service's would be given the service's folder."""
    text = (ROOT / "docs" / "operating.md").read_text().replace("\\\n", " ")
    commands = [shlex.split(line) for line in text.splitlines() if line.startswith("systemd-run ")]
    assert len(commands) == 2
    command = commands[number is not None]
    given = dict(word.removeprefix("--property=").split("=", 1) for word in command if word.startswith("--property="))
    own = dict(line.split("=", 1) for line in instance(number) if "=" in line) if number else {}
    service = dict(unit["Service"]) | own
    assert given == {name: service[name] for name in given}
    assert given.keys() >= {name for name in service if name.startswith("StateDirectory")} | {
        "User", "DynamicUser", "EnvironmentFile", "WorkingDirectory",
    }  # fmt: skip
    assert " ".join(command).endswith(f"{PROGRAM} --check")
    if number:
        assert f"/usr/bin/env SHARD_IDS={number} WEB_PORT={8080 + int(number)} {PROGRAM}" in " ".join(command)


def test_the_recipe_for_several_processes_stops_the_single_one_first():
    text = (ROOT / "docs" / "operating.md").read_text()
    assert text.index("systemctl disable --now seedream-bot ") < text.index(
        "systemctl daemon-reload && systemctl enable --now seedream-bot@0"
    )


def instance(number: str) -> list[str]:
    """The lines of the template's drop-in, as systemd reads them for a process."""
    return (ROOT / "deploy" / "instance.conf").read_text().replace("%i", number).splitlines()


def complaints(unit_file: Path) -> list[str]:
    """What systemd has to say about a unit."""
    verified = subprocess.run([ANALYZE, "verify", unit_file], capture_output=True, text=True, check=False)
    name = unit_file.name.partition("@")[0]
    return [line for line in verified.stderr.splitlines() if name in line or "instance.conf" in line]
