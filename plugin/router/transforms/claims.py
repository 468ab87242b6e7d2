# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that a de-identified image makes about itself, kept true (PS3.15, E.1.1; PS3.3, C.7.1.1 and
C.12.1)."""

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Final

from pydicom import DataElement, Dataset
from pydicom.charset import default_encoding
from pydicom.datadict import keyword_for_tag
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_sequence
from pydicom.sequence import Sequence as DicomSequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import BaseTag

from router.documents.transform import Anonymization
from router.transforms.confidentiality_profile import rows
from router.transforms.dummies import code_item
from router.transforms.elements import encoded_element, text_element
from router.transforms.paths import vr_of

_IDENTITY_REMOVED: Final = BaseTag(0x0012_0062)
_METHOD: Final = BaseTag(0x0012_0063)
_METHOD_CODES: Final = BaseTag(0x0012_0064)
_TIMES_MODIFIED: Final = BaseTag(0x0028_0303)
_SHOWN: Final = (0x0028_0301, 0x0028_0302)
_ENCAPSULATED_DOCUMENT: Final = 0x0042_0011
_LONGEST_LO: Final = 64
_TEXTS: Final = frozenset({"AE", "DA", "LO", "LT", "PN", "SH", "ST", "UC", "UT"})
_KEPT: Final = "Kept: "
_WORD: Final = re.compile(r"\w\w+")

#: Codes of PS3.16, CID 7050, by the names of options.
_METHODS: Final[Sequence[tuple[str, Code]]] = (
    ("retain_uids", codes.cid7050.RetainUidsOption),
    ("retain_device_identity", codes.cid7050.RetainDeviceIdentityOption),
    ("retain_institution_identity", codes.cid7050.RetainInstitutionIdentityOption),
    ("retain_patient_characteristics", codes.cid7050.RetainPatientCharacteristicsOption),
    ("retain_dates", codes.cid7050.RetainLongitudinalTemporalInformationFullDatesOption),
    ("clean_graphics", codes.cid7050.CleanGraphicsOption),
    ("clean_structured_content", codes.cid7050.CleanStructuredContentOption),
    ("clean_descriptors", codes.cid7050.CleanDescriptorsOption),
    ("retain_private", codes.cid7050.RetainSafePrivateOption),
    ("retain_safe_private", codes.cid7050.RetainSafePrivateOption),
)


_PROFILE: Final = codes.cid7050.BasicApplicationConfidentialityProfile
_MODIFIED_DATES: Final = codes.cid7050.RetainLongitudinalTemporalInformationModifiedDatesOption


def identifies(tag: int) -> bool:
    """Whether an attribute identifies a person whatever its value: no option of E.3 keeps or cleans it."""
    row = rows().get(tag)
    return row is not None and not row.options


def identities(dataset: Dataset) -> frozenset[str]:
    """The words, in lower case, of all texts at the top level that identify a person."""
    found = filter(identifies, dataset.keys())
    texts = (str(dataset[tag].value or "") for tag in found if vr_of(dataset, tag) in _TEXTS)
    return frozenset(word for text in texts for word in _words(text))


def tells(texts: Iterable[str], known: Collection[str]) -> bool:
    """Whether texts contain one of these words."""
    return any(word in known for text in texts for word in _words(text))


def record(dataset: Dataset, options: Anonymization, shifted: bool, kept: Collection[int]) -> None:
    """Record what was done. `kept` are the attributes that `keep` left although the profile changes them.

    The profile's code is recorded where the profile was followed. An option's code is also recorded where
    `keep` left what the option leaves.
    """
    against = [row for tag in kept if (row := rows().get(tag)) is not None]
    is_removed = not any(identifies(tag) for tag in kept) or _is_anonymous(dataset)
    used = {name for name, _ in _METHODS if getattr(options, name)}
    used |= {name for row in against for name, action in row.options.items() if action == "K"}
    methods = [_PROFILE] if is_removed else []
    methods += dict.fromkeys(code for name, code in _METHODS if name in used)
    if shifted:
        methods.append(_MODIFIED_DATES)
    if _ENCAPSULATED_DOCUMENT in dataset and _ENCAPSULATED_DOCUMENT not in kept:
        dataset.BurnedInAnnotation = "NO"  # a blank document has replaced it
    add_methods(dataset, methods, [_KEPT + keyword_for_tag(tag) for tag in sorted(kept)])
    is_removed = is_removed and not _is_shown(dataset)
    dataset[_IDENTITY_REMOVED] = text_element(_IDENTITY_REMOVED, "CS", "YES" if is_removed else "NO")
    changed = "MODIFIED" if shifted else "REMOVED"
    told = "UNMODIFIED" if "retain_dates" in used else changed
    dataset[_TIMES_MODIFIED] = text_element(_TIMES_MODIFIED, "CS", told)


def deny(dataset: Dataset) -> None:
    """Record that the identity is not removed: a template has put it in again."""
    dataset.PatientIdentityRemoved = "NO"


def add_methods(dataset: Dataset, methods: Sequence[Code], texts: Sequence[str] = ()) -> None:
    """Add methods of de-identification to those that are recorded already."""
    known = list(dataset[_METHOD_CODES].value or ()) if _METHOD_CODES in dataset else []
    before = dataset[_METHOD].value if _METHOD in dataset else None
    named = [str(item.get("CodeMeaning", "")) for item in known]
    if known:
        values = {str(item.get("CodeValue", "")) for item in known}
        methods = [method for method in methods if method.value not in values]
        known += map(code_item, methods)
        dataset.DeidentificationMethodCodeSequence = DicomSequence(known)
    elif methods:
        is_implicit, is_little = dataset.original_encoding
        value = _items(tuple(methods), bool(is_implicit), is_little is not False)
        dataset[_METHOD_CODES] = encoded_element(_METHOD_CODES, "SQ", value, dataset)
    named += [method.meaning for method in methods]
    kept = [one for one in ([before] if isinstance(before, str) else before or ()) if one.startswith(_KEPT)]
    told = list(dict.fromkeys(one[:_LONGEST_LO] for one in (*named, *kept, *texts)))
    if "".join(told).isascii():
        dataset[_METHOD] = text_element(_METHOD, "LO", told)
    else:
        dataset.DeidentificationMethod = told


@lru_cache(maxsize=100)
def _items(methods: Sequence[Code], is_implicit: bool, is_little: bool) -> bytes:
    """The encoded items of a sequence of codes."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = is_implicit, is_little
    items = DicomSequence(map(code_item, methods))
    write_sequence(buffer, DataElement(_METHOD_CODES, "SQ", items), [default_encoding])
    return buffer.getvalue()


def _is_anonymous(dataset: Dataset) -> bool:
    """Whether it was de-identified on arrival, so that its name identifies nobody."""
    return str(dataset.get("PatientIdentityRemoved") or "") == "YES"


def _is_shown(dataset: Dataset) -> bool:
    """Whether the pixels show the patient's identity (PS3.3, C.7.6.1.1 and C.12.1)."""
    return any(tag in dataset and str(dataset[tag].value or "") == "YES" for tag in _SHOWN)


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text.casefold())
