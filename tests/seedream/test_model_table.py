from __future__ import annotations

from pathlib import Path

from seedream.model_table import markdown

MEMBERS = Path(__file__).parents[2] / "docs" / "members.md"


def test_the_members_page_has_the_table_of_the_models_that_there_are():
    assert markdown() in MEMBERS.read_text(), "python -m seedream.model_table prints it"
