"""What lists and single documents have in common on the wire."""

from collections.abc import Sequence

from router.api.http import ApiError, Request, Response

#: The longest stretch of a list in one answer.
LARGEST_PAGE = 1000


def listed(request: Request, items: Sequence[object]) -> Response:
    """`{"items", "total"}` of a list that is at hand as a whole; takes `limit` and `offset`."""
    limit = request.number("limit", LARGEST_PAGE, LARGEST_PAGE)
    offset = request.number("offset", 0, 10**9)
    return Response.of({"items": items[offset : offset + limit], "total": len(items)})


def revision_wanted(request: Request) -> int | None:
    """The revision in `If-Match: "3"`; None where there is no such header. Raises ApiError."""
    text = request.headers.get("if-match", "").strip()
    if text in {"", "*"}:
        return None
    number = text.removeprefix("W/").strip('"')
    if not number.isascii() or not number.isdecimal():
        raise ApiError(400, "invalid_if_match", 'If-Match takes the revision in quotes, such as "3".')
    return int(number)
