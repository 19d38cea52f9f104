"""Modals for edits: what to change, missing pictures, and which picture. Source: Discord, "Component Reference"."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import discord
from discord import ui

from cogs.delivery.buttons import MOST_FILES
from cogs.i18n.translate import _
from cogs.messages.reply_parser import ParsedReply
from cogs.requests.errors import tell
from cogs.requests.forms import ReusableModal, tell_with_words
from cogs.texts.common import picture_name, plain
from cogs.texts.prices import model_costs
from cogs.texts.shapes import SHAPES, shape_label
from seedream import MODELS
from seedream.limits import MAX_PROMPT_LENGTH
from seedream.models import presets_of
from studio.members.models import editor_near

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence

    from seedream import Model
    from studio.members.defaults import Defaults
    from studio.quota.prices import Prices

MOST_OPTIONS = 25
_LONGEST_DESCRIPTION = 100
_AS_IT_IS = "as-it-is"
_EVERY = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class EditInput:
    """The submitted form. model, size, ratio: None if not chosen."""

    words: ParsedReply
    model: str | None
    size: str | None
    ratio: str | None
    files: Sequence[discord.Attachment]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditModels:
    """The models that can edit a picture. usual: the default one."""

    usual: Model
    models: tuple[Model, ...]
    prices: Prices


def edit_models(defaults: Defaults, prices: Prices) -> EditModels:
    """Return the models that may change a picture, beginning with the default one or the nearest that can."""
    return EditModels(
        usual=editor_near(defaults.model, 1, defaults.models),
        models=tuple(model for name, model in MODELS.items() if name in defaults.editors),
        prices=prices,
    )


class EditModal(ReusableModal):
    """Asks what to change. `editors`: the models to choose from. `numbers`: of the pictures to choose from.

    `submitted` gets the input; its errors are shown.
    """

    def __init__(
        self,
        submitted: Callable[[discord.Interaction, EditInput], Awaitable[None]],
        editors: EditModels,
        *,
        numbers: Collection[int],
        prompt: str = "",
    ) -> None:
        # Translators: at most 45 characters.
        this_picture = _("Edit this picture")
        # Translators: at most 45 characters.
        a_picture = _("Edit a picture")
        super().__init__(this_picture if len(numbers) == 1 else a_picture)
        self._submitted = submitted
        self._words: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph,
            default=prompt or None,
            # Translators: an example of what may be written, at most 100 characters.
            placeholder=_("make it night, with lanterns"),
            max_length=MAX_PROMPT_LENGTH,
        )
        self._which: ui.Select[Any] = _select("which", [*_which(numbers), _all_of_them()], required=True)
        self._model: ui.Select[Any] = _select("model", _models(editors))
        self._shape: ui.Select[Any] = _select("size", _sizes(editors.models))
        self._files: ui.FileUpload[Any] = ui.FileUpload(required=False, min_values=0, max_values=MOST_FILES)
        # Translators: at most 45 characters.
        self.add_item(ui.Label(text=_("What to change"), component=self._words))
        self._first = str(next(iter(numbers)))
        if len(numbers) > 1:
            # Translators: at most 45 characters.
            self.add_item(ui.Label(text=_("Which picture"), component=self._which))
        # Translators: of models; at most 100 characters.
        only = _("Models that can edit pictures")
        self.add_item(ui.Label(text=_("Model"), description=only, component=self._model))
        # Translators: of a picture; at most 45 characters.
        self.add_item(ui.Label(text=_("Size or shape"), component=self._shape))
        # Translators: reference pictures; at most 100 characters.
        further = _("Extra pictures your instructions can refer to")
        # Translators: at most 45 characters.
        self.add_item(ui.Label(text=_("Extra pictures"), description=further, component=self._files))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        which = next(iter(self._which.values), self._first)
        numbers = () if which == _EVERY else (int(which),)
        shape = _chosen(self._shape)
        await self._submitted(
            interaction,
            EditInput(
                words=ParsedReply(self._words.value.strip(), numbers, every=which == _EVERY),
                model=_chosen(self._model),
                size=None if shape in SHAPES else shape,
                ratio=shape if shape in SHAPES else None,
                files=self._files.values,
            ),
        )

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        await tell_with_words(interaction, error, self._words.value)


class AttachModal(ReusableModal):
    """Asks for pictures that are gone. `submitted` gets the prompt and the files; its errors are shown.

    `prompt`: of the request, None if it has none to edit. `missing`: the least number of files.
    """

    def __init__(
        self,
        submitted: Callable[[discord.Interaction, str | None, Sequence[discord.Attachment]], Awaitable[None]],
        *,
        prompt: str | None,
        missing: int,
    ) -> None:
        # Translators: at most 45 characters.
        super().__init__(_("Attach missing pictures"))
        self._submitted = submitted
        self._words: ui.TextInput[Any] = ui.TextInput(
            style=discord.TextStyle.paragraph, default=prompt or None, max_length=MAX_PROMPT_LENGTH
        )
        self._has_words = prompt is not None
        self._files: ui.FileUpload[Any] = ui.FileUpload(min_values=missing, max_values=MOST_FILES)
        if self._has_words:
            # Translators: what a picture was made by; at most 45 characters.
            self.add_item(ui.Label(text=_("Prompt"), component=self._words))
        # Translators: at most 45 characters.
        self.add_item(ui.Label(text=_("Pictures"), component=self._files))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        words = self._words.value.strip() if self._has_words else None
        await self._submitted(interaction, words, self._files.values)

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        await tell_with_words(interaction, error, self._words.value)


class PictureModal(ReusableModal):
    """Asks for one of several pictures: `submitted` gets its number; its errors are shown."""

    def __init__(
        self,
        title: str,
        submitted: Callable[[discord.Interaction, int], Awaitable[None]],
        *,
        numbers: Collection[int],
    ) -> None:
        super().__init__(title)
        self._submitted = submitted
        self._which: ui.Select[Any] = _select("which", _which(numbers), required=True)
        # Translators: at most 45 characters.
        self.add_item(ui.Label(text=_("Which picture"), component=self._which))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        await self._submitted(interaction, int(self._which.values[0]))

    async def on_error(self, interaction: discord.Interaction, error: Exception, /) -> None:  # type: ignore[override]
        await tell(interaction, error)


def _select(name: str, options: list[discord.SelectOption], *, required: bool = False) -> ui.Select[Any]:
    return ui.Select(custom_id=name, options=options, required=required, min_values=int(required))


def _chosen(select: ui.Select[Any]) -> str | None:
    value = next(iter(select.values), _AS_IT_IS)
    return None if value == _AS_IT_IS else value


def _which(numbers: Iterable[int]) -> list[discord.SelectOption]:
    return [
        discord.SelectOption(label=picture_name(number), value=str(number), default=index == 0)
        for index, number in enumerate(islice(numbers, MOST_OPTIONS - 1))
    ]


def _all_of_them() -> discord.SelectOption:
    # Translators: of the pictures; at most 100 characters.
    return discord.SelectOption(label=_("All of them"), value=_EVERY)


def _models(editors: EditModels) -> list[discord.SelectOption]:
    """Return the models to choose from, with their prices unless each takes one credit a picture."""
    costs = {
        name: plain(words, _LONGEST_DESCRIPTION) for name, words in model_costs(editors.models, editors.prices).items()
    }
    usual = plain(" · ".join(filter(None, (editors.usual.label, costs.get(editors.usual.name)))), _LONGEST_DESCRIPTION)
    # Translators: of the models; at most 100 characters.
    as_usual = discord.SelectOption(label=_("Default model"), value=_AS_IT_IS, description=usual, default=True)
    return [
        as_usual,
        *(
            discord.SelectOption(label=model.label, value=model.name, description=costs.get(model.name))
            for model in editors.models
        ),
    ]


def _sizes(models: Iterable[Model]) -> list[discord.SelectOption]:
    # Translators: a choice of size: as the picture is; at most 100 characters.
    shaped = discord.SelectOption(label=_("Same shape as the picture"), value=_AS_IT_IS, default=True)
    choices = {preset: preset for preset in presets_of(models)} | {ratio: shape_label(ratio) for ratio in SHAPES}
    return [shaped, *(discord.SelectOption(label=label, value=value) for value, label in choices.items())]
