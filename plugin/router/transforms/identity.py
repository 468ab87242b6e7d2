"""Taking away or replacing what identifies: by profile, UIDs, dates, private tags; at every level."""

from collections.abc import Sequence

from pydicom import DataElement, Dataset, config
from pydicom.sequence import Sequence as DicomSequence
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code
from pydicom.tag import BaseTag

from router.documents.transform import Anonymization, Transform
from router.rules.tag_path import Step
from router.transforms.confidentiality_profile import ConfidentialityProfile, Fate, regenerated
from router.transforms.dates import NotMovable, moved
from router.transforms.dummies import NEEDED, TEXT, code_item, dummy, empty, put_dummy, replaced_uids
from router.transforms.paths import Kept, vr_of
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.untransformable import Untransformable

_PATIENT_NAME = 0x0010_0010
_PATIENT_ID = 0x0010_0020
_TIMES = frozenset({"TM", "DA", "DT"})

_OF_FILE = (
    "SourceApplicationEntityTitle",
    "SendingApplicationEntityTitle",
    "ReceivingApplicationEntityTitle",
    "SourcePresentationAddress",
    "SendingPresentationAddress",
    "ReceivingPresentationAddress",
    "PrivateInformationCreatorUID",
    "PrivateInformation",
)

#: PS3.16, CID 7050.
_METHODS: Sequence[tuple[str, Code]] = (
    ("retain_uids", codes.cid7050.RetainUidsOption),
    ("retain_device_identity", codes.cid7050.RetainDeviceIdentityOption),
    ("retain_institution_identity", codes.cid7050.RetainInstitutionIdentityOption),
    ("retain_patient_characteristics", codes.cid7050.RetainPatientCharacteristicsOption),
    ("retain_dates", codes.cid7050.RetainLongitudinalTemporalInformationFullDatesOption),
    ("retain_private", codes.cid7050.RetainSafePrivateOption),
)


class IdentityChange:
    """What `anonymize`, `uids`, `date_shift`, `remove_private` and `keep` do to a data set."""

    def __init__(self, transform: Transform, kept: Sequence[Sequence[Step]], pseudonyms: Pseudonyms) -> None:
        """`kept` are the paths of `keep` and `retain_private`."""
        self._options = transform.profile
        self._profile = (
            ConfidentialityProfile(self._options, transform.date_shift is not None) if self._options else None
        )
        self._regenerates = transform.uids == "regenerate"
        self._remove_private = transform.remove_private or self._options is not None
        self._most_days = transform.date_shift
        self._kept = Kept(kept)
        self._pseudonyms = pseudonyms
        self.is_any = bool(
            self._options or self._regenerates or self._remove_private or self._most_days is not None
        )

    def apply(self, dataset: Dataset) -> None:
        """Change the data set. Raises Untransformable."""
        patient = str(dataset.get("PatientID") or "")
        _Pass(self, patient, str(dataset.get("StudyInstanceUID") or "")).level(dataset, self._kept, False)
        if self._options is not None:
            _record(dataset, self._options, self._most_days is not None)


