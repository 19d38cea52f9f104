"""A local SeeDream Images API, right by the provider's documents: for trying and testing without a key."""

from sandbox.seedream.server import LocalSeeDream

__all__ = ["LocalSeeDream"]
