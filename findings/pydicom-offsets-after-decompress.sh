#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pydicom 3.0.2: decompress() leaves the Extended Offset Table of the old encoding in the data set.
#
# Expected: native pixel data have no fragments, so (7FE0,0001) and (7FE0,0002), which tell where these begin and how
#   long they are, go with the encapsulation (PS3.3, C.7.6.3.1.8: they are for encapsulated pixel data).
# Seen: both attributes stay, beside Explicit VR Little Endian pixels.
# Source: the package's behaviour.
# The script fails where they are gone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 numpy==2.4.6 pylibjpeg==2.1.0 \
  pylibjpeg-rle==2.2.0 2>/dev/null
"$folder/venv/bin/python" -W ignore - <<'END'
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, SecondaryCaptureImageStorage, generate_uid

image = Dataset()
image.file_meta = FileMetaDataset()
image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
image.SOPClassUID, image.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
image.SamplesPerPixel, image.PhotometricInterpretation = 1, "MONOCHROME2"
image.Rows = image.Columns = 64
image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 8, 8, 7, 0
image.PixelData = bytes(range(64)) * 64
image["PixelData"].VR = "OB"
image.compress(RLELossless, encapsulate_ext=True)
assert "ExtendedOffsetTable" in image
image.decompress()
left = [name for name in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths") if name in image]
print("transfer syntax:", image.file_meta.TransferSyntaxUID.name)
print("left:", left)
assert not image.file_meta.TransferSyntaxUID.is_encapsulated
assert len(left) == 2
END
