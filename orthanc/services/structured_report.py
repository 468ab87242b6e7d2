#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An example of a service for the action `process`: gives back a DICOM Structured Report about the images.

    .venv/plugin/bin/python orthanc/services/structured_report.py --port 8092

Then make a destination of kind `http` with the URL http://127.0.0.1:8092/, and a policy with a trigger on
series or study and the action {"type": "process", "destination": "...", "send": "multipart"} ("zip" works
too). Put your own findings where `findings` is called.

The result is a Basic Text SR (PS3.3, A.35.1) in the same study, which names every image that it is about. It
has the same UID whenever it is made of the same images, so that the same request made twice does not give
two.

With --later the service answers at once (HTTP 202) and works afterwards, as one does that needs minutes: it
stores the report in Orthanc, and says so at the address that came with the request. Orthanc asks for a login
for both; make a user for the service (RegisteredUsers), and let its own results not match the policy:

    ... --later --orthanc http://127.0.0.1:8042 --user service --password "$SERVICE_PASSWORD"
"""

import argparse
import base64
import datetime
import email
import io
import json
import threading
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pydicom import Dataset, FileDataset, dcmread
from pydicom.dataset import FileMetaDataset
from pydicom.uid import BasicTextSRStorage, ExplicitVRLittleEndian, generate_uid

#: What the report takes over: the modules of patient and study (PS3.3, C.7.1 and C.7.2).
KEPT = (
    "PatientName PatientID PatientBirthDate PatientSex"
    " StudyInstanceUID StudyID StudyDate StudyTime StudyDescription AccessionNumber ReferringPhysicianName"
).split()


def findings(images: Sequence[Dataset]) -> str:
    """What the report says."""
    series = {one.SeriesInstanceUID for one in images}
    modalities = sorted({str(one.get("Modality", "?")) for one in images})
    return f"{len(images)} images in {len(series)} series ({', '.join(modalities)}) were received."


def report(images: Sequence[Dataset]) -> FileDataset:
    """A report about images of one study."""
    now = datetime.datetime.now()
    first = images[0]
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = BasicTextSRStorage
    uids = sorted(one.SOPInstanceUID for one in images)
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=[*uids, "report"])
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    result = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    result.SpecificCharacterSet = "ISO_IR 192"
    for keyword in KEPT:
        # Those of type 2 are there even where nobody knows them.
        setattr(result, keyword, first[keyword].value if keyword in first else None)
    result.SOPClassUID = meta.MediaStorageSOPClassUID
    result.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    result.SeriesInstanceUID = generate_uid(entropy_srcs=[first.StudyInstanceUID, "report"])
    result.Modality = "SR"
    result.Manufacturer = "Example"
    result.SeriesDescription = "Report of the example service"
    result.SeriesNumber = 9002
    result.InstanceNumber = 1
    result.ReferencedPerformedProcedureStepSequence = []
    result.PerformedProcedureCodeSequence = []
    result.ContentDate, result.ContentTime = now.strftime("%Y%m%d"), now.strftime("%H%M%S")
    result.CompletionFlag = "COMPLETE"
    result.VerificationFlag = "UNVERIFIED"
    result.CurrentRequestedProcedureEvidenceSequence = [evidence(images)]
    result.ValueType = "CONTAINER"
    result.ContinuityOfContent = "SEPARATE"
    result.ConceptNameCodeSequence = [code("18748-4", "LN", "Diagnostic imaging report")]
    result.ContentSequence = [text(findings(images)), *(picture(one) for one in images if "Rows" in one)]
    return result


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """A coded concept (PS3.3, 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def text(value: str) -> Dataset:
    """A finding in words."""
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "TEXT"
    item.ConceptNameCodeSequence = [code("121071", "DCM", "Finding")]
    item.TextValue = value
    return item


def reference(image: Dataset) -> Dataset:
    """An image by its UIDs."""
    item = Dataset()
    item.ReferencedSOPClassUID = image.SOPClassUID
    item.ReferencedSOPInstanceUID = image.SOPInstanceUID
    return item


def picture(image: Dataset) -> Dataset:
    """An image that the report is about."""
    item = Dataset()
    item.RelationshipType = "CONTAINS"
    item.ValueType = "IMAGE"
    item.ConceptNameCodeSequence = [code("121080", "DCM", "Best illustration of finding")]
    item.ReferencedSOPSequence = [reference(image)]
    return item


def evidence(images: Sequence[Dataset]) -> Dataset:
    """All images that the report was made of, by series (PS3.3, C.17.2)."""
    study = Dataset()
    study.StudyInstanceUID = images[0].StudyInstanceUID
    study.ReferencedSeriesSequence = []
    for uid in sorted({one.SeriesInstanceUID for one in images}):
        series = Dataset()
        series.SeriesInstanceUID = uid
        series.ReferencedSOPSequence = [reference(one) for one in images if one.SeriesInstanceUID == uid]
        study.ReferencedSeriesSequence.append(series)
    return study


def file_bytes(result: FileDataset) -> bytes:
    """A result as a DICOM file."""
    file = io.BytesIO()
    result.save_as(file, enforce_file_format=True)
    return file.getvalue()


def received(content_type: str, body: bytes) -> Iterator[Dataset]:
    """The images of a request, without their pixels."""
    if content_type == "application/zip":
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            files = [archive.read(name) for name in archive.namelist()]
    else:
        message = email.message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
        parts = [part.get_payload(decode=True) for part in message.walk()]
        files = [part for part in parts if isinstance(part, bytes)]
    for file in files:
        yield dcmread(io.BytesIO(file), stop_before_pixels=True)


class Orthanc:
    """Where results are stored by a service that answers later."""

    def __init__(self, url: str, user: str, password: str) -> None:
        self._url = url.rstrip("/")
        self._login = base64.b64encode(f"{user}:{password}".encode()).decode()

    def store(self, file: bytes) -> str:
        """Store a DICOM file; Orthanc's identifier."""
        return str(self._post(f"{self._url}/instances", file)["ID"])

    def call_back(self, address: str, said: dict[str, object]) -> None:
        """Say what came of a request. 503 means that the router is not so far: again in a second."""
        while True:
            try:
                self._post(address, json.dumps(said).encode())
                return
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
                time.sleep(1)

    def _post(self, address: str, body: bytes) -> dict[str, object]:
        request = urllib.request.Request(address, body, {"Authorization": f"Basic {self._login}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            content: dict[str, object] = json.load(answer)
            return content


class Handler(BaseHTTPRequestHandler):
    """Answers the router."""

    #: None where the service answers at once.
    orthanc: Orthanc | None = None

    def do_POST(self) -> None:
        """Images come in, and a report goes out: now, or later."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        content_type, address = self.headers["Content-Type"], self.headers["X-Router-Callback"]
        if self.orthanc is not None:
            if not address:
                self.send_error(400, "No X-Router-Callback: set Router.PublicUrl")
                return
            threading.Thread(target=later, args=(self.orthanc, address, content_type, body)).start()
            self.send_response(202)
            self.end_headers()
            return
        try:
            answer = file_bytes(report(list(received(content_type, body))))
        except Exception as error:  # noqa: BLE001 - whatever it is, the router is to know
            self.send_error(422, f"This cannot be reported on ({type(error).__name__})")
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/dicom")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def later(orthanc: Orthanc, address: str, content_type: str, body: bytes) -> None:
    """Make the report, store it, and say so."""
    try:
        result = orthanc.store(file_bytes(report(list(received(content_type, body)))))
    except Exception as error:  # noqa: BLE001 - whatever it is, the router is to know
        orthanc.call_back(address, {"status": "failed", "message": f"{type(error).__name__}: {error}"})
    else:
        orthanc.call_back(address, {"status": "done", "instances": [result]})


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Gives back a report about images.")
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default: this machine alone)")
    parser.add_argument("--port", type=int, default=8092)
    parser.add_argument("--later", action="store_true", help="answer at once, and call back")
    parser.add_argument("--orthanc", default="http://127.0.0.1:8042", help="where to store what comes later")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    arguments = parser.parse_args()
    if arguments.later:
        Handler.orthanc = Orthanc(arguments.orthanc, arguments.user, arguments.password)
    with ThreadingHTTPServer((arguments.host, arguments.port), Handler) as server:
        print(f"Listening on http://{arguments.host}:{server.server_port}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("Ended.")


if __name__ == "__main__":
    main()
