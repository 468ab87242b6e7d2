# SPDX-License-Identifier: GPL-3.0-or-later
"""What a policy has done lately."""

from router.documents.document import Document, Instant


class Activity(Document):
    """How often a policy has fired lately, counted in the deliveries that it has made."""

    #: The policy's id.
    policy: str
    #: None where no delivery of it is kept.
    last_fired_at: Instant | None = None
    #: Made within 24 hours and within seven days; of the latter, those that have failed.
    day: int = 0
    week: int = 0
    failed_week: int = 0
