"""What lists have in common on the wire."""

from collections.abc import Sequence

from router.api.http import Request, Response

#: The longest stretch of a list in one answer.
LARGEST_PAGE = 1000


def listed(request: Request, items: Sequence[object]) -> Response:
    """`{"items", "total"}` of a list that is at hand as a whole; takes `limit` and `offset`."""
    limit = request.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    offset = request.number("offset", 0, 10**9)
    return Response.of({"items": items[offset : offset + limit], "total": len(items)})
