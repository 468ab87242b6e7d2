# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers of HTTP servers, which may hold anything: bounded in size and time."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import requests
from urllib3.exceptions import HTTPError

from router.destinations.request_failure import in_one_line
from router.destinations.time_limit import TimeLimit

_CHUNK = 1024 * 1024
_LONGEST_PAUSE = 86400.0
#: The bytes of an answer in which the router looks for a message.
_WORDS: Final = 2000


class AnswerTooLarge(Exception):  # noqa: N818 - it reads as what it says
    """The answer, unpacked, has more bytes than allowed."""


class AnswerTooSlow(Exception):  # noqa: N818
    """The answer did not end in time."""


class AnswerBrokenOff(Exception):  # noqa: N818
    """The server broke off its answer, or the answer cannot be unpacked."""


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """A complete answer."""

    status: int
    #: In lower case, without parameters; empty where the server gives none.
    media_type: str
    body: bytes

    @property
    def succeeded(self) -> bool:
        """Whether the status means success (RFC 9110, 15.3)."""
        return 200 <= self.status < 300

    def json(self) -> object:
        """Return the body as JSON; None where it is not JSON."""
        return read_json(self.body)

    @property
    def said(self) -> str:
        """The status and the server's message, shortened, on one line."""
        words = in_one_line(self.body[:_WORDS].decode("utf-8", "replace"))
        return f"HTTP {self.status}" + (f": {words}" if words else "")


def read_json(body: bytes) -> object:
    """Read a JSON document; None where it is not JSON."""
    try:
        document: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return document


def pieces(response: requests.Response, largest: int, limit: TimeLimit) -> Iterator[bytes]:
    """Yield the unpacked body of a streamed answer: at most `largest` bytes, within the exchange's limit.

    Raises AnswerTooLarge, AnswerTooSlow or AnswerBrokenOff.
    """
    length = 0
    try:
        # Take what has come: reading a whole chunk would wait for each of its bytes.
        while piece := response.raw.read1(_CHUNK, decode_content=True):
            length += len(piece)
            if length > largest:
                raise AnswerTooLarge
            yield piece
    except (requests.RequestException, HTTPError) as error:
        if not limit.is_over:
            raise AnswerBrokenOff from error
    if limit.is_over:
        raise AnswerTooSlow


def media_type(response: requests.Response) -> str:
    """Return the media type of an answer, in lower case and without parameters."""
    return response.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def retry_after(response: requests.Response) -> float:
    """Return the seconds of a `Retry-After` header (RFC 9110, 10.2.3); 0 where it is missing or invalid."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), _LONGEST_PAUSE)
    except (ValueError, TypeError, OverflowError, IndexError):
        return 0.0
