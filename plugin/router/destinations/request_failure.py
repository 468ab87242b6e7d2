# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures of requests to other servers, as messages for people."""

from typing import Final

import requests
from urllib3.exceptions import NameResolutionError, NewConnectionError, ProtocolError

from router.destinations.time_limit import TimeLimit

#: The most characters of a server's message that are quoted.
QUOTED: Final = 200


def told(error: requests.RequestException, url: str, seconds: float, remedy: str) -> str:
    """Return why there is no answer. `url` is shown as given. `seconds`: the time that the server had to
    answer. `remedy`: what to do where its certificate is not trusted."""
    if isinstance(error, requests.exceptions.SSLError):
        return (
            f"The certificate of {url} is not to be trusted: {remedy}, or correct the name in the URL"
            f" ({_cause(error)})"
        )
    if isinstance(error, requests.exceptions.InvalidURL):
        return f"The host of {url} is no name that can be asked for: correct it"
    if isinstance(error, requests.ConnectTimeout):
        return f"{url} does not answer: check address, port and firewalls"
    if isinstance(error, requests.Timeout):
        return f"{url} has not answered within {seconds} s: check that it is well, or raise the timeout"
    cause = _cause(error)
    if isinstance(cause, ProtocolError) and isinstance(cause.args[-1], TimeoutError):
        return f"{url} has taken in nothing for {seconds} s: check that it is well, or raise the timeout"
    if isinstance(cause, NameResolutionError):
        return f"The host of {url} is not known: check its name"
    if isinstance(cause, NewConnectionError):
        return f"{url} cannot be reached: check that the server runs"
    return (
        f"{url} has broken off the connection ({type(cause).__name__}): check its log, and what is in between"
    )


def too_slow(url: str, limit: TimeLimit) -> str:
    """Return the message for an exchange that its time limit has ended."""
    return (
        f"{url} is too slow: what was sent and the answer have taken more than {limit.seconds:,.0f} s in all."
        " Check that it is well, and the line to it, or raise the timeout"
    )


def in_one_line(words: str) -> str:
    """Return the beginning of a server's message, on one line."""
    return " ".join(words.split())[:QUOTED]


def _cause(error: BaseException) -> BaseException:
    """Return the innermost cause of an error of requests, which wraps those of urllib3."""
    inner = error.args[0] if error.args else None
    reason = getattr(inner, "reason", inner)
    return reason if isinstance(reason, BaseException) else error
