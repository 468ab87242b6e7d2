# SPDX-License-Identifier: GPL-3.0-or-later
"""What it means where Orthanc does not give the file of an instance."""

import pytest

from router.orthanc_api import OrthancApi, OrthancError
from servers.scripted_http import Answer, Asked, ScriptedHttp


@pytest.mark.parametrize(("is_stored", "status"), [(True, 500), (False, 404)])
def test_an_instance_is_gone_only_where_orthanc_does_not_store_it(is_stored: bool, status: int) -> None:
    """Orthanc 1.10 answers 404 too where it has not enough memory for the file."""

    def answer(asked: Asked) -> Answer:
        return Answer(404 if asked.path.endswith("/file") or not is_stored else 200, b"{}")

    with ScriptedHttp(answer) as server, pytest.raises(OrthancError) as caught:
        OrthancApi(server.port, "").file("one")
    assert caught.value.status == status
    assert is_stored == ("memory" in caught.value.message)
