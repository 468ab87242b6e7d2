#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An example of a service for the action `process`: gives back each image with black and white exchanged.

    .venv/plugin/bin/python orthanc/services/derived_image.py --port 8091

Then make a destination of kind `http` with the URL http://127.0.0.1:8091/, and a policy with the action
{"type": "process", "destination": "...", "send": "instance"} ("multipart" works too). Put the line that
calls `exchanged` where your own computation goes.

The result is a Secondary Capture of its own series in the same study. It says that it is derived, how, and
from which image (PS3.3, C.7.6.1.1.3 and C.12.4), and it has the same UIDs whenever it is made of the same
image, so that the same request made twice does not give two results.
"""

import argparse
import email
import hashlib
import hmac
import io
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from pydicom import Dataset, FileDataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

BOUNDARY = "result"
#: What the result takes over: the modules of patient and study (PS3.3, C.7.1 and C.7.2).
KEPT = (
    "SpecificCharacterSet PatientName PatientID IssuerOfPatientID PatientBirthDate PatientSex PatientAge"
    " StudyInstanceUID StudyID StudyDate StudyTime StudyDescription AccessionNumber ReferringPhysicianName"
    " PatientOrientation Laterality BurnedInAnnotation"
).split()


def exchanged(image: FileDataset) -> np.ndarray:
    """The pixels of a grey image (of its middle frame), from 0 to 255, with black and white exchanged."""
    pixels = image.pixel_array
    if image.get("NumberOfFrames", 1) > 1:
        pixels = pixels[len(pixels) // 2]
    low, high = int(pixels.min()), int(pixels.max())
    grey = (pixels.astype(np.float64) - low) * (255 / max(1, high - low))
    return (
        grey.astype(np.uint8)
        if image.PhotometricInterpretation == "MONOCHROME1"
        else 255 - grey.astype(np.uint8)
    )


def derived(image: FileDataset) -> FileDataset:
    """The result that is made of an image."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[image.SOPInstanceUID, "exchanged"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    result = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    for keyword in KEPT:
        if keyword in image:
            result[keyword] = image[keyword]
    result.SOPClassUID = meta.MediaStorageSOPClassUID
    result.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    result.SeriesInstanceUID = generate_uid(entropy_srcs=[image.SeriesInstanceUID, "exchanged"])
    result.SeriesNumber = 9001
    result.InstanceNumber = image.get("InstanceNumber", 1)
    result.Modality = "OT"
    result.ConversionType = "WSD"
    result.Manufacturer = "Example"
    result.SeriesDescription = "Black and white exchanged"
    result.ImageType = ["DERIVED", "SECONDARY"]
    result.DerivationDescription = "Black and white exchanged, 8 bits"
    result.SourceImageSequence = [source(image)]
    pixels = exchanged(image)
    result.SamplesPerPixel = 1
    result.PhotometricInterpretation = "MONOCHROME2"
    result.Rows, result.Columns = pixels.shape
    result.BitsAllocated = result.BitsStored = 8
    result.HighBit = 7
    result.PixelRepresentation = 0
    data = pixels.tobytes()
    result.PixelData = data + bytes(len(data) % 2)
    result["PixelData"].VR = "OB"
    return result


def source(image: Dataset) -> Dataset:
    """A reference to the image that a result is made of."""
    purpose = Dataset()
    purpose.CodeValue = "121322"
    purpose.CodingSchemeDesignator = "DCM"
    purpose.CodeMeaning = "Source image for image processing operation"
    reference = Dataset()
    reference.ReferencedSOPClassUID = image.SOPClassUID
    reference.ReferencedSOPInstanceUID = image.SOPInstanceUID
    reference.PurposeOfReferenceCodeSequence = [purpose]
    return reference


def received(content_type: str, body: bytes) -> Iterator[FileDataset]:
    """The images of a request: one alone, or several parts."""
    message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in message.walk():
        file = part.get_payload(decode=True)
        if isinstance(file, bytes):
            yield dcmread(io.BytesIO(file))


def multipart(results: Sequence[FileDataset]) -> bytes:
    """Results as the body of an answer."""
    body = io.BytesIO()
    for result in results:
        body.write(f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode())
        file = io.BytesIO()
        result.save_as(file, enforce_file_format=True)
        body.write(file.getvalue() + b"\r\n")
    body.write(f"--{BOUNDARY}--\r\n".encode())
    return body.getvalue()


class Handler(BaseHTTPRequestHandler):
    """Answers the router."""

    #: Known to the router too; empty where signatures are not asked for.
    secret = ""

    def do_POST(self) -> None:
        """Images come in, and the results go out."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.secret and not self.is_signed(body):
            self.send_error(403, "The signature is not right")
            return
        try:
            images = list(received(self.headers["Content-Type"], body))
            # What is no grey image (a report, a colour image) gives nothing.
            grey = [one for one in images if "PixelData" in one and one.get("SamplesPerPixel") == 1]
            results = [derived(one) for one in grey]
        except Exception as error:  # noqa: BLE001 - whatever it is, the router is to know
            self.send_error(422, f"This cannot be processed ({type(error).__name__})")
            return
        if not results:
            self.send_response(204)
            self.end_headers()
            return
        answer = multipart(results)
        self.send_response(200)
        self.send_header("Content-Type", f'multipart/related; type="application/dicom"; boundary={BOUNDARY}')
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def is_signed(self, body: bytes) -> bool:
        """Whether the request comes from who knows the secret. (Compare the time, too, where it matters.)"""
        signed = f"{self.headers['X-Router-Timestamp']}.".encode() + body
        digest = hmac.new(self.secret.encode(), signed, hashlib.sha256).hexdigest()
        return hmac.compare_digest(self.headers["X-Router-Signature"] or "", f"sha256={digest}")


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Gives back images with black and white exchanged.")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8091)
    parser.add_argument("--secret", default="", help="the destination's signing secret")
    arguments = parser.parse_args()
    Handler.secret = arguments.secret
    with ThreadingHTTPServer((arguments.host, arguments.port), Handler) as server:
        print(f"Listening on http://{arguments.host}:{server.server_port}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("Ended.")


if __name__ == "__main__":
    main()
