# SPDX-License-Identifier: GPL-3.0-or-later
"""What an import into an empty installation would say of a document, with nothing but this process."""

import os
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from router.administration.case_running import CaseRunner
from router.administration.destination_drafts import DestinationDrafts
from router.administration.importing import Importing
from router.administration.policy_drafts import PolicyDrafts
from router.administration.routing_document_reading import Checking
from router.audit import Audit, AuditTrailKey
from router.audit.audit import ROUTER
from router.catalog import Catalog
from router.clock import utc_now
from router.documents.invalid import Invalid
from router.documents.policy import Case
from router.documents.routing_document import RoutingDocument
from router.review import CaseResult, PolicyWarning
from router.rules import Rule
from router.secrets import Vault
from router.store import open_store

#: Orthanc's own default, in seconds.
_STABLE_AGE = 60

#: What takes the place of a secret whose variable is not set here.
_PLACEHOLDER = "not set where the document was checked"


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings. Where there are problems, there are no other findings."""

    problems: Sequence[tuple[str, str]] = ()
    warnings: Sequence[PolicyWarning] = ()
    #: By the name of the policy.
    cases: Sequence[tuple[str, Sequence[CaseResult]]] = ()


class _NotRun:
    """`router.administration.case_running.StoredCases` where nothing is stored."""

    def run(self, case: Case, _rule: Rule) -> CaseResult:
        return CaseResult(
            case.name, True, case.matches, problem="It is about something that Orthanc stores: not run."
        )


def checked(document: RoutingDocument) -> Checked:
    """Check a document."""
    with TemporaryDirectory() as folder, closing(open_store(None, "", Path(folder))) as store:
        vault = Vault(Path(folder) / "secret.key")
        destinations = DestinationDrafts(vault, None)
        # Labels are taken, as by the newest Orthanc.
        policies = PolicyDrafts(CaseRunner(_NotRun(), utc_now), lambda: "mainline")
        audit = Audit(store, AuditTrailKey(store, vault), "", utc_now)
        catalog = Catalog(store, _STABLE_AGE)
        checking = Checking(destinations, policies, _secret)
        importing = Importing(store, catalog, checking, audit, utc_now, leads_here=lambda _: False)
        try:
            plan = importing.plan(document, ROUTER)
        except Invalid as invalid:
            return Checked(problems=invalid.problems)
        cases = [(policy.name, policies.run_cases(policy)) for policy in plan.policies]
        return Checked((), plan.warnings, cases)


def _secret(field: str, variable: str) -> str:
    """The secret, or something else that would be taken."""
    given = os.environ.get(variable)
    if given:
        return given
    return {"private_key": _any_key(), "passphrase": ""}.get(field, _PLACEHOLDER)


@cache
def _any_key() -> str:
    """A private key that opens nothing."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode("ascii")
