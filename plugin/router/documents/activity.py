# SPDX-License-Identifier: GPL-3.0-or-later
"""The recent activity of a policy."""

from router.documents.document import Document, Instant


class Activity(Document):
    """How often a policy has fired lately, counted by its deliveries."""

    #: The policy's id.
    policy: str
    #: None where no delivery of the policy is kept.
    last_fired_at: Instant | None = None
    #: Deliveries made within 24 hours and within seven days, and the failed ones of the latter.
    day: int = 0
    week: int = 0
    failed_week: int = 0
