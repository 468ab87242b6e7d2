# SPDX-License-Identifier: GPL-3.0-or-later
"""The audit trail: the interface that adds acts, and the trail's verification and exports."""

from router.audit.alterations import Alterations
from router.audit.audit import Audit
from router.audit.auditor import Auditor
from router.audit.key import AuditTrailKey
from router.audit.reporter import Reporter
from router.audit.table import cell, table
from router.audit.verification import Verification, verified

__all__ = [
    "Alterations",
    "Audit",
    "AuditTrailKey",
    "Auditor",
    "Reporter",
    "Verification",
    "cell",
    "table",
    "verified",
]
