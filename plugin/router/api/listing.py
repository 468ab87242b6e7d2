"""What lists have in common on the wire."""

from collections.abc import Sequence
from datetime import datetime

from router.api.http import ApiError, Request, Response

#: The longest stretch of a list in one answer.
LARGEST_PAGE = 1000


def listed(request: Request, items: Sequence[object]) -> Response:
    """`{"items", "total"}` of a list that is at hand as a whole; takes `limit` and `offset`."""
    limit = request.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    offset = request.number("offset", 0, 10**9)
    return Response.of({"items": items[offset : offset + limit], "total": len(items)})


def moment(path: str, text: str) -> datetime:
    """A date and time in a query or a body; this machine's time where it names no zone. Raises ApiError."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except (ValueError, OverflowError):
        raise ApiError.of_field(path, "must be a date and time such as 2024-05-31T08:00:00Z") from None
