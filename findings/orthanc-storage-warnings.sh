#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Orthanc 1.10.1 (Debian 12, orthanc 1.10.1+dfsg-2+deb12u1) as C-STORE SCU: after which warnings it goes on.
#
# Expected: a warning says that the receiver has stored the instance (PS3.4, table B.2-1: status Bxxx; PS3.7, annex
# C.3: 0001H, 0107H and 0116H are of the class Warning as well). What is sent has arrived, and the rest follows.
# Seen: after B000H, B006H and B007H the job goes on and ends with success. After any other status of the class
# Warning (here B123H, 0001H, 0107H, 0116H) it ends with "C-STORE SCU to AET ... has failed with DIMSE status ...":
# what comes after that image is not sent, and the image that the receiver has stored counts as failed.
# Source: Orthanc's answers to /modalities/{id}/store, with a receiver made of pynetdicom; the standard as above.
# Needs Debian 12 with apt-get; nothing is installed on the system.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
needed=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
  --no-enhances orthanc | grep -E '^lib' | grep -vE '^(libc6|libc-bin|libgcc-s1|libstdc\+\+6|libcrypt1):?' | sort -u)
# shellcheck disable=SC2086  # a list
apt-get download orthanc=1.10.1+dfsg-2+deb12u1 $needed >/dev/null 2>&1 ||
  apt-get download orthanc=1.10.1+dfsg-2+deb12u1 >/dev/null
for package in ./*.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pynetdicom==3.0.4 pydicom==3.0.1 numpy==2.2.6
libraries=$(find "$PWD/root/usr/lib" "$PWD/root/lib" -type d 2>/dev/null | paste -sd:)
cat >run.py <<'END'
import atexit
import io
import json
import os
import socket
import subprocess
import time
import urllib.request

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid
from pynetdicom import AE, evt


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def image():
    file = Dataset()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    file.SOPClassUID, file.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    file.StudyInstanceUID, file.SeriesInstanceUID = generate_uid(), generate_uid()
    file.PatientID, file.Modality, file.Rows, file.Columns = "P", "OT", 2, 2
    file.SamplesPerPixel, file.PhotometricInterpretation, file.PixelRepresentation = 1, "MONOCHROME2", 0
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelData = 8, 8, 7, bytes(4)
    buffer = io.BytesIO()
    file.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


http, dicom, node = free_port(), free_port(), free_port()
configuration = {
    "StorageDirectory": "data", "HttpPort": http, "DicomPort": dicom, "RemoteAccessAllowed": False,
    "DicomServerEnabled": False, "DicomModalities": {"node": ["NODE", "127.0.0.1", node]}, "Plugins": [],
}
open("orthanc.json", "w").write(json.dumps(configuration))
server = subprocess.Popen(["root/usr/sbin/Orthanc", "orthanc.json"], stderr=subprocess.DEVNULL, env={
    **os.environ, "LD_LIBRARY_PATH": os.environ["LIBRARIES"], "DCMDICTPATH": os.environ["DICTIONARY"]})
atexit.register(server.kill)


def ask(method, path, body=None):
    request = urllib.request.Request(f"http://127.0.0.1:{http}{path}", body, method=method)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


deadline = time.monotonic() + 30
while True:
    try:
        version = ask("GET", "/system")["Version"]
        break
    except OSError:
        assert time.monotonic() < deadline and server.poll() is None, "Orthanc does not start"
        time.sleep(0.1)
print("Orthanc", version)

status, stored = 0, []
ae = AE("NODE")
ae.add_supported_context(SecondaryCaptureImageStorage, ExplicitVRLittleEndian)


def store(event):
    stored.append(str(event.request.AffectedSOPInstanceUID))
    return status


scp = ae.start_server(("127.0.0.1", node), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
instances = [ask("POST", "/instances", image())["ID"] for _ in range(2)]
seen = {}
for status in (0x0000, 0xB000, 0xB006, 0xB007, 0xB123, 0x0001, 0x0107, 0x0116):
    stored.clear()
    try:
        ask("POST", "/modalities/node/store", json.dumps({"Resources": instances, "Synchronous": True}).encode())
        seen[status] = "success"
    except urllib.error.HTTPError as error:
        seen[status] = "failure"
    print(f"{status:04X}: {seen[status]}, {len(stored)} of 2 sent")
    assert len(stored) == (2 if seen[status] == "success" else 1)
scp.shutdown()
server.terminate()
server.wait()
assert [one for one in seen if seen[one] == "success"] == [0x0000, 0xB000, 0xB006, 0xB007], "it has changed"
END
DICTIONARY=$(find "$PWD/root" -name dicom.dic | head -1) LIBRARIES=$libraries venv/bin/python run.py
