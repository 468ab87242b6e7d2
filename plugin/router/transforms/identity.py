# SPDX-License-Identifier: GPL-3.0-or-later
"""Remove or replace what identifies a person: by profile, UIDs, dates, private tags; at every level."""

from collections.abc import Sequence

from pydicom import DataElement, Dataset
from pydicom.sequence import Sequence as DicomSequence
from pydicom.tag import BaseTag

from router.documents.transform import Transform
from router.rules.tag_path import Step
from router.transforms.changes import Changes
from router.transforms.claims import identities, record
from router.transforms.codes import NamedPatient
from router.transforms.confidentiality_profile import Fate
from router.transforms.dummies import TEXT, dummy
from router.transforms.elements import text_element, text_of
from router.transforms.fates import Fates
from router.transforms.paths import Named, vr_of
from router.transforms.private_attributes import SafeAttributes
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.structured_content import CONTENT, is_left_out

_PATIENT_ID = BaseTag(0x0010_0020)
_STUDY = BaseTag(0x0020_000D)


class IdentityChange:
    """The effect of `anonymize`, `uids`, `date_shift`, `remove_private` and `keep` on a data set."""

    def __init__(
        self,
        transform: Transform,
        kept: Sequence[Sequence[Step]],
        retained: Sequence[Sequence[Step]],
        pseudonyms: Pseudonyms,
    ) -> None:
        """`kept` are the paths of `keep`, `retained` those of `retain_private`."""
        self._transform = transform
        self._options = transform.profile
        self._fates = Fates(transform)
        self._kept = Named(kept)
        self._retained = Named(retained)
        self._pseudonyms = pseudonyms
        shifts = transform.date_shift is not None
        self.is_any = bool(
            self._options or transform.uids == "regenerate" or transform.remove_private or shifts
        )

    def apply(self, dataset: Dataset, patient: NamedPatient) -> None:
        """Change the data set of a patient. Raises Untransformable."""
        study, code = text_of(dataset, _STUDY), patient.code
        # Without an identifier, the patient is at least the same throughout a study.
        pseudonym = patient.own or self._pseudonyms.pseudonym_of_study(study) or TEXT
        name = code.name if code and code.name else pseudonym
        most = self._transform.date_shift
        days = None if most is None else self._pseudonyms.days(patient.identifier or study, most)
        if days is not None and code and code.shift_days is not None:
            days = code.shift_days
        cleans = self._options is not None and self._options.clean_descriptors
        names = identities(dataset) if cleans else frozenset[str]()
        profile = self._fates.profile
        changes = Changes(self._transform, profile, self._pseudonyms, pseudonym, name, days, names)
        walk = _Walk(self._transform, self._fates, changes, SafeAttributes(dataset))
        walk.level(dataset, self._kept, self._retained)
        if self._options is not None:
            if _PATIENT_ID not in dataset and _STUDY in dataset:
                dataset[_PATIENT_ID] = text_element(_PATIENT_ID, "LO", pseudonym)
            record(dataset, self._options, most is not None, walk.kept)


class _Walk:
    """One walk through one data set."""

    def __init__(self, transform: Transform, fates: Fates, changes: Changes, safe: SafeAttributes) -> None:
        self._options = transform.profile
        self._fates = fates
        self._changes = changes
        self._safe = safe
        #: Attributes with a value that `keep` left although the profile changes them.
        self.kept: set[int] = set()

    def level(
        self,
        level: Dataset,
        kept: Named,
        retained: Named,
        around: Fate = Fate.KEEP,
        in_private: bool = False,
    ) -> None:
        """Change one level.

        `around` is the fate of the sequence around the level, and so of all in it that no path names.
        `in_private`: that sequence is private, and stays.
        """
        is_plain = around is Fate.KEEP and not kept and not retained
        removes_private = is_plain and not in_private and self._fates.removes_all_private
        leaves = self._fates.leaves
        # Remove the creators of private blocks last: without them the contents of a block are unknown.
        creators = []
        for tag, element in list(level.items()):
            number = int(tag)
            if number >> 16 & 1:
                if removes_private:
                    del level[tag]
                    continue
                if tag.is_private_creator:
                    creators.append(tag)
                    continue
            elif is_plain and element.VR != "SQ" and leaves(number):
                continue
            self._attribute(level, tag, kept, retained, around, in_private)
        for tag in creators:
            self._attribute(level, tag, kept, retained, around, in_private)

    def _attribute(
        self, level: Dataset, tag: BaseTag, kept: Named, retained: Named, around: Fate, in_private: bool
    ) -> None:
        vr = vr_of(level, tag)
        mine, safe = kept.at(level, tag), retained.at(level, tag)
        fate = self._fates.of(level, tag, vr, safe, self._safe, around, in_private)
        if vr == "SQ":
            self._sequence(level, tag, mine, safe, fate)
        elif mine.is_whole:
            self._note_kept(level, tag)
        elif mine.places:
            if self._changes.others(level, tag, vr, mine.places, fate):
                self._note_kept(level, tag)
        else:
            self._changes.apply(level, tag, vr, fate)

    def _sequence(self, level: Dataset, tag: BaseTag, kept: Named, retained: Named, fate: Fate) -> None:
        """Change a sequence. What stays of it is cleaned nevertheless (PS3.15, E.1.1, K). Items in which a
        path names something stay; unless the whole sequence is kept, their other attributes get its fate."""
        items = level[tag].value
        if not isinstance(items, DicomSequence):
            items = DicomSequence()
        if fate is Fate.CLEAN and tag in CONTENT and self._options is not None:
            options = self._options
            items[:] = [item for item in items if kept or not is_left_out(item, options)]
            if not items:
                self._changes.apply(level, tag, "SQ", Fate.DUMMY)
                return
        is_whole = kept.is_whole or retained.is_whole or fate in {Fate.KEEP, Fate.CLEAN}
        places = kept.places | retained.places
        inner = [(kept.inside(index), retained.inside(index)) for index in range(len(items))]
        if not is_whole and not any(
            index in places or any(named.reaches(item) for named in inner[index])
            for index, item in enumerate(items)
        ):
            self._changes.apply(level, tag, "SQ", fate)
            return
        for index, item in enumerate(items):
            around = Fate.KEEP if is_whole or index in places else fate
            if around is Fate.DUMMY and not any(named.reaches(item) for named in inner[index]):
                alone = dummy(DataElement(tag, "SQ", DicomSequence([item])), self._changes.uid)
                items[index] = alone.value[0]
            else:
                self.level(item, *inner[index], around, tag.is_private)

    def _note_kept(self, level: Dataset, tag: BaseTag) -> None:
        profile = self._fates.profile
        if profile is None or tag.is_private or level[tag].is_empty:
            return
        if profile.fate(tag) is not Fate.KEEP:
            self.kept.add(int(tag))
