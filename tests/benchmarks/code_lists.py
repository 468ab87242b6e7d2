# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list of codes costs an image, and an import.

    .venv/tests/bin/python tests/benchmarks/code_lists.py [--codes N] [--runs N]

De-identifies a CT of 512 x 512 pixels in turn for a project with a list and for one without, each image as a
batch of its own, which looks for a newer list in the store. The ratio is that of the medians of processor
time.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "plugin"))

from benchmarks.measuring import Row, table
from benchmarks.transforms import ct
from router.administration.code_list_reading import read_code_list
from router.documents.code_list import CodeListRevision
from router.documents.transform import Transform
from router.secrets import Vault
from router.store import open_store
from router.transforms import Transforms

_IMAGES_A_RUN = 40


def compare(codes: int, runs: int, folder: Path) -> None:
    """Measure both in turn, and print a table."""
    store = open_store(None, "", folder)
    transforms = Transforms(store, Vault(folder / "secret.key"))
    begin = time.monotonic()
    rows = "".join(f"PATIENT-{number:07};TRIAL-{number:07}\n" for number in range(codes))
    read, _ = read_code_list(f"patient_id;code\n{rows}")
    about = CodeListRevision(
        revision=1,
        codes=codes,
        on_miss="derive",
        comment="",
        updated_at=datetime.now(UTC),
        updated_by="",
    )
    transforms.lists.save("With", about, read)
    imported = time.monotonic() - begin
    sides = [Transform(anonymize=True, project=project) for project in ("With", "Without")]
    begin = time.monotonic()
    transforms.of(sides[0])
    print(f"{codes:,} codes: {imported:.2f} s to import, {time.monotonic() - begin:.2f} s to read once")
    file = ct(folder).read_bytes()
    measured: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for side, found in zip(sides, measured, strict=True):
            begin = time.process_time()
            for _ in range(_IMAGES_A_RUN):
                transforms.of(side).change(file)
            found.append((time.process_time() - begin) / _IMAGES_A_RUN)
    print(table([Row("anonymize, with a list and without, one image", *measured, bound=None, unit="ms")]))
    store.close()


def main() -> None:
    """Parse what is asked for, and compare."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--codes", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(asked.codes, asked.runs, Path(folder))


if __name__ == "__main__":
    main()
