#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# pydicom 3.0.2: compress() takes colour that is stored by plane (PlanarConfiguration 1) for colour by pixel.
#
# Expected: RLE (PS3.5, 8.2.2 and annex G) and JPEG 2000 (PS3.5, 8.2.4) of a red image decode to a red image, whichever way
#   the native pixels were stored (PS3.3, C.7.6.3.1.3).
# Seen: Dataset.compress(RLELossless) of a red 64 x 64 RGB image by plane gives an image that is white in its upper
#   part and black below, both in pydicom and in GDCM 3.2.6. The same image by pixel is encoded as it is.
# Source: the packages' behaviour.
# The script fails where the image comes out red.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydicom==3.0.2 numpy==2.4.6 pylibjpeg==2.1.0 \
  pylibjpeg-rle==2.2.0 python-gdcm==3.2.6 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" -W ignore - <<'END'
import gdcm
import numpy
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless, SecondaryCaptureImageStorage, generate_uid

SIDE = 64
seen = {}
for planar in (0, 1):
    image = Dataset()
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    image.SOPClassUID, image.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    image.SamplesPerPixel, image.PhotometricInterpretation, image.PlanarConfiguration = 3, "RGB", planar
    image.Rows = image.Columns = SIDE
    image.BitsAllocated, image.BitsStored, image.HighBit, image.PixelRepresentation = 8, 8, 7, 0
    red = numpy.zeros((SIDE, SIDE, 3), "u1")
    red[..., 0] = 255
    image.PixelData = (red.transpose(2, 0, 1) if planar else red).tobytes()
    image["PixelData"].VR = "OB"
    image.compress(RLELossless)
    name = f"{planar}.dcm"
    image.save_as(name, enforce_file_format=True)
    pixels = pydicom.dcmread(name).pixel_array
    reader = gdcm.ImageReader()
    reader.SetFileName(name)
    assert reader.Read()
    bytes_ = reader.GetImage().GetBuffer().encode("utf-8", "surrogateescape")
    seen[planar] = [tuple(map(int, pixels[row, 0])) for row in (0, SIDE - 1)], tuple(bytes_[:3])
    print("by plane:" if planar else "by pixel:", "pydicom", seen[planar][0], "GDCM", seen[planar][1])
assert seen[0] == ([(255, 0, 0)] * 2, (255, 0, 0))
assert seen[1] == ([(255, 255, 255), (0, 0, 0)], (255, 255, 255))
END
