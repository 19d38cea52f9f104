"""A local SeeDream Images API that follows the provider's documentation, for tests and demos without a key."""

from sandbox.seedream.server import LocalSeeDream

__all__ = ["LocalSeeDream"]
