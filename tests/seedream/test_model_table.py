from __future__ import annotations

from pathlib import Path

from seedream.model_table import markdown

README = Path(__file__).parents[2] / "README.md"


def test_readme_has_the_table_of_the_models_that_there_are():
    assert markdown() in README.read_text(), "python -m seedream.model_table prints it"
