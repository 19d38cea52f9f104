from __future__ import annotations

import re

import pytest
import yaml

from tests.deploy.shipped import ROOT, SECRETS


@pytest.fixture
def compose():
    """The file as Compose reads it, with .env's values in their places."""
    text = re.sub(
        r"\$\{(\w+):[?-][^}]*\}", lambda found: SECRETS.get(found[1], ""), (ROOT / "docker-compose.yml").read_text()
    )
    return yaml.safe_load(text)
