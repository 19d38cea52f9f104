"""Answers spoilt after they were count_images, so that a client sees forms that a healthy service never sends. Pure."""

from collections.abc import Mapping
from copy import deepcopy

from sandbox.seedream.errors import Json
from sandbox.seedream.faults import Fault


def rewritten(answer: Json, faults: Mapping[str, Fault]) -> Json:
    """The answer as the faults "object_data" and "rewrite" leave it."""
    if "object_data" in faults and answer.get("data"):
        answer = answer | {"data": answer["data"][0]}
    if not (rewrite := faults.get("rewrite")):
        return answer
    return deepcopy(rewrite.patch) if rewrite.replace else merged(answer, rewrite.patch)


def merged(target: object, patch: Json) -> Json:
    """A JSON Merge Patch, RFC 7396: what is null in the patch is taken away."""
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value) if isinstance(value, dict) else value
    return result
