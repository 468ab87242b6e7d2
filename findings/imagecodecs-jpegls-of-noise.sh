#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imagecodecs 2026.3.6 (the last with wheels for Python 3.11; CharLS 2.4.3): jpegls_encode() makes room for no more
# bytes than a compressible image needs, and refuses noise.
#
# Expected: an encoder that loses nothing encodes any image, noise too; JPEG-LS (ISO/IEC 14495-1, A.2.1 and A.5.3)
# limits by how much an image can grow, so that the room can be reckoned. jpeg2k_encode(), jpeg8_encode() and
# htj2k_encode() of the same package encode the same pixels.
# Seen: JpeglsError "The destination buffer is too small to hold all the output" for 400 x 360 random samples of 8
# and 16 bits; a smaller picture (40 x 36) is encoded. With `out=` of twice the size all of them are encoded, and
# decode to what they were.
# Source: the package's behaviour; its documentation does not speak of the size of the result.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 \
  'imagecodecs==2026.3.6; python_version < "3.12"' 'imagecodecs==2026.10.10; python_version >= "3.12"'
"$folder/venv/bin/python" - <<'END'
import imagecodecs
import numpy

print(imagecodecs.__version__, imagecodecs.jpegls_version())
noise = numpy.random.default_rng(0)
refused = 0
for bits, kind in ((8, "u1"), (16, "u2")):
    pixels = noise.integers(0, 1 << bits, (400, 360)).astype(kind)
    for encode in (imagecodecs.htj2k_encode, imagecodecs.jpeg2k_encode):
        print(bits, "bits:", encode.__name__, len(encode(pixels)), "bytes")
    try:
        print(bits, "bits: jpegls_encode", len(imagecodecs.jpegls_encode(pixels)), "bytes")
    except imagecodecs.JpeglsError as error:
        refused += 1
        print(bits, "bits: jpegls_encode:", error)
    encoded = imagecodecs.jpegls_encode(pixels, out=2 * pixels.nbytes + 1024)
    same = numpy.array_equal(imagecodecs.jpegls_decode(encoded), pixels)
    print(bits, "bits: with room for it", len(encoded), "bytes, decoded the same:", same)
    assert same
assert refused == 2, "noise is encoded now"
END
