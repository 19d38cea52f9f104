"""Applies the faults that change a finished response into a form that a healthy service never sends. Pure."""

from collections.abc import Mapping
from copy import deepcopy

from sandbox.seedream.errors import Json
from sandbox.seedream.faults import Fault


def rewritten(answer: Json, faults: Mapping[str, Fault]) -> Json:
    """Apply the faults "object_data" and "rewrite" to a response."""
    if "object_data" in faults and answer.get("data"):
        answer = answer | {"data": answer["data"][0]}
    if not (rewrite := faults.get("rewrite")):
        return answer
    return deepcopy(rewrite.patch) if rewrite.replace else merged(answer, rewrite.patch)


def merged(target: object, patch: Json) -> Json:
    """Apply a JSON Merge Patch (RFC 7396): null removes a field."""
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value) if isinstance(value, dict) else value
    return result
