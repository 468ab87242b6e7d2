# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts of an action that notifies: checked when the policy is saved, filled in for each delivery."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from router.destinations import Declined, NoticeTexts
from router.destinations.addresses import is_address
from router.messages.occasion import NAMES, Occasion
from router.templates import Template, TemplateError

#: The most levels of nesting in a payload.
_DEEPEST = 20
#: The most characters of a subject; mail programs show fewer.
_LONGEST_SUBJECT = 500


def problems_of(action: NoticeTexts) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with the texts, as (path, message)."""
    if _is_too_deep(action.payload):
        yield "payload", f"has more than {_DEEPEST} levels"
        return
    for path, text in _texts(action):
        try:
            Template(text, names=NAMES, escape=path == "html")
        except TemplateError as error:
            yield from ((path, problem) for problem in error.problems)
            continue
        is_recipient = path.startswith(("to[", "cc[", "bcc["))
        if is_recipient and "{" not in text and not is_address(text.strip()):
            yield path, f"{text!r} is not a mail address"


class Wording:
    """Fills in the texts of one action for one delivery."""

    def __init__(self, action: NoticeTexts, occasion: Occasion) -> None:
        self._action = action
        self._occasion = occasion

    def recipients(self, addresses: Sequence[str]) -> list[str]:
        """Return the filled-in addresses, without empty ones. Raises Declined."""
        filled = [self._filled(text).strip() for text in addresses]
        for text in filled:
            if text and not is_address(text):
                raise Declined(
                    f"{text[:100]!r} is no mail address: correct the policy's recipients", lasting=True
                )
        return list(dict.fromkeys(text for text in filled if text))

    def subject(self) -> str:
        """Return the subject, on one line and without control characters, whatever the tags hold: it becomes
        a mail header (RFC 5322, 2.2), into which no value may write another. Raises Declined."""
        return one_line(self._filled(self._action.subject))

    def text(self) -> str:
        """Return the text. Raises Declined."""
        return _writable(self._filled(self._action.body))

    def html(self) -> str:
        """Return the HTML. Values are escaped, so that they cannot be markup. Raises Declined."""
        return _writable(self._filled(self._action.html, escape=True))

    def payload(self) -> Mapping[str, Any]:
        """Return the action's payload, or the router's own event. Raises Declined."""
        if self._action.payload is None:
            return self._occasion.event
        filled: dict[str, Any] = self._filled_json(self._action.payload)
        return filled

    def _filled_json(self, value: Any) -> Any:
        if isinstance(value, str):
            return _writable(self._filled(value))
        if isinstance(value, list):
            return [self._filled_json(one) for one in value]
        if isinstance(value, dict):
            return {name: self._filled_json(one) for name, one in value.items()}
        return value

    def _filled(self, text: str, *, escape: bool = False) -> str:
        try:
            template = Template(text, names=NAMES, escape=escape)
            return template.render(self._occasion.tags, self._occasion.names)
        except TemplateError as error:
            raise Declined(f"A text of the policy cannot be filled in: {error}", lasting=True) from error


def one_line(text: str) -> str:
    """Return the text in a form for a header: one line, printable, of limited length."""
    words = "".join(letter if letter.isprintable() else " " for letter in _writable(text)).split()
    return " ".join(words)[:_LONGEST_SUBJECT]


def _writable(text: str) -> str:
    """Replace what UTF-8 cannot encode (half a surrogate pair, from a broken character set)."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _texts(action: NoticeTexts) -> Iterator[tuple[str, str]]:
    for field in ("to", "cc", "bcc"):
        addresses: list[str] = getattr(action, field)
        yield from ((f"{field}[{index}]", text) for index, text in enumerate(addresses))
    yield from (("subject", action.subject), ("body", action.body), ("html", action.html))
    if action.payload is not None:
        yield from _json_texts("payload", action.payload)


def _json_texts(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from _json_texts(f"{path}[{index}]", one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _json_texts(f"{path}.{name}", one)


def _is_too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
    return bool(level)
