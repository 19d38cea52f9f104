"""Draws a reference image with more around it, for prompts that extend it or zoom out. Pure."""

import io
import re

from PIL import Image, ImageDraw, ImageFilter

# What such prompts say, and how much of the picture the reference then takes.
_SHARES = (
    (re.compile(r"\bzoom out\b", re.IGNORECASE), 0.6),
    (re.compile(r"\bextend\b.{1,60}\bbeyond its edges\b", re.IGNORECASE), 1.0),
)
_BLUR = 0.06  # of the shorter side: what lies around the reference
_SEAM = 0.03  # of the shorter side, in which it fades into its surroundings


def share_of(prompt: str) -> float | None:
    """Return how much of the picture the reference takes; None if the prompt doesn't ask for more around it."""
    return next((share for words, share in _SHARES if words.search(prompt)), None)


def extended(reference: bytes, size: tuple[int, int], share: float) -> Image.Image:
    """Draw the whole reference in the middle; its own colours, blurred, continue it on all sides."""
    with Image.open(io.BytesIO(reference)) as picture:
        picture.draft("RGB", size)
        whole = picture.convert("RGB")
    scale = min(size[0] / whole.width, size[1] / whole.height) * share
    inner = (max(1, round(whole.width * scale)), max(1, round(whole.height * scale)))
    scene = whole.resize(size).filter(ImageFilter.GaussianBlur(min(size) * _BLUR))
    at = ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2)
    scene.paste(whole.resize(inner, Image.Resampling.BILINEAR), at, _fading(inner, at))
    return scene


def _fading(inner: tuple[int, int], at: tuple[int, int]) -> Image.Image:
    """Return a mask that fades where something lies around the reference."""
    seam = max(1, round(min(inner) * _SEAM))
    mask = Image.new("L", inner, 0)
    left, top = (2 * seam if side else -2 * seam for side in at)
    ImageDraw.Draw(mask).rectangle((left, top, inner[0] - left, inner[1] - top), fill=255)
    return mask.filter(ImageFilter.GaussianBlur(seam))
