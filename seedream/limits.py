"""The limits of the SeeDream API, each with its unit. Source: SeeDream API guide, "Request body", unless noted.

Limits of a single model (sizes, pixels, the number of references) are in models.toml.
"""

MAX_PROMPT_LENGTH = 4_000
"""Characters. Our own limit, that of a text input in Discord: models start to ignore parts of a prompt long before."""

MAX_GROUP = 15
"""Images that one request can make."""

MAX_REFERENCES_AND_IMAGES = 15
"""Reference images and images to make, together."""

MAX_LAYERS = 17
"""Images that can come back when an image is separated into layers."""

MIN_SEED, MAX_SEED = -1, 2**31 - 1
"""-1 stands for a random seed."""

MAX_REFERENCE_BYTES = 10_000_000
"""Bytes of a reference image's file. The guide says 10 MB; should it mean MiB, this is still accepted."""

MAX_REFERENCE_PIXELS = 36_000_000
"""Width times height of a reference image."""

MIN_REFERENCE_SIDE = 15
"""Pixels of each side of a reference image: the guide says "over 14"."""

MAX_ASPECT_RATIO = 16
"""The longer side divided by the shorter one, of references and of images to make."""
