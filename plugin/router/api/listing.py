"""What lists have in common on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import BaseModel

from router.api.http import ApiError, Request, Response

Item = TypeVar("Item")


class Listed(BaseModel, Generic[Item]):
    """A stretch of a list, and how long the whole is."""

    items: list[Item]
    total: int


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
