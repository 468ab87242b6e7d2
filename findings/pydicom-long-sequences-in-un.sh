#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pydicom 3.0.2: a sequence of the standard that comes with the VR UN is resolved below 64 KB only.
#
# Expected: an attribute that the dictionary knows as a sequence, encoded as UN with a defined length (PS3.5, 6.2.2:
#   its value is in Implicit VR Little Endian), is read as a sequence whatever its length.
# Seen: with a value of up to 65,535 bytes it is one; from 65,536 bytes on it stays UN with bytes as its value, so that
#   whoever walks through data sets does not see what is inside.
# Source: the package's behaviour; UN has a length field of 32 bits (PS3.5, 7.1.2).
# The script fails where the long one is read as a sequence.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'END'
import io
import struct

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RawDataStorage, generate_uid

dataset = Dataset()
dataset.file_meta = FileMetaDataset()
dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
dataset.SOPClassUID, dataset.SOPInstanceUID = RawDataStorage, generate_uid()
beginning = io.BytesIO()
dataset.save_as(beginning, enforce_file_format=True)

seen = {}
for length in (1_000, 65_534, 65_536, 200_000):
    # Concept Code Sequence with one item, which has a Long Code Value and nothing else.
    text = b"x" * (length - 16)
    element = struct.pack("<HHI", 0x0008, 0x0119, len(text)) + text
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(element)) + element
    assert len(item) == length
    file = beginning.getvalue() + struct.pack("<HH2sHI", 0x0040, 0xA168, b"UN", 0, length) + item
    seen[length] = pydicom.dcmread(io.BytesIO(file))[0x0040, 0xA168].VR
    print(f"{length:,} bytes: {seen[length]}")
assert seen == {1_000: "SQ", 65_534: "SQ", 65_536: "UN", 200_000: "UN"}
END
