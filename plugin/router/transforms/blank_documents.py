# SPDX-License-Identifier: GPL-3.0-or-later
"""Empty documents that replace encapsulated ones (PS3.3, C.24.2)."""

from collections.abc import Callable

from router.transforms.untransformable import Untransformable


def blank_document(mime_type: str) -> bytes:
    """A valid empty document of the type, of even length. Raises Untransformable for an unsupported type."""
    make = _BLANK.get(mime_type.lower())
    if make is None:
        raise Untransformable("Its document is of a type for which there is no blank one to replace it")
    document = make()
    return document if len(document) % 2 == 0 else document + b"\n"


def _pdf() -> bytes:
    """One empty page of A4 (ISO 32000-1, 7.5)."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
    )
    made = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + table + trailer


def _stl() -> bytes:
    """The binary form, without triangles: a header of 80 bytes and their number."""
    return bytes(84)


_BLANK: dict[str, Callable[[], bytes]] = {
    "application/pdf": _pdf,
    "model/stl": _stl,
    # A comment alone is a valid file of both types.
    "model/obj": lambda: b"# blank\n",
    "model/mtl": lambda: b"# blank\n",
}
