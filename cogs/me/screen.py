"""Renders what is stored about a member, and the questions before it is deleted. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.delivery.buttons import button as fetch_button
from cogs.delivery.buttons import defaults_button
from cogs.i18n.translate import N_, _, listing, ngettext, number, sentences
from cogs.requests.cards import card
from cogs.texts.common import credit_count, escaped, labelled, picture_count
from cogs.texts.shapes import shape_label
from seedream import MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from studio.jobs.job import Job
    from studio.members.preferences import Preferences
    from studio.members.privacy import Deletion, StoredData

MOST_LISTED = 5
PROMPT_SHOWN = 120
PATTERN = r"sd:(?P<what>forget|erase|erase-all|keep|mention|no-mention)"

View = ui.LayoutView
_BUTTONS = {
    # Translators: a button, at most 20 characters: forget the last choices.
    "forget": (N_("Forget my choices"), discord.ButtonStyle.secondary),
    # Translators: a button, at most 25 characters; it asks once more.
    "erase": (N_("Delete everything …"), discord.ButtonStyle.danger),
    # Translators: a button, at most 25 characters.
    "erase-all": (N_("Delete everything"), discord.ButtonStyle.danger),
    # Translators: a button, at most 20 characters: nothing is deleted.
    "keep": (N_("Keep everything"), discord.ButtonStyle.secondary),
    # Translators: a switch, at most 20 characters: it shows that mentions are on. The next one: that they are off.
    "no-mention": (N_("🔔 On"), discord.ButtonStyle.success),
    "mention": (N_("🔕 Off"), discord.ButtonStyle.secondary),
}
_STAYS = N_("Messages on Discord stay there, and so does anything that server admins have set for you, such as limits.")
# Translators: *Delete* is the button under a result.
_BEFORE = N_("To remove a result from its channel, press *Delete* under it first: that won't work afterwards.")
_LEDGER = N_("Your usage stays linked to you for up to 32 days so that limits work, then becomes anonymous.")


def button(what: str) -> ui.Button[View]:
    label, style = _BUTTONS[what]
    return ui.Button(label=_(label), style=style, custom_id=f"sd:{what}")


def render_stored_data(
    kept: StoredData, retention_days: int, waiting: Sequence[Job] = (), *, words: bool = True
) -> View:
    """Render the screen of /me. `waiting`: undelivered results. `words`: show their prompts."""
    view = _kept_view(kept, retention_days)
    view.add_item(_mentions(wanted=kept.preferences.mention))
    if waiting:
        view.add_item(_waiting(waiting, words=words))
    return view


def _mentions(*, wanted: bool) -> ui.Container[View]:
    """Return the switch for mentions, which shows its state."""
    text = _("**Mention me** when a request that took over a minute is done")
    switch = button("no-mention" if wanted else "mention")
    return ui.Container(ui.Section(ui.TextDisplay(text), accessory=switch))


def _waiting(jobs: Sequence[Job], *, words: bool) -> ui.Container[View]:
    container: ui.Container[View] = ui.Container(ui.TextDisplay("### " + _("Results I couldn't deliver")))
    for job in jobs[:MOST_LISTED]:
        when = f"<t:{int(job.created_at)}:R>"
        # Translators: a result without a prompt.
        what = (escaped(job.prompt, PROMPT_SHOWN) or _("Layers")) if words else _("Result")
        container.add_item(ui.Section(ui.TextDisplay(f"{what}\n-# {when}"), accessory=fetch_button("fetch", job.id)))
    return container


def _kept_view(kept: StoredData, retention_days: int) -> View:
    if not kept:
        return _view(_("I store nothing about you. You use this bot's defaults."))
    texts = ["### " + _("What I store about you")]
    buttons = [button("erase")]
    if choices := _preferences(kept.preferences):
        texts.append(choices)
        buttons[:0] = [defaults_button(), button("forget")]
    texts.append("\n".join(_jobs(kept, retention_days)))
    return _view(*texts, buttons=buttons)


def render_question(kept: StoredData) -> View:
    what = [
        "### " + _("Delete everything?"),
        ngettext(
            "This deletes your choices and {n} request, with its prompt, links to reference pictures, and where "
            "its result is.",
            "This deletes your choices and {n} requests, with their prompts, links to reference pictures, and "
            "where their results are.",
            kept.jobs,
        ),
        _(
            "The buttons under those results will stop working, and you lose unused credits that were granted to "
            "you. This can't be undone."
        ),
    ]
    small = [f"-# {sentences(_(_STAYS), _(_BEFORE))}", f"-# {_(_LEDGER)}"]
    return _view("\n".join(what), "\n".join(small), buttons=[button("erase-all"), button("keep")])


def render_erased(erased: Deletion) -> View:
    texts = [ngettext("Deleted: your choices and {n} request.", "Deleted: your choices and {n} requests.", erased.jobs)]
    if erased.running:
        # Translators: requests; {n} is how many.
        texts.append(_("Requests that are still running ({n}) are deleted when they end.", n=number(erased.running)))
    return _view(sentences(*texts), f"-# {_(_STAYS)}\n-# {_(_LEDGER)}")


def _preferences(last: Preferences) -> str:
    rows = [
        (_("Model"), MODELS[last.model].label if last.model and last.model in MODELS else None),
        (_("Size"), last.size),
        # Translators: of the sides, such as 16:9.
        (_("Aspect ratio"), shape_label(last.ratio) if last.ratio else None),
    ]
    lines = [labelled(name, value) for name, value in rows if value]
    return "\n".join([_("Your last choices, used again when you don't choose:"), *lines]) if lines else ""


def _jobs(kept: StoredData, retention_days: int) -> list[str]:
    requests = [number(kept.jobs)]
    if kept.running:
        # Translators: stands behind the number of all requests.
        requests.append(ngettext("{n} still running", "{n} still running", kept.running))
    if kept.since is not None:
        # Translators: the oldest request, by its date.
        requests.append(_("oldest from {date}", date=f"<t:{kept.since:.0f}:D>"))
    lines = [labelled(_("Requests"), listing(requests))]
    if kept.jobs:
        lines.append("-# " + _("Each with its prompt, links to reference pictures, and where its result is."))
    # Translators: how much a member has made.
    lines.append(labelled(_("Usage"), f"{picture_count(kept.use.pictures)}, {credit_count(kept.use.credits)}"))
    if retention_days:
        for_long = ngettext(
            "Requests are deleted after {n} day.", "Requests are deleted after {n} days.", retention_days
        )
        lines.append(f"-# {for_long}")
    return lines


def _view(*texts: str, buttons: Sequence[ui.Button[View]] = ()) -> View:
    return card(*texts, *([ui.ActionRow(*buttons)] if buttons else []))
