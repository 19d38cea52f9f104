"""A bounded in-memory store for drawn pictures, result files and reference images."""

from collections import OrderedDict
from dataclasses import dataclass, field


@dataclass(slots=True)
class ByteCache:
    """Maps names to bytes. Drops the least recently used entries while the total exceeds `room` bytes."""

    room: int
    kept: OrderedDict[object, bytes] = field(default_factory=OrderedDict)
    size: int = 0

    def put(self, name: object, data: bytes) -> None:
        self.size += len(data) - len(self.kept.pop(name, b""))
        self.kept[name] = data
        while self.size > self.room and len(self.kept) > 1:
            _, dropped = self.kept.popitem(last=False)
            self.size -= len(dropped)

    def get(self, name: object) -> bytes | None:
        if name not in self.kept:
            return None
        self.kept.move_to_end(name)
        return self.kept[name]

    def drop(self, name: object) -> None:
        self.size -= len(self.kept.pop(name, b""))

    def clear(self) -> None:
        self.kept.clear()
        self.size = 0
