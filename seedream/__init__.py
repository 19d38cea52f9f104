"""A client for the SeeDream Images API of ByteDance's image models. It needs aiohttp; its command line, python-dotenv.

    import asyncio
    from seedream import ImageReady, ImageRequest, SeeDreamClient

    async def main() -> None:
        request = ImageRequest(prompt="a red fox in snow", model="4.5", size="2K", ratio="16:9", group=4)
        async with SeeDreamClient(api_key="...") as client:
            async for event in client.stream(request):
                if isinstance(event, ImageReady):
                    print(event.index, event.url)

    asyncio.run(main())

`ImageRequest` checks itself before anything is sent and raises `InvalidRequest` with every problem. Besides `stream`
there are `generate` (one long request) and `submit` with `task` (asynchronous). `seedream.errors` tells of every error
who can act on it, and whether the same request may be sent again: a generation costs money, and is never sent twice by
itself when it may have started. From a shell: `python -m seedream --help`.
"""

from seedream.capabilities import RATIOS, Model, Size
from seedream.client import SeeDreamClient
from seedream.errors import InvalidOption, InvalidRequest, SeeDreamError
from seedream.models import DEFAULT_MODEL, MODELS, find_model
from seedream.requests import ImageRequest
from seedream.transport import Timeouts
from seedream.values import (
    BoundingBox,
    GeneratedImage,
    GenerationCompleted,
    ImageEvent,
    ImageFailed,
    ImageReady,
    Layer,
    Result,
    Submission,
    TaskNamed,
    TaskStatus,
    Usage,
)

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "RATIOS",
    "BoundingBox",
    "GeneratedImage",
    "GenerationCompleted",
    "ImageEvent",
    "ImageFailed",
    "ImageReady",
    "ImageRequest",
    "InvalidOption",
    "InvalidRequest",
    "Layer",
    "Model",
    "Result",
    "SeeDreamClient",
    "SeeDreamError",
    "Size",
    "Submission",
    "TaskNamed",
    "TaskStatus",
    "Timeouts",
    "Usage",
    "find_model",
]
