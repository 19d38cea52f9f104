"""What others made is installed by hash and named by digest."""

from __future__ import annotations

import re

import pytest

from tests.deploy.shipped import (
    ROOT,
    instructions,
)


def test_what_others_made_is_named_by_its_content(compose):
    images = [line.split()[0] for line in instructions("FROM")]
    images += [one["image"] for one in compose["services"].values() if "build" not in one]
    assert [image for image in images if not re.fullmatch(r"[\w.-]+:[\w.-]+@sha256:[0-9a-f]{64}", image)] == []


@pytest.mark.parametrize(
    "file",
    ["requirements.txt", "requirements-dev.txt", "requirements-tools.txt", "tests/sandbox/clients/requirements.txt"],
)
def test_every_dependency_is_pinned_with_hashes(file):
    entries = re.sub(
        r" \\\n", " ", re.sub(r"^\s*#.*\n", "", (ROOT / file).read_text(), flags=re.MULTILINE)
    ).splitlines()
    assert len(entries) > 10
    assert [
        one for one in entries if not re.fullmatch(r"[\w.-]+==\S+( ; .*?)?(\s+--hash=sha256:[0-9a-f]{64})+", one)
    ] == []


def test_every_installation_demands_the_hashes():
    told = [(ROOT / name).read_text() for name in ("Makefile", "Dockerfile", "docs/operating.md")]
    installs = [
        line
        for text in told
        for line in text.replace("\\\n", " ").splitlines()
        if re.search(r"\binstall\b.*-r\b", line)
    ]
    assert len(installs) >= 3
    assert [line for line in installs if "--require-hashes" not in line] == []
