# SPDX-License-Identifier: GPL-3.0-or-later
"""The basis that most parts need."""

import os
from dataclasses import dataclass
from datetime import timedelta

from router.administration.marking import mark
from router.audit import Audit, AuditTrailKey
from router.catalog import Catalog
from router.clock import Clock
from router.destinations import KINDS, DicomTls, Installation, Opening, OwnAddress
from router.orthanc_api import OrthancApi
from router.process_end import OrthancsEnd
from router.secrets import Vault
from router.settings import Settings
from router.signals import Signals
from router.store import Store
from router.transforms import Transforms


@dataclass(frozen=True, slots=True)
class Basis:
    """The settings, the doors, and what neither begins nor ends."""

    settings: Settings
    store: Store
    orthanc: OrthancApi
    #: This node's id.
    node: str
    signals: Signals
    catalog: Catalog
    vault: Vault
    transforms: Transforms
    installation: Installation
    opening: Opening
    audit: Audit

    @property
    def clock(self) -> Clock:
        """The store's clock: the same for all nodes that share it."""
        return self.store.now

    @property
    def owner(self) -> str:
        """The name with which this node signs its leases."""
        return _owner(self.settings, self.node)

    @property
    def retention(self) -> timedelta:
        """How long finished deliveries, the ledger of arrivals and lineage are kept."""
        return timedelta(days=self.settings.router.retention_days)


def basis_of(settings: Settings, store: Store, orthanc: OrthancApi, node: str) -> Basis:
    """Build the basis, and have the store sign with the audit trail's key. Raises StoreUnavailable,
    OSError."""
    vault = Vault.of(os.environ, settings.secret_key_file, settings.data_directory)
    trail_key = AuditTrailKey(store, vault)
    mark(store, vault, trail_key)
    trail_key.get()
    store.sign_with(trail_key.signed)
    installation = _installation(settings, orthanc)
    return Basis(
        settings=settings,
        store=store,
        orthanc=orthanc,
        node=node,
        signals=Signals(OrthancsEnd().has_begun),
        catalog=Catalog(store, settings.stable_age),
        vault=vault,
        transforms=Transforms(store, vault),
        installation=installation,
        opening=Opening(KINDS, installation, vault),
        audit=Audit(store, trail_key, _owner(settings, node), store.now),
    )


def _owner(settings: Settings, node: str) -> str:
    return f"{settings.name}-{node}"


def _installation(settings: Settings, orthanc: OrthancApi) -> Installation:
    own_address = OwnAddress(settings.dicom_port, settings.http_port, settings.router.public_url)
    dicom_tls = DicomTls(
        settings.dicom_tls_certificate,
        settings.dicom_tls_private_key,
        settings.dicom_tls_trusted_certificates,
    )
    return Installation(orthanc, settings.router.folder_roots, own_address, dicom_tls)
