"""What policies and destinations have in common on the wire: each save is a revision, with a comment."""

from collections.abc import Sequence

from pydantic import Field

from router.api.http import ApiError, Request, Response
from router.documents.differences import Difference
from router.documents.document import Comment, Document
from router.documents.invalid import validated

_MOST_REVISIONS = 10**9


class Remark(Document):
    """Why something is done to a document."""

    comment: Comment = ""


class Restoration(Remark):
    """Which revision is to be the current one again."""

    revision: int = Field(ge=1, strict=True)


def comment_of(request: Request) -> str:
    """The comment in a body that may be missing. Raises ApiError, Invalid."""
    return validated(Remark, request.json()).comment if request.body else ""


def revision_wanted(request: Request) -> int | None:
    """The revision in `If-Match: "3"`; None where there is no such header. Raises ApiError."""
    text = request.headers.get("if-match", "").strip()
    if text in {"", "*"}:
        return None
    number = text.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal():
        raise ApiError(400, "invalid_if_match", 'If-Match takes the revision in quotes, such as "3".')
    return int(number)


def compared(request: Request) -> tuple[int, int]:
    """The revisions in the parameters `from` and `to`. Raises ApiError."""
    for name in ("from", "to"):
        if request.value(name) is None:
            raise ApiError.of_field(name, "must be the number of a revision")
    return request.number("from", 0, _MOST_REVISIONS), request.number("to", 0, _MOST_REVISIONS)


def told(before: int, after: int, differences: Sequence[Difference]) -> Response:
    """What has become of a document between two revisions."""
    return Response.of({"from": before, "to": after, "differences": differences})
