"""Looks at image files: what kind they are, where the image in them ends, and what of it may be passed on.

Only content counts, never a file's name or the type that a server claims. Nothing is decoded and everything read is
bounded, so any bytes from strangers can be looked at in the process itself. Pure.
"""

from seedream.images.glance import GLANCE_BYTES, Glance, glance, glance_on
from seedream.images.inspection import inspect
from seedream.images.kinds import format_of
from seedream.images.structure import ANOTHER_IMAGE, ImageStructure, NotAnImageError

__all__ = [
    "ANOTHER_IMAGE",
    "GLANCE_BYTES",
    "Glance",
    "ImageStructure",
    "NotAnImageError",
    "format_of",
    "glance",
    "glance_on",
    "inspect",
]
