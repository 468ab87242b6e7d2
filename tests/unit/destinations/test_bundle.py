# SPDX-License-Identifier: GPL-3.0-or-later
"""Several DICOM files as one body, and back, whatever bytes they have."""

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.destinations.bundle import BrokenBundle, read_bundle, write_multipart, write_zip

#: Bytes that are made to be mistaken for what parts a body.
TRICKY = st.lists(st.sampled_from([b"\r", b"\n", b"\r\n", b"--", b"-", b":", b"\0", b"a"])).map(b"".join)


@pytest.mark.parametrize("write", [write_multipart, write_zip])
@given(files=st.lists(st.one_of(st.binary(), TRICKY), min_size=1, max_size=5))
def test_what_is_written_is_what_is_read(write: Any, files: list[bytes]) -> None:
    body = io.BytesIO()
    content_type = write(files, body)
    assert list(read_bundle(body, content_type, 10**9)) == files


@given(body=st.one_of(st.binary(), TRICKY), end=st.sampled_from([b"", b"\r\n--b--", b"\r\n--b"]))
def test_whatever_comes_is_read_or_refused(body: bytes, end: bytes) -> None:
    for content_type in ("multipart/related; boundary=b", "application/zip", "application/octet-stream", ""):
        with contextlib.suppress(BrokenBundle):
            read = list(read_bundle(io.BytesIO(b"--b\r\n\r\n" + body + end), content_type, 10**6))
            assert all(isinstance(file, bytes) for file in read)
