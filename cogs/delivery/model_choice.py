"""Builds the select under a comparison that makes one of its models a member's default."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.i18n.translate import _
from seedream.models import MODELS

if TYPE_CHECKING:
    from seedream import Model
    from studio.jobs.job import Job

USE_MODEL = "sd:use-model"


def compared_models(job: Job) -> list[Model]:
    """Return the models whose labels distinguish the requests of a set; none if anything else does."""
    parts = [child for child in job.children if child.together]
    labels = [job.label, *(part.label for part in parts)] if parts else []
    known = {model.label: model for model in MODELS.values()}
    return [known[label] for label in labels] if known.keys() >= {*labels} else []


def model_rows(job: Job) -> list[ui.ActionRow[ui.LayoutView]]:
    """Return a row with the select; none unless the job is a comparison that has ended."""
    models = compared_models(job) if job.state.final else []
    if not models:
        return []
    options = [discord.SelectOption(label=model.label, value=model.name) for model in models]
    # Translators: of the models in a menu; at most 100 characters.
    placeholder = _("Use this model from now on …")
    return [ui.ActionRow(ui.Select(custom_id=USE_MODEL, placeholder=placeholder, options=options))]
