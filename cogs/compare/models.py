"""Refuses models that can't be compared, each by its name. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cogs.i18n.translate import _
from cogs.texts.refusal import RefusalError
from studio.jobs.errors import ModelUnavailableError
from studio.members.models import can_edit

if TYPE_CHECKING:
    from seedream import Model
    from studio.members.defaults import Defaults


def check_able(model: Model, defaults: Defaults, *, edits: bool | None = None) -> None:
    """Check that a model may be used here. `edits`: and that it makes pictures from one, or from none.

    Raises: RefusalError, ModelUnavailableError.
    """
    if model.name not in defaults.offered:
        raise ModelUnavailableError(model.name)
    if model.name not in defaults.models:
        raise RefusalError(_("{model} isn't allowed in this server. Choose another model.", model=model.label))
    if edits and not can_edit(model):
        raise RefusalError(
            _("{model} can't edit pictures. Choose another model, or leave out the picture.", model=model.label)
        )
    if edits is False and model.references.low:
        raise RefusalError(_("{model} only edits pictures. Add one, or choose another model.", model=model.label))