class _Pass:
    """One walk through one data set."""

    def __init__(self, change: IdentityChange, patient: str, study: str) -> None:
        self._profile = change._profile
        self._regenerates = change._regenerates
        self._remove_private = change._remove_private
        self._uid = change._pseudonyms.uid
        self._pseudonym = change._pseudonyms.pseudonym(patient) or TEXT
        #: A patient without an identifier has at least dates that agree within the study.
        self._days = (
            None
            if change._most_days is None
            else change._pseudonyms.days(patient or study, change._most_days)
        )

    def level(self, level: Dataset, kept: Kept, removing: bool) -> None:
        """One level; `removing` inside a sequence that would be gone, were nothing in it kept."""
        # The creators of private blocks go last: without them nobody knows what the block held.
        for tag in sorted(level.keys(), key=lambda tag: (tag.is_private_creator, tag)):
            if kept and kept.wholly(level, tag):
                continue
            fate = Fate.REMOVE if removing else self._fate(level, tag)
            is_sequence = vr_of(level, tag) == "SQ"
            inside = self._inside(level, tag, kept) if is_sequence and kept else []
            if any(inside):
                for item, kept_inside in zip(level[tag].value, inside, strict=True):
                    self.level(item, kept_inside, fate is Fate.REMOVE)
                continue
            self._change(level, tag, fate)
            if is_sequence and tag in level and fate is Fate.KEEP:
                for item in level[tag].value or ():
                    self.level(item, Kept(()), False)

    def _inside(self, level: Dataset, tag: BaseTag, kept: Kept) -> list[Kept]:
        items = level[tag].value
        if not isinstance(items, DicomSequence):
            return []
        return [kept.within(level, tag, index) for index in range(len(items))]

    def _fate(self, level: Dataset, tag: BaseTag) -> Fate:
        if tag.is_private:
            return Fate.REMOVE if self._remove_private else Fate.KEEP
        fate = self._profile.fate(tag) if self._profile else Fate.KEEP
        if fate is Fate.KEEP and self._regenerates and tag in regenerated():
            return Fate.UID
        if self._profile is None and self._days is not None and vr_of(level, tag) in {"DA", "DT"}:
            return Fate.SHIFT
        return fate

    def _change(self, level: Dataset, tag: BaseTag, fate: Fate) -> None:
        match fate:
            case Fate.KEEP:
                pass
            case Fate.REMOVE if tag in NEEDED:
                put_dummy(level, tag, vr_of(level, tag), self._uid)
            case Fate.REMOVE:
                del level[tag]
            case Fate.UID:
                level[tag] = DataElement(tag, "UI", replaced_uids(level[tag].value, self._uid))
            case Fate.SHIFT:
                self._shift(level, tag)
            case Fate.EMPTY if tag == _PATIENT_NAME:
                level[tag] = DataElement(tag, "PN", self._pseudonym)
            case Fate.EMPTY:
                level[tag] = empty(tag, vr_of(level, tag))
            case Fate.DUMMY if tag == _PATIENT_ID:
                level[tag] = DataElement(tag, "LO", self._pseudonym)
            case Fate.DUMMY:
                put_dummy(level, tag, vr_of(level, tag), self._uid)

    def _shift(self, level: Dataset, tag: BaseTag) -> None:
        vr = vr_of(level, tag)
        if vr not in {"DA", "DT"}:  # a time of day stays the same, whatever the day
            return
        assert self._days is not None
        value = level[tag].value
        texts = [value] if value is None or isinstance(value, str) else list(value)
        try:
            shifted = [moved(str(text or ""), self._days) for text in texts]
        except NotMovable:
            if self._profile is None:
                name = level[tag].name
                raise Untransformable(f"{name} is no whole date, so that it cannot be moved") from None
            level[tag] = dummy(DataElement(tag, vr, None), self._uid)
            return
        # Unchecked: it is written as it came, be that as old as ACR-NEMA.
        level[tag] = DataElement(
            tag, vr, shifted if len(shifted) > 1 else shifted[0], validation_mode=config.IGNORE
        )


def _record(dataset: Dataset, options: Anonymization, shifted: bool) -> None:
    """What has been done, as PS3.15, E.1.1 asks for it."""
    methods = [codes.cid7050.BasicApplicationConfidentialityProfile]
    methods += [code for name, code in _METHODS if getattr(options, name)]
    if shifted:
        methods.append(codes.cid7050.RetainLongitudinalTemporalInformationModifiedDatesOption)
    dataset.PatientIdentityRemoved = "YES"
    add_methods(dataset, methods)
    removed = "MODIFIED" if shifted else "REMOVED"
    dataset.LongitudinalTemporalInformationModified = "UNMODIFIED" if options.retain_dates else removed
    _clear_file(dataset)


def _clear_file(dataset: Dataset) -> None:
    """What stands around the data set may identify too (PS3.10, 7.1)."""
    if hasattr(dataset, "preamble"):
        dataset.preamble = bytes(128)
    for keyword in _OF_FILE:
        dataset.file_meta.pop(keyword, None)


def add_methods(dataset: Dataset, methods: Sequence[Code]) -> None:
    """Name methods of de-identification beside those that are named already."""
    known = list(dataset.get("DeidentificationMethodCodeSequence") or ())
    values = {str(item.get("CodeValue", "")) for item in known}
    known += [code_item(method) for method in methods if method.value not in values]
    dataset.DeidentificationMethodCodeSequence = DicomSequence(known)
    dataset.DeidentificationMethod = [str(item.get("CodeMeaning", ""))[:64] for item in known]
