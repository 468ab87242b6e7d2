#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pydicom 3.0.2 does not know the character sets of Latin alphabet No. 9, ISO_IR 203 and ISO 2022 IR 203.
#
# Expected: PS3.3, C.12.1.1.2 (tables C.12-2 and C.12-4) has both as defined terms, for ISO 8859-15. A name of a
#   valid file that names ISO_IR 203 reads as it was written: "Žižek^Cœur", "€".
# Seen: a warning about an unknown encoding, and the bytes read as Latin alphabet No. 1: "´i¸ek^C½ur", "¤".
#   Python itself has the codec (iso8859-15).
# The script fails where pydicom reads it otherwise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'END'
import io

import pydicom
from pydicom import Dataset, dcmread
from pydicom.charset import python_encoding
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RawDataStorage, generate_uid

name = "Žižek^Cœur"
dataset = Dataset()
dataset.file_meta = FileMetaDataset()
dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
dataset.SOPClassUID, dataset.SOPInstanceUID = RawDataStorage, generate_uid()
dataset.SpecificCharacterSet = "ISO_IR 203"
dataset.PatientName = "X" * len(name)
file = io.BytesIO()
dataset.save_as(file, enforce_file_format=True)
written = file.getvalue().replace(b"X" * len(name), name.encode("iso8859-15"))

read = dcmread(io.BytesIO(written))
print("pydicom", pydicom.__version__)
print("known:", sorted(term for term in python_encoding if "203" in term))
print("written:", name)
print("read:   ", read.PatientName)
assert "ISO_IR 203" not in python_encoding
assert str(read.PatientName) == name.encode("iso8859-15").decode("latin-1")
END
