# SPDX-License-Identifier: GPL-3.0-or-later
"""The fate of an attribute at its place in an image, by all that a transform says of identities."""

from typing import Final

from pydicom import Dataset
from pydicom._dicom_dict import DicomDictionary
from pydicom.tag import BaseTag

from router.documents.transform import Transform
from router.transforms.confidentiality_profile import ConfidentialityProfile, Fate, regenerated
from router.transforms.paths import Named
from router.transforms.private_attributes import SafeAttributes, is_used
from router.transforms.structured_content import WAVEFORM_CHANNELS, fate_of_text

_TEXT_VALUE: Final = 0x0040_A160
_UNFORMATTED_TEXT: Final = 0x0070_0006

#: VRs whose values identify nobody, as far as this is known of an undescribed private attribute.
_MEASURED: Final = frozenset({"AT", "CS", "DS", "FD", "FL", "IS", "SL", "SS", "SV", "UL", "US", "UV"})
_DATES: Final = frozenset({"DA", "DT"})
#: The VRs of dates and times of day.
MOMENTS: Final = _DATES | {"TM"}


class Fates:
    """The fates of all attributes under one transform."""

    def __init__(self, transform: Transform) -> None:
        self._options = transform.profile
        self._shifts = transform.date_shift is not None
        self._regenerates = transform.uids == "regenerate"
        self._removes_private = transform.remove_private or self._options is not None
        #: None where the transform does not anonymize.
        self.profile = ConfidentialityProfile(self._options, self._shifts) if self._options else None
        #: Whether all private attributes are removed except those that a path names.
        self.removes_all_private = self._removes_private and not (
            self._options is not None and self._options.retain_safe_private
        )

    def leaves(self, tag: int) -> bool:
        """Whether a public attribute that is no sequence stays whatever its value, if it is not inside
        something that is removed and no path names it. A quick test, because most attributes stay."""
        return self.profile is not None and self.profile.leaves(tag)

    def of(
        self,
        level: Dataset,
        tag: BaseTag,
        vr: str,
        retained: Named,
        safe: SafeAttributes,
        around: Fate,
        in_private: bool,
    ) -> Fate:
        """The fate of an attribute of a level.

        `retained` are the paths of `retain_private` that begin with it. `around` is the fate of the sequence
        around the level. `in_private`: that sequence is private, and stays.
        """
        if tag.is_private:
            if around is not Fate.KEEP and not (retained or tag.is_private_creator):
                return Fate.REMOVE
            return self._of_private(level, tag, vr, retained, safe, in_private)
        if around in {Fate.REMOVE, Fate.EMPTY}:
            return Fate.REMOVE
        fate = self.profile.fate(tag) if self.profile else Fate.KEEP
        if tag == _TEXT_VALUE and self._options is not None and self._options.clean_structured_content:
            fate = fate_of_text(level, self._options)
        if tag == _UNFORMATTED_TEXT and fate is Fate.DUMMY and WAVEFORM_CHANNELS in level:
            return Fate.REMOVE  # beside a code or a number, which say what is annotated (PS3.3, C.10.10)
        if fate is Fate.KEEP and self._regenerates and tag in regenerated():
            return Fate.UID
        if self.profile is None and self._shifts and holds_date(tag, vr):
            return Fate.SHIFT
        if around is Fate.DUMMY and fate in {Fate.KEEP, Fate.CLEAN, Fate.EMPTY, Fate.SHIFT}:
            return Fate.KEEP if vr == "CS" else Fate.DUMMY
        return fate

    def _of_private(
        self, level: Dataset, tag: BaseTag, vr: str, retained: Named, safe: SafeAttributes, in_private: bool
    ) -> Fate:
        """The fate of a private attribute. A retained one is cleaned like others. In a retained private
        sequence, names and texts are removed, because nobody has declared them safe."""
        is_named = retained.is_whole
        if tag.is_private_creator:
            return Fate.KEEP if not self._removes_private or is_used(level, tag) else Fate.REMOVE
        if self._removes_private and not is_named and not in_private:
            is_safe = not self.removes_all_private and (level, tag) in safe
            if not is_safe:
                return Fate.REMOVE
        if vr == "UI":
            retains = self._options is None or self._options.retain_uids
            return Fate.KEEP if retains and not self._regenerates else Fate.UID
        if vr in _DATES and self._shifts:
            return Fate.SHIFT
        if not in_private or is_named or self._options is None or vr == "SQ" or vr in _MEASURED:
            return Fate.KEEP
        if vr in MOMENTS:
            return Fate.KEEP if self._options.retain_dates or self._shifts else Fate.REMOVE
        removes = vr == "PN" or self._options.unknown_and_free_text == "remove"
        return Fate.REMOVE if removes else Fate.KEEP


def holds_date(tag: int, vr: str) -> bool:
    """Whether an attribute holds dates, whatever the VR of its encoding."""
    return vr in _DATES or (tag in DicomDictionary and DicomDictionary[tag][0] in _DATES)
