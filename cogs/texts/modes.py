"""Names the modes of prompt optimization. Pure."""

from __future__ import annotations

from cogs.i18n.translate import N_, _

_NAMES = {
    # Translators: how a prompt is optimized: with the better result. At most 100 characters.
    "standard": N_("Standard"),
    # Translators: how a prompt is optimized: with the result sooner. At most 100 characters.
    "fast": N_("Fast"),
}


def mode_label(mode: str) -> str:
    """Return a mode's name; modes that only an operator's models have keep the service's."""
    return _(_NAMES[mode]) if mode in _NAMES else mode
