"""What admins can choose as defaults for pictures, and how it reads. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _, listing
from cogs.settings.kinds import assign
from cogs.texts.common import dotted
from seedream import MODELS, ImageRequest
from seedream.errors import InvalidRequest
from seedream.models import presets_of
from seedream.sizes import normal_size
from studio.members.preferences import Preferences

if TYPE_CHECKING:
    from cogs.settings.setting import Change
    from cogs.settings.view_model import SettingsViewModel


def value_label(value: str) -> str:
    """Write a model by its label and a size with a multiplication sign."""
    return MODELS[value].label if value in MODELS else value.replace("x", " × ")


def bots_default(value: str | None) -> str:
    # Translators: the model or size that the bot chooses itself; at most 100 characters with it
    return _("The bot's default: {value}", value=value_label(value)) if value else _("The bot's default")


def model_help(view: SettingsViewModel) -> str:
    settings = view.settings
    if settings.default_model and settings.models and settings.default_model not in settings.models:
        return _("⚠️ This model isn't allowed here, so another one is used")
    if settings.models:
        return _("You can choose only models that are allowed here")
    return _("All models are allowed here")


def default_models(view: SettingsViewModel) -> list[str]:
    """Return the default models to choose from; a chosen one is shown even if it can't be used."""
    offered, allowed = view.usual.offered, view.settings.models
    usable = allowed & offered if allowed else offered
    return [name for name in MODELS if name in usable or name == view.settings.default_model]


def default_sizes(view: SettingsViewModel) -> list[str]:
    sizes, size = presets_of(MODELS.values()), view.settings.default_size
    return [*sizes, *([size] if size and size not in sizes else [])]


def size_change(text: str) -> Change:
    """Take a size that at least one model can do. Raises: InvalidRequest, in the words of the first model."""
    size, refusal = normal_size(text), None
    for model in MODELS.values():
        images = ("https://example.com/a",) * model.references.low
        try:
            ImageRequest(prompt="a size", model=model.name, size=size, images=images)
        except InvalidRequest as error:
            refusal = refusal or error
        else:
            return assign("default_size", size)
    assert refusal is not None  # noqa: S101 - there are models
    raise refusal


def format_help(_view: SettingsViewModel) -> str:
    able = listing(model.label for model in MODELS.values() if model.output_formats)
    return _("For models that offer a choice: {models}", models=able)


def output_formats(_view: SettingsViewModel) -> list[str]:
    return list(dict.fromkeys(name for model in MODELS.values() for name in model.output_formats))


def defaults_in_words(view: SettingsViewModel) -> str:
    """Say what a member gets who chooses nothing."""
    defaults = view.usual.within(view.settings, Preferences())
    model, size = defaults.model, defaults.size
    parts = (
        value_label(model),
        value_label(size) if size else _("the model's default size"),
        defaults.output_format.upper() if defaults.output_format else _("the model's default format"),
        _watermark(view),
        # Translators: who sees a result
        _("visible to the requester only") if view.settings.private else _("visible to everyone"),
    )
    return dotted(parts)


def _watermark(view: SettingsViewModel) -> str:
    if view.settings.watermark_required:
        return _("always with watermark")
    return _("with watermark") if view.usual.within(view.settings, Preferences()).watermark else _("no watermark")
