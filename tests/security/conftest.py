"""The same local worlds as for the end-to-end tests."""

from tests.e2e.conftest import polling_world, world

__all__ = ["polling_world", "world"]
