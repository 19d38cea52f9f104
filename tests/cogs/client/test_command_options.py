"""Options are registered only where a model takes them."""

from __future__ import annotations

from cogs.client.command_options import fitted
from seedream import MODELS

COMMANDS = [
    {
        "name": "imagine",
        "description": "Make pictures",
        "options": [
            {"name": "prompt", "description": "What to paint"},
            {
                "name": "seed",
                "description": "A like picture ({seed} only)",
                "description_localizations": {"de": "Ein ähnliches Bild (nur {seed})"},
            },
            {"name": "web_search", "description": "Look things up ({web_search} only)"},
        ],
    },
    {"name": "Edit image", "type": 3},
]


def test_an_option_names_the_models_that_support_it():
    [imagine, menu] = fitted(COMMANDS, MODELS.values())
    assert [one["description"] for one in imagine["options"]] == [
        "What to paint",
        "A like picture (SeeDream 3.0 t2i only)",
        "Look things up (SeeDream 5.0 lite only)",
    ]
    assert imagine["options"][1]["description_localizations"] == {"de": "Ein ähnliches Bild (nur SeeDream 3.0 t2i)"}
    assert menu == COMMANDS[1]


def test_an_option_that_no_model_supports_is_left_out():
    offered = [model for model in MODELS.values() if not model.seed and not model.web_search]
    [imagine, _] = fitted(COMMANDS, offered)
    assert [one["name"] for one in imagine["options"]] == ["prompt"]
    assert len(COMMANDS[0]["options"]) == 3


def test_a_description_stays_within_discords_limit():
    long = MODELS["doubao-seedream-3.0-t2i"].model_copy(
        update={"label": "A model with a name of sixty characters, or so it seems, yes"}
    )
    twice = [long, long.model_copy(update={"name": "another", "label": long.label[::-1]})]
    [imagine, _] = fitted(COMMANDS, twice)
    assert len(imagine["options"][1]["description"]) == 100
