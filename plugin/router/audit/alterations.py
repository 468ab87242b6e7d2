# SPDX-License-Identifier: GPL-3.0-or-later
"""Notices policies and destinations that were changed in the database, not by the router."""

import logging
from typing import Final

from router.audit.audit import ROUTER, Audit
from router.rounds import Rounds
from router.store import Store, StoreUnavailable

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 10.0


class Alterations(Rounds):
    """Compares all policies and destinations with their digests. An altered document is noted in the store,
    once, by the first node that notices it, with an act for the audit trail; the router then uses it as it
    is now."""

    def __init__(self, store: Store, audit: Audit) -> None:
        super().__init__("router-alterations")
        self._store = store
        self._audit = audit

    def _round(self) -> float:
        try:
            for kind, documents in (
                ("policy", self._store.policies),
                ("destination", self._store.destinations),
            ):
                act = self._audit.act(f"{kind}.altered", ROUTER, "Not by the router: in its database")
                for name in documents.notice_altered(act):
                    _log.warning("The %s %s was changed outside the router", kind, name)
        except StoreUnavailable as error:
            _log.debug("Documents are not looked at now: %s", error)
        return _LOOK_SECONDS
