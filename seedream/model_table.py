"""Prints the models as a Markdown table for docs/members.md: `python -m seedream.model_table`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seedream.models import MODELS

if TYPE_CHECKING:
    from seedream.capabilities import Model

_HEAD = "| model | sizes | references | sets | other |\n| --- | --- | --- | --- | --- |"


def markdown() -> str:
    return "\n".join([_HEAD, *(_row(model) for model in MODELS.values() if model.offered)])


def _row(model: Model) -> str:
    cells = (f"`{model.name}`", _sizes(model), _references(model), "yes" if model.group else "no", _other(model))
    return f"| {' | '.join(cells)} |"


def _sizes(model: Model) -> str:
    if model.adaptive:
        return "as the reference"
    if model.presets or model.sides is None:
        return " ".join(model.presets)
    return f"{model.sides.low} to {model.sides.high} a side"


def _references(model: Model) -> str:
    low, high = model.references
    if low == high:
        return f"exactly {high}" if high else "none"
    return f"up to {high}"


def _other(model: Model) -> str:
    features = {
        "PNG": "png" in model.output_formats,
        "web search": model.web_search,
        "optimized prompts": bool(model.optimize_prompt),
        "seed": model.seed,
        "guidance": model.guidance is not None,
        "cut-outs": model.transparent_background,
        "layers": model.layers,
        f"withdrawn by most providers in {model.withdrawn:%B %Y}" if model.withdrawn else "": model.withdrawn,
    }
    return ", ".join(name for name, has in features.items() if has)


if __name__ == "__main__":
    print(markdown())  # noqa: T201 - the command's output
