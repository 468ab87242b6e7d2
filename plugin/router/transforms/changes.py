# SPDX-License-Identifier: GPL-3.0-or-later
"""Change one attribute according to its fate."""

from collections.abc import Collection

from pydicom import DataElement, Dataset, config
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from router.documents.transform import Transform
from router.transforms.confidentiality_profile import CLEANED_TEXTS, ConfidentialityProfile, Fate
from router.transforms.dates import NotMovable, has_letters, is_time, moved
from router.transforms.descriptors import cleaned
from router.transforms.dummies import NEEDED, dummy, empty, put_dummy, put_uids
from router.transforms.elements import text_element, texts_of
from router.transforms.fates import MOMENTS, holds_date
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.untransformable import Untransformable

_PATIENT_NAME = 0x0010_0010
_PATIENT_ID = 0x0010_0020


class Changes:
    """Changes the attributes of one data set."""

    def __init__(
        self,
        transform: Transform,
        profile: ConfidentialityProfile | None,
        pseudonyms: Pseudonyms,
        pseudonym: str,
        name: str,
        days: int | None,
        names: Collection[str],
    ) -> None:
        """`pseudonym` and `name` replace the patient's identifier and name. Dates go back by `days`. `names`
        are words of names in the image, in lower case."""
        options = transform.profile
        self._profile = profile
        self._retains_dates = options is not None and options.retain_dates
        self.uid = pseudonyms.uid
        self._pseudonym = pseudonym
        self._name = name
        self._days = days
        self._names = names

    def others(self, level: Dataset, tag: BaseTag, vr: str, places: Collection[int], fate: Fate) -> bool:
        """Change the values of an attribute except those at some places; return whether there are such."""
        values = _values(level[tag].value)
        if not any(place < len(values) for place in places):
            self.apply(level, tag, vr, fate)
            return False
        staying: list[object] = []
        for index, value in enumerate(values):
            if index in places:
                staying.append(value)
                continue
            alone = Dataset()
            alone[tag] = DataElement(tag, vr, value, validation_mode=config.IGNORE)
            self.apply(alone, tag, vr, fate)
            if tag in alone and not alone[tag].is_empty:
                staying += _values(alone[tag].value)
        level[tag] = DataElement(tag, vr, staying, validation_mode=config.IGNORE)
        return True

    def apply(self, level: Dataset, tag: BaseTag, vr: str, fate: Fate) -> None:
        """Change an attribute. Raises Untransformable."""
        match fate:
            case Fate.KEEP if self._retains_dates and vr in MOMENTS:
                if any(has_letters(one) for one in _texts(level, tag)):
                    self._drop_date(level, tag, vr)
            case Fate.KEEP:
                pass
            case Fate.CLEAN:
                self._clean(level, tag, vr)
            case Fate.REMOVE if tag in NEEDED:
                put_dummy(level, tag, vr, self.uid)
            case Fate.REMOVE:
                del level[tag]
            case Fate.UID:
                put_uids(level, tag, self.uid)
            case Fate.SHIFT:
                self._shift(level, tag, vr)
            case Fate.EMPTY if tag == _PATIENT_NAME:
                level[tag] = text_element(tag, "PN", self._name)
            case Fate.EMPTY:
                level[tag] = empty(tag, vr)
            case Fate.DUMMY if tag == _PATIENT_ID:
                level[tag] = text_element(tag, "LO", self._pseudonym)
            case Fate.DUMMY:
                put_dummy(level, tag, vr, self.uid)

    def _clean(self, level: Dataset, tag: BaseTag, vr: str) -> None:
        """Clean a text: keep what is known to be harmless. A sequence has been cleaned already."""
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
            self.apply(level, tag, vr, self._profile.fate_of_uncleaned(tag))

    def _shift(self, level: Dataset, tag: BaseTag, vr: str) -> None:
        assert self._days is not None
        texts = _texts(level, tag)
        try:
            if not holds_date(tag, vr):
                # A time of day does not change when its day does.
                if not all(is_time(one) for one in texts):
                    raise NotMovable
                return
            shifted = [moved(one, self._days) for one in texts]
        except NotMovable:
            self._drop_date(level, tag, vr)
            return
        level[tag] = text_element(tag, vr, shifted)

    def _drop_date(self, level: Dataset, tag: BaseTag, vr: str) -> None:
        """Replace a value that should be one date and is none, or has more than a date."""
        if tag.is_private:
            level[tag] = empty(tag, vr)
        elif self._profile is not None:
            level[tag] = dummy(DataElement(tag, vr, None), self.uid)
        else:
            raise Untransformable(f"{level[tag].name} is no date, so that it cannot be moved")


def _values(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, MultiValue | list | tuple) else [value]


def _texts(level: Dataset, tag: BaseTag) -> list[str]:
    """The values of an attribute as texts."""
    element = level.get_item(tag)
    texts = texts_of(element)
    if texts is not None:
        return texts
    value = level[tag].value
    if isinstance(value, bytes):  # another VR than it should have
        return value.decode("ascii", "replace").split("\\")
    return [str(one or "") for one in _values(value)]
