"""Whether the audit trail is as it was written."""

from dataclasses import dataclass

from router.store import AuditTrail, Link

#: Read at once.
_PORTION = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. `first` and `last` are the numbers of the entries that were looked at, 0 where there
    is none; `hash` is the last one's: noted elsewhere, it shows later that nobody has written all anew."""

    ok: bool
    entries: int
    first: int
    last: int
    hash: str
    broken_at: int | None
    message: str


def verified(trail: AuditTrail) -> Verification:
    """Look at every entry, from what has expired to the newest. Raises StoreUnavailable."""
    ends = trail.ends()
    link = ends.anchor
    entries = 0
    broken = None
    while broken is None and (portion := trail.after(link.number, _PORTION)):
        for entry in portion:
            if entry.number != link.number + 1:
                broken = link.number + 1, f"Entry {link.number + 1} is missing."
            elif entry.previous != link.hash:
                broken = entry.number, f"Entry {entry.number} does not follow the one before it."
            elif entry.hash != entry.expected_hash():
                broken = entry.number, f"Entry {entry.number} is not as it was written."
            elif entry.number == ends.head.number and entry.hash != ends.head.hash:
                broken = entry.number, f"Entry {entry.number} has been replaced."
            if broken:
                break
            link = Link(entry.number, entry.hash)
            entries += 1
    if broken is None and link.number < ends.head.number:
        broken = link.number + 1, f"Entry {link.number + 1} is missing, and all that came after it."
    at, message = broken or (None, "Every entry is as it was written.")
    first = ends.anchor.number + 1 if entries else 0
    return Verification(broken is None, entries, first, link.number if entries else 0, link.hash, at, message)
