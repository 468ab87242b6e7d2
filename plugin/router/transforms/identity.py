"""Taking away or replacing what identifies: by profile, UIDs, dates, private tags; at every level."""

from collections.abc import Sequence

from pydicom import DataElement, Dataset, config
from pydicom._dicom_dict import DicomDictionary
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag, Tag

from router.documents.transform import Transform
from router.rules.tag_path import Step
from router.transforms.claims import identities, record
from router.transforms.confidentiality_profile import (
    CLEANED_TEXTS,
    ConfidentialityProfile,
    Fate,
    regenerated,
)
from router.transforms.dates import NotMovable, has_letters, is_time, moved
from router.transforms.descriptors import cleaned
from router.transforms.dummies import NEEDED, TEXT, dummy, empty, put_dummy, replaced_uids
from router.transforms.paths import Named, vr_of
from router.transforms.private_attributes import SafeAttributes, is_used
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.structured_content import CONTENT, fate_of_text, is_left_out
from router.transforms.untransformable import Untransformable

_PATIENT_NAME = 0x0010_0010
_PATIENT_ID = Tag(0x0010_0020)
_TEXT_VALUE = 0x0040_A160

#: VRs whose values say nothing of a person, as far as a private attribute that nobody has described can tell.
_MEASURED = frozenset({"AT", "CS", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
_DATES = frozenset({"DA", "DT"})
_MOMENTS = _DATES | {"TM"}


class IdentityChange:
    """What `anonymize`, `uids`, `date_shift`, `remove_private` and `keep` do to a data set."""

    def __init__(
        self,
        transform: Transform,
        kept: Sequence[Sequence[Step]],
        retained: Sequence[Sequence[Step]],
        pseudonyms: Pseudonyms,
    ) -> None:
        """`kept` are the paths of `keep`, `retained` those of `retain_private`."""
        self._options = transform.profile
        shifts = transform.date_shift is not None
        self._profile = ConfidentialityProfile(self._options, shifts) if self._options else None
        self._regenerates = transform.uids == "regenerate"
        self._remove_private = transform.remove_private or self._options is not None
        self._most_days = transform.date_shift
        self._kept = Named(kept)
        self._retained = Named(retained)
        self._pseudonyms = pseudonyms
        self.is_any = bool(self._options or self._regenerates or self._remove_private or shifts)

    def apply(self, dataset: Dataset) -> None:
        """Change the data set. Raises Untransformable."""
        walk = _Pass(self, dataset)
        walk.level(dataset, self._kept, self._retained)
        if self._options is not None:
            if _PATIENT_ID not in dataset and "StudyInstanceUID" in dataset:
                dataset.PatientID = walk.pseudonym
            record(dataset, self._options, self._most_days is not None, walk.kept)


class _Pass:
    """One walk through one data set."""

    def __init__(self, change: IdentityChange, dataset: Dataset) -> None:
        self._profile = change._profile
        self._options = change._options
        self._retains_dates = self._options is not None and self._options.retain_dates
        self._regenerates = change._regenerates
        self._remove_private = change._remove_private
        safe = change._options is not None and change._options.retain_safe_private
        #: Whether all private attributes go but those that a path names.
        self._removes_private = change._remove_private and not safe
        self._uid = change._pseudonyms.uid
        patient, study = (str(dataset.get(name) or "") for name in ("PatientID", "StudyInstanceUID"))
        #: A patient without an identifier is at least the same one within a study.
        self.pseudonym = (
            change._pseudonyms.pseudonym(patient, _issuer(dataset))
            or change._pseudonyms.pseudonym_of_study(study)
            or TEXT
        )
        self._safe = SafeAttributes(dataset)
        #: Words of names in the image.
        self._names = (
            identities(dataset) if self._options and self._options.clean_descriptors else frozenset[str]()
        )
        self._days = (
            None
            if change._most_days is None
            else change._pseudonyms.days(patient or study, change._most_days)
        )
        #: Attributes with a value that `keep` has left against the profile.
        self.kept: set[int] = set()

    def level(
        self,
        level: Dataset,
        kept: Named,
        retained: Named,
        around: Fate = Fate.KEEP,
        in_private: bool = False,
    ) -> None:
        """One level.

        `around` is what becomes of the sequence that this is an item of, and so of all in it that is not
        named by a path. `in_private`: the sequence is private, and stays.
        """
        # The creators of private blocks go last: without them nobody knows what the block held.
        is_plain = around is Fate.KEEP and not kept and not retained
        for tag, element in sorted(level.items(), key=_order):
            if is_plain and element.VR != "SQ" and self._leaves(int(tag)):
                continue
            if is_plain and not in_private and self._removes_private and _is_private_data(int(tag)):
                del level[tag]
                continue
            vr = vr_of(level, tag)
            mine, safe = kept.at(level, tag), retained.at(level, tag)
            fate = self._fate(level, tag, vr, safe, around, in_private)
            if vr == "SQ":
                self._sequence(level, tag, mine, safe, fate)
            elif mine.is_whole:
                self._note_kept(level, tag)
            elif mine.places:
                self._change_others(level, tag, vr, mine.places, fate)
            else:
                self._change(level, tag, vr, fate)

    def _leaves(self, tag: int) -> bool:
        """Whether an attribute stays whatever its value: told quickly, because most do."""
        return self._profile is not None and not self._regenerates and self._profile.leaves(tag)

    def _sequence(self, level: Dataset, tag: BaseTag, kept: Named, retained: Named, fate: Fate) -> None:
        """A sequence: what stays of it is cleaned all the same (PS3.15, E.1.1, K). Items in which something
        is named stay, and with them what their attributes become where the whole sequence is not kept."""
        items = level[tag].value
        if not isinstance(items, DicomSequence):
            items = DicomSequence()
        if fate is Fate.CLEAN and tag in CONTENT and self._options is not None:
            options = self._options
            items[:] = [item for item in items if kept or not is_left_out(item, options)]
        is_whole = kept.is_whole or retained.is_whole or fate in {Fate.KEEP, Fate.CLEAN}
        places = kept.places | retained.places
        inner = [(kept.inside(index), retained.inside(index)) for index in range(len(items))]
        if not is_whole and not any(
            index in places or any(named.reaches(item) for named in inner[index])
            for index, item in enumerate(items)
        ):
            self._change(level, tag, "SQ", fate)
            return
        for index, item in enumerate(items):
            around = Fate.KEEP if is_whole or index in places else fate
            if around is Fate.DUMMY and not any(named.reaches(item) for named in inner[index]):
                alone = dummy(DataElement(tag, "SQ", DicomSequence([item])), self._uid)
                items[index] = alone.value[0]
            else:
                self.level(item, *inner[index], around, tag.is_private)

    def _fate(
        self, level: Dataset, tag: BaseTag, vr: str, retained: Named, around: Fate, in_private: bool
    ) -> Fate:
        if tag.is_private:
            if around is not Fate.KEEP and not (retained or tag.is_private_creator):
                return Fate.REMOVE
            return self._fate_of_private(level, tag, vr, retained, in_private)
        if around in {Fate.REMOVE, Fate.EMPTY}:
            return Fate.REMOVE
        fate = self._profile.fate(tag) if self._profile else Fate.KEEP
        if tag == _TEXT_VALUE and self._options is not None and self._options.clean_structured_content:
            fate = fate_of_text(level, self._options)
        if fate is Fate.KEEP and self._regenerates and tag in regenerated():
            return Fate.UID
        if self._profile is None and self._days is not None and _holds_date(tag, vr):
            return Fate.SHIFT
        if around is Fate.DUMMY and fate in {Fate.KEEP, Fate.CLEAN, Fate.EMPTY, Fate.SHIFT}:
            return Fate.KEEP if vr == "CS" else Fate.DUMMY
        return fate

    def _fate_of_private(
        self, level: Dataset, tag: BaseTag, vr: str, retained: Named, in_private: bool
    ) -> Fate:
        """A private attribute. One that stays is cleaned like all others; in a private sequence that stays,
        what may be a name or a text goes, since nobody has said of it that it is safe."""
        is_named = retained.is_whole
        if tag.is_private_creator:
            return Fate.KEEP if not self._remove_private or is_used(level, tag) else Fate.REMOVE
        if self._remove_private and not is_named and not in_private:
            safe = self._options is not None and self._options.retain_safe_private
            if not (safe and (level, tag) in self._safe):
                return Fate.REMOVE
        if vr == "UI":
            retains = self._options is None or self._options.retain_uids
            return Fate.KEEP if retains and not self._regenerates else Fate.UID
        if vr in _DATES and self._days is not None:
            return Fate.SHIFT
        if not in_private or is_named or self._options is None or vr == "SQ" or vr in _MEASURED:
            return Fate.KEEP
        if vr in _MOMENTS:
            is_kept = self._options.retain_dates or self._days is not None
            return Fate.KEEP if is_kept else Fate.REMOVE
        removes = vr == "PN" or self._options.unknown_and_free_text == "remove"
        return Fate.REMOVE if removes else Fate.KEEP

    def _note_kept(self, level: Dataset, tag: BaseTag) -> None:
        if self._profile is None or tag.is_private or level[tag].is_empty:
            return
        if self._profile.fate(tag) is not Fate.KEEP:
            self.kept.add(int(tag))

    def _change_others(
        self, level: Dataset, tag: BaseTag, vr: str, places: frozenset[int], fate: Fate
    ) -> None:
        """Change the values of an attribute but for those at some places."""
        values = _values(level[tag].value)
        staying: list[object] = []
        for index, value in enumerate(values):
            if index in places:
                staying.append(value)
                continue
            alone = Dataset()
            alone[tag] = DataElement(tag, vr, value, validation_mode=config.IGNORE)
            self._change(alone, tag, vr, fate)
            if tag in alone and not alone[tag].is_empty:
                staying += _values(alone[tag].value)
        if not any(place < len(values) for place in places):
            self._change(level, tag, vr, fate)
            return
        level[tag] = DataElement(tag, vr, staying, validation_mode=config.IGNORE)
        self._note_kept(level, tag)

    def _change(self, level: Dataset, tag: BaseTag, vr: str, fate: Fate) -> None:
        match fate:
            case Fate.KEEP if vr in _MOMENTS and self._retains_dates:
                if any(has_letters(str(value)) for value in _values(level[tag].value)):
                    self._drop_date(level, tag, vr)
            case Fate.KEEP:
                pass
            case Fate.CLEAN:
                self._clean(level, tag, vr)
            case Fate.REMOVE if tag in NEEDED:
                put_dummy(level, tag, vr, self._uid)
            case Fate.REMOVE:
                del level[tag]
            case Fate.UID:
                level[tag] = DataElement(tag, "UI", replaced_uids(_text(level[tag].value), self._uid))
            case Fate.SHIFT:
                self._shift(level, tag, vr)
            case Fate.EMPTY if tag == _PATIENT_NAME:
                level[tag] = DataElement(tag, "PN", self.pseudonym)
            case Fate.EMPTY:
                level[tag] = empty(tag, vr)
            case Fate.DUMMY if tag == _PATIENT_ID:
                level[tag] = DataElement(tag, "LO", self.pseudonym)
            case Fate.DUMMY:
                put_dummy(level, tag, vr, self._uid)

    def _clean(self, level: Dataset, tag: BaseTag, vr: str) -> None:
        """A text that keeps what is known to be harmless; a sequence has been cleaned already."""
        if vr == "SQ":
            return
        texts: list[str] = []
        if vr in CLEANED_TEXTS:
            texts = [cleaned(str(value), self._names) for value in _values(level[tag].value)]
        if any(texts):
            value = texts if len(texts) > 1 else texts[0]
            level[tag] = DataElement(tag, vr, value)
        elif not level[tag].is_empty:
            assert self._profile is not None
            self._change(level, tag, vr, self._profile.fate_of_uncleaned(tag))

    def _shift(self, level: Dataset, tag: BaseTag, vr: str) -> None:
        assert self._days is not None
        texts = [str(text or "") for text in _values(_text(level[tag].value))]
        try:
            if not _holds_date(tag, vr):
                # A time of day stays the same, whatever the day.
                if not all(is_time(text) for text in texts):
                    raise NotMovable
                return
            shifted = [moved(text, self._days) for text in texts]
        except NotMovable:
            self._drop_date(level, tag, vr)
            return
        # Unchecked: it is written as it came, be that as old as ACR-NEMA.
        value = shifted if len(shifted) > 1 else "".join(shifted)
        level[tag] = DataElement(tag, vr, value, validation_mode=config.IGNORE)

    def _drop_date(self, level: Dataset, tag: BaseTag, vr: str) -> None:
        """What should be a date, and is none or more than one."""
        if tag.is_private:
            level[tag] = empty(tag, vr)
        elif self._profile is not None:
            level[tag] = dummy(DataElement(tag, vr, None), self._uid)
        else:
            raise Untransformable(f"{level[tag].name} is no date, so that it cannot be moved")


def _is_private_data(tag: int) -> bool:
    """Whether it is a private attribute, and reserves no block (PS3.5, 7.8.1)."""
    return bool(tag >> 16 & 1) and tag & 0xFFFF > 0xFF


def _order(element: tuple[BaseTag, object]) -> int:
    """Sorts by tag, with the creators of private blocks behind all others."""
    number = int(element[0])
    is_creator = number >> 16 & 1 and 0x10 <= number & 0xFFFF <= 0xFF
    return number | 1 << 32 if is_creator else number


def _issuer(dataset: Dataset) -> str:
    """Who has given the patient the identifier (PS3.3, C.7.1.1): a name, or else a universal identifier."""
    named = str(dataset.get("IssuerOfPatientID") or "").strip()
    qualifiers = dataset.get("IssuerOfPatientIDQualifiersSequence") or DicomSequence()
    return named or next((str(item.get("UniversalEntityID") or "").strip() for item in qualifiers), "")


def _holds_date(tag: BaseTag, vr: str) -> bool:
    """Whether an attribute holds dates, whatever VR it is encoded in."""
    return vr in _DATES or (tag in DicomDictionary and DicomDictionary[tag][0] in _DATES)


def _values(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _text(value: object) -> object:
    """The text of a value that was encoded as bytes."""
    return value.decode("ascii", "replace").split("\\") if isinstance(value, bytes) else value
