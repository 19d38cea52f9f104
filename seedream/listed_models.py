"""Reads the list of valid models out of an error message: "model must be one of ...". Pure."""

from __future__ import annotations

import re

from seedream.error_table import MAX_MESSAGE_READ

MAX_LISTED = 100  # ids
_MAX_LIST_LENGTH = 16_000  # characters: enough for MAX_LISTED ids, of at most 100 characters as in _ID
_LIST = re.compile(r"\b(?:must|should) be one of\b:?", re.IGNORECASE)
_WORD = re.compile(r"[\])}](?!\s*[,;|])|[^\s,;|、，；()\[\]{}<>\"'`“”\\]+")
_ID = re.compile(r"(?=[^-\d]{0,100}[-\d])(?=[^A-Za-z]{0,100}[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9._:/-]{0,98}[A-Za-z0-9])?")
_ELLIPSES = ("..", "…")
_END_MARKS = ".。:!?"
_SEPARATORS = {"or", "and", "-", "*", "•", "/"}
_LEAD_IN = re.compile(r"[A-Za-z]{1,20}:?")  # such as "the following models:"


def listed_models(message: str) -> tuple[tuple[str, ...], bool]:
    """Return the ids that a message lists, and whether these are all: a list that is cut off is incomplete."""
    start = _LIST.search(message[:MAX_MESSAGE_READ])
    if start is None:
        return (), False
    text = message[start.end() : start.end() + _MAX_LIST_LENGTH]
    ids: dict[str, None] = {}
    for word in _WORD.findall(text):
        if word in {"]", ")", "}"}:
            return tuple(ids), bool(ids)
        model = word.rstrip(_END_MARKS)
        if word.endswith(_ELLIPSES) or len(ids) == MAX_LISTED:
            return tuple(ids), False
        if _is_separator(word, first=not ids):
            continue
        if not _ID.fullmatch(model):  # only end marks: the sentence ends here
            return tuple(ids), bool(ids) and not model
        ids[model] = None
        if word != model:  # the sentence ends after this id
            return tuple(ids), True
    return tuple(ids), bool(ids) and len(text) < _MAX_LIST_LENGTH


def _is_separator(word: str, *, first: bool) -> bool:
    """Return whether a word only joins ids, marks them, or introduces the first of them."""
    return word.casefold() in _SEPARATORS or (first and _LEAD_IN.fullmatch(word) is not None)
