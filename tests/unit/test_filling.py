# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates that are filled in for what Orthanc does not have, or has no more."""

from typing import cast, get_args

import pytest

from router.administration.explaining import NoSuchResource
from router.administration.filling import Filling, Use
from router.documents.policy import Level, StoredResource
from router.orthanc_api import OrthancError
from router.transforms import Transforms
from servers.orthanc_in_memory import OrthancInMemory
from unit.store.stored_samples import NOON


class Forgetful(OrthancInMemory):
    """Says of instances what Orthanc does: the one that is asked for is the only one, whether it is there or
    not; a study that is being deleted has none."""

    def instances_of(self, level: Level, identifier: str) -> list[str]:
        if level == "instance":
            return [identifier]
        if identifier == "being deleted":
            return []
        raise OrthancError(404, "Unknown resource")


@pytest.mark.parametrize("use", get_args(Use))
@pytest.mark.parametrize("identifier", ["nowhere", "being deleted"])
@pytest.mark.parametrize("level", get_args(Level))
def test_what_is_not_there_is_told(level: Level, identifier: str, use: Use) -> None:
    filling = Filling(Forgetful(), cast(Transforms, None), "", lambda: NOON)
    with pytest.raises(NoSuchResource, match=f"Orthanc has no {level} {identifier}"):
        filling.fill("{{ PatientID }}", use, StoredResource(level=level, id=identifier), "", "")
