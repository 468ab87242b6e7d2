# SPDX-License-Identifier: GPL-3.0-or-later
"""The interface of destinations that notify people or programs, and how they decline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable


class Declined(Exception):  # noqa: N818 - it reads as what it says
    """The destination answers, but does not take this. The message says why, for an administrator.

    `lasting`: the destination will not take it later either, unless a person changes something.
    """

    def __init__(self, message: str, *, lasting: bool) -> None:
        super().__init__(message)
        self.lasting = lasting


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a notice."""

    name: str
    #: Such as `image/png`.
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Notice:
    """One message, with all templates filled in. A destination takes from it what it can carry."""

    #: The same at each attempt at this notice; different for each notice.
    key: str
    #: What has happened, for programs: values that JSON has.
    event: Mapping[str, Any]
    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    #: One line.
    subject: str = ""
    text: str = ""
    html: str = ""
    attachments: Sequence[Attachment] = field(default_factory=tuple)


class WantedAttachments(Protocol):
    """The attachments that an action asks for."""

    @property
    def preview(self) -> bool: ...
    @property
    def series_csv(self) -> bool: ...
    @property
    def max_bytes(self) -> int: ...


@runtime_checkable
class NoticeTexts(Protocol):
    """The texts of an action that notifies, as in the policy: templates."""

    @property
    def to(self) -> Sequence[str]: ...
    @property
    def cc(self) -> Sequence[str]: ...
    @property
    def bcc(self) -> Sequence[str]: ...
    @property
    def subject(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def html(self) -> str: ...
    @property
    def attachments(self) -> WantedAttachments: ...
    @property
    def payload(self) -> Mapping[str, Any] | None: ...


@runtime_checkable
class Notifier(Protocol):
    """An open destination that takes notices. May be used by several threads at once."""

    def notify(self, notice: Notice) -> None:
        """Send a notice. Raises DestinationUnavailable or Declined."""
        ...


@runtime_checkable
class Paced(Protocol):
    """An open destination that limits how much it takes in a period."""

    def pause_seconds(self) -> float:
        """Return the seconds of the pause that it needs now; 0 where it may be used at once."""
        ...


@runtime_checkable
class Collecting(Protocol):
    """An open destination that sends the notices of a period together."""

    @property
    def digest_seconds(self) -> float:
        """The length of the period; 0 where each notice is sent alone."""
        ...
