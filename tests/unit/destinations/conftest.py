# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens destinations as dispatch does."""

from pathlib import Path

import pytest

from router.destinations import KINDS, Installation, Opening, Sender
from router.documents.destination import DestinationDraft
from router.orthanc_api import OrthancApi
from router.secrets import Vault
from unit.destinations.outgoing_samples import Open


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder below which files may be written."""
    folder = tmp_path / "export"
    folder.mkdir()
    return folder


@pytest.fixture
def opened(tmp_path: Path, root: Path) -> Open:
    """Opens destinations that do not use Orthanc."""
    opening = Opening(KINDS, Installation(OrthancApi(9, ""), [root]), Vault(tmp_path / "secret.key"))

    def make(kind: str, **settings: object) -> Sender:
        model = KINDS[kind].settings.model_validate(settings)
        document = model.model_dump(mode="json", exclude_none=True)
        sender = opening.open("d1", DestinationDraft(name="x", kind=kind, settings=document))
        assert isinstance(sender, Sender)
        return sender

    return make
