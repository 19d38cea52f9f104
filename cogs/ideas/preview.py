"""Renders the preview of several requests: what would be made, and for how much. Pure."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import discord
from discord import ui

from cogs.i18n.translate import _, number
from cogs.quota.card import left_sentence
from cogs.requests.cards import button, card
from cogs.texts.common import credit_count, escaped, picture_count
from cogs.texts.quota import make_label
from studio.jobs.ideas import MOST_COUNTED, MOST_IDEAS
from studio.jobs.sets import MOST_TOGETHER
from studio.quota.prices import price_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cogs.ideas.offers import SetOffer
    from studio.jobs.job import PreparedRequest
    from studio.jobs.reservations import QuotaStatus

    Key = tuple[str | int, ...]
    """What the custom ids of a preview's buttons begin with: where to find what it offers."""

FEATURE = "ideas"
ANSWER = "words"  # previews that answer a message: `cogs.messages` reads it again
PATTERN = rf"sd:{FEATURE}:(?P<offer>[\w-]{{1,32}}):(?P<choice>all|written)"
ACCENT = 0x5865F2
_LONGEST_LABEL = 100


def render_preview(key: Key, offer: SetOffer, quota_status: QuotaStatus) -> ui.LayoutView:
    """Render the card of an offer, which is private if a command or a form has asked for it."""
    pictures, cost = pictures_of(offer.requests), cost_of(offer.requests, quota_status)
    urged = discord.ButtonStyle.primary if cost <= quota_status.left else discord.ButtonStyle.secondary
    make = button(make_label(pictures, cost), *key, "all", style=urged)
    left = "" if quota_status.closed or quota_status.left == inf else left_sentence(quota_status)
    return card(
        f"### {offer.title}",
        "\n".join(f"{at}. {escaped(one.label, _LONGEST_LABEL)}" for at, one in enumerate(offer.requests, 1)),
        ui.Separator(),
        " · ".join(filter(None, (f"**{picture_count(pictures)}**", f"**{credit_count(cost)}**", left))),
        f"-# {_nothing_yet(offer)}",
        ui.ActionRow(make, *([_written_button(key)] if offer.written else [])),
        colour=ACCENT,
    )


def _nothing_yet(offer: SetOffer) -> str:
    if not offer.message_id:
        return _("Only you see this. Nothing is made or charged until you press a button.")
    # Translators: above buttons that everybody sees.
    return _("Only the message's author can use these buttons. Nothing is made or charged until then.")


def written_view(key: Key) -> ui.View:
    """Return the button of a refusal that makes the prompt as it was written."""
    view = ui.View(timeout=None)
    view.add_item(_written_button(key))
    view.stop()  # its button is a dynamic item
    return view


def _written_button(key: Key) -> ui.Button[ui.LayoutView]:
    # Translators: a button, at most 20 characters: make the prompt with its braces as they are.
    return button(_("Just as written"), *key, "written")


def pictures_of(requests: Sequence[PreparedRequest]) -> int:
    return sum(one.request.max_images for one in requests)


def cost_of(requests: Sequence[PreparedRequest], quota_status: QuotaStatus) -> int:
    return sum(one.request.max_images * price_of(one.request, quota_status.prices) for one in requests)


def too_many_ideas(count: int) -> str:
    shown = number(count) if count < MOST_COUNTED else f"{number(MOST_COUNTED)}+"
    # Translators: of the choices in braces, as in "a {red, blue} car". {opening} and {closing} are a brace each.
    return _(
        "Your braces make {count} combinations, and {most} can be made at once. Take out some choices. Braces that "
        "aren't choices are written {opening} and {closing}.",
        count=shown,
        most=number(MOST_IDEAS),
        opening="`\\{`",
        closing="`\\}`",
    )


def too_many_pictures(pictures: int) -> str:
    return _(
        "Together these are {count} pictures, and {most} can be made at once. Ask for fewer of each, or take some out.",
        count=number(pictures),
        most=number(MOST_TOGETHER),
    )
