# SPDX-License-Identifier: GPL-3.0-or-later
"""Images in big endian, which is retired, to nodes that take only little endian (PS3.5, 10.1)."""

from pathlib import Path

import pytest
from pydicom import Dataset, dcmread
from pydicom.filebase import DicomBytesIO

from big_endian import big_endian_files, converted, dumped
from integration.destinations.opening import changed, opened, stored
from router.orthanc_api import OrthancApi
from servers.orthanc import OrthancServer
from servers.storescp import StoreScp

FILES = big_endian_files()


def images() -> list[Dataset]:
    return [dcmread(DicomBytesIO(file)) for file in FILES.values()]


@pytest.mark.parametrize("is_stored", [True, False])
def test_arrive_with_the_values_that_dcmtk_sees_in_them(
    here: OrthancServer, api: OrthancApi, tmp_path: Path, is_stored: bool
) -> None:
    with StoreScp(tmp_path, "LITTLE", "+xi", any_transfer_syntax=False) as node:
        sender = opened(api, "dicom", aet=node.aet, host=node.host, port=node.port)
        sender.send(stored(here, api, *images()) if is_stored else changed(*images()))
        sender.close()
        arrived = node.files()
        for name, file in FILES.items():
            uid = str(dcmread(DicomBytesIO(file)).SOPInstanceUID)
            assert dumped(arrived[uid].read_bytes()) == dumped(converted(file, "+ti")), name
