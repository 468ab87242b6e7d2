# SPDX-License-Identifier: GPL-3.0-or-later
"""Verifies that the audit trail is as it was written."""

import hmac
from dataclasses import dataclass

from router.documents.audit import AuditEntry, signature
from router.store import AuditTrail, Ends, Link, anchor_text

#: Entries read at once.
_PORTION = 1000


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of verifying the trail, or a part of it.

    `first` and `last` are the numbers of the first and last verified entry; 0 where there is none. `hash` is
    the hash of the last one: kept elsewhere, it shows later that nothing was cut off. `unkeyed` is the number
    of entries without the trail's key: anyone with write access to the store could have written them.
    """

    ok: bool
    entries: int
    unkeyed: int
    first: int
    last: int
    hash: str
    broken_at: int | None
    message: str
    #: The entry after which to go on, where this was a part and all of it was as it was written; else None.
    go_on_after: int | None = None


def verified(
    trail: AuditTrail, key: bytes | None = None, after: int = 0, most: int | None = None
) -> Verification:
    """Verify every entry, from the oldest one to the newest; or only those after number `after`, which has
    been verified before, and no more than `most`. Raises StoreUnavailable."""
    ends = trail.ends()
    link, keyed_before = ends.anchor, False
    broken = None
    if link.number and key is not None:
        expected = signature(key, "anchor", anchor_text(link))
        if not hmac.compare_digest(ends.anchor_signature or "", expected):
            broken = (
                link.number,
                f"The entries up to {link.number} are missing: no router has let them go after their time.",
            )
    if broken is None and after > link.number:
        [*looked_at] = trail.after(after - 1, 1)
        if looked_at and looked_at[0].number == after:
            link, keyed_before = Link(after, looked_at[0].hash), bool(looked_at[0].keyed)
        else:
            broken = after, f"Entry {after} is missing."
    first = link.number + 1
    entries = unkeyed = 0
    is_whole = False
    while broken is None and not is_whole and (most is None or entries < most):
        portion = trail.after(link.number, _PORTION if most is None else min(_PORTION, most - entries))
        is_whole = not portion
        for entry in portion:
            problem = _problem(entry, link, ends, key, keyed_before=keyed_before)
            if problem:
                broken = link.number + 1, problem
                break
            link = Link(entry.number, entry.hash)
            entries += 1
            unkeyed += not entry.keyed
            keyed_before = keyed_before or bool(entry.keyed)
    if broken is None and is_whole and link.number < ends.head.number:
        broken = link.number + 1, f"Entry {link.number + 1} is missing, and all that came after it."
    at, message = broken or (None, "Every entry is as it was written.")
    return Verification(
        broken is None,
        entries,
        unkeyed,
        first if entries else 0,
        link.number if entries else 0,
        link.hash,
        at,
        message,
        link.number if broken is None and not is_whole else None,
    )


def _problem(
    entry: AuditEntry, before: Link, ends: Ends, key: bytes | None, *, keyed_before: bool
) -> str | None:
    """Return the problem of the entry that follows `before`; None where there is none."""
    number = entry.number
    if number != before.number + 1:
        return f"Entry {before.number + 1} is missing."
    if entry.previous != before.hash:
        return f"Entry {number} does not follow the one before it."
    if entry.keyed and key is None:
        return f"Entry {number} cannot be verified: this node has not the key of all secrets that it needs."
    if keyed_before and not entry.keyed:
        return (
            f"Entry {number} was written without the key of the trail: by a node that has not the others' key"
            " of all secrets, or by somebody else."
        )
    if entry.hash != entry.expected_hash(key):
        return f"Entry {number} is not as it was written."
    if number == ends.head.number and entry.hash != ends.head.hash:
        return f"Entry {number} has been replaced."
    return None
