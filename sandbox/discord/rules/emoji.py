"""Which characters Discord takes as a Unicode emoji on a component: not every symbol is one (▲ is not, ▶ is).

Source: Unicode emoji-data.txt, property Emoji, less digits; the pictographic planes are taken whole.
"""

import re

_BASE = (
    "[©®‼⁉™\u2139↔-↙↩↪⌚⌛⌨⏏⏩-⏳⏸-⏺Ⓜ▪▫▶◀◻-◾"
    "☀-☄☎☑☔☕☘☝☠☢☣☦☪☮☯☸-☺♀♂♈-♓♟♠♣♥♦♨♻♾♿"
    "⚒-⚗⚙⚛⚜⚠⚡⚧⚪⚫⚰⚱⚽⚾⛄⛅⛈⛎⛏⛑⛓⛔⛩⛪⛰-⛵⛷-⛺⛽"
    "✂✅✈-✍✏✒✔✖✝✡✨✳✴❄❇❌❎❓-❕❗❣❤\u2795-\u2797➡➰➿⤴⤵"
    "⬅-⬇⬛⬜⭐⭕〰〽㊗㊙\U0001f000-\U0001faff]"
)
_MODIFIER = "(?:\ufe0f|[\U0001f3fb-\U0001f3ff])?"
_TAGS = "(?:[\U000e0020-\U000e007f]+)?"
_ONE = f"{_BASE}{_MODIFIER}{_TAGS}"

EMOJI = re.compile(f"{_ONE}(?:\u200d{_ONE})*|[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3")


def is_emoji(text: str) -> bool:
    """Tell whether the text is exactly one Unicode emoji."""
    return EMOJI.fullmatch(text) is not None
