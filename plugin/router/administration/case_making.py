# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a policy's case from a stored image, without identifying the patient.

The image is de-identified as a `transform` does it (PS3.15, Annex E). The case gets only the tags that a rule
uses. It may name the device and the institution, but not what identifies the patient. Descriptions stay,
because most rules use them; words from the patient's name or another identifier are taken out of them.
"""

import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pydicom
from pydicom import DataElement, Dataset
from pydicom.datadict import keyword_for_tag

from router.administration.explaining import Explainer
from router.clock import MACHINE_ZONE, Clock
from router.documents.policy import StoredResource
from router.documents.transform import Anonymization, Transform
from router.orthanc_api import OrthancApi
from router.rules import Moment, Reading, Rule, RuleError
from router.rules.dataset_item import DatasetItem
from router.rules.item import Item
from router.rules.raw import Opaque, Raw
from router.rules.tag_path import Step, TagPath, parse_tag
from router.templates import header_of
from router.transforms import Transforms, Untransformable
from router.transforms.dummies import TEXT, dummy

#: The tags of a case without a rule.
_USUAL = """
    Modality SOPClassUID StudyDescription SeriesDescription ProtocolName BodyPartExamined ImageType
    Manufacturer ManufacturerModelName StationName InstitutionName PatientAge PatientSex
    @RemoteAET @CalledAET
""".split()

#: Attributes that describe the examination and may contain any text (PS3.15, E.3.5).
_DESCRIPTION = re.compile(r"\w*(Description|ProtocolName)")

#: Attributes with texts that identify the patient, directly or through another person or thing.
_IDENTIFIERS = """
    PatientName PatientID OtherPatientNames OtherPatientIDs PatientBirthName PatientMotherBirthName
    PatientBirthDate AccessionNumber StudyID ReferringPhysicianName PerformingPhysicianName OperatorsName
    NameOfPhysiciansReadingStudy RequestingPhysician PatientAddress PatientTelephoneNumbers AdmissionID
""".split()
_SHORTEST_IDENTIFIER = 3

_MOST_DAYS = 365

#: VRs without a meaningless dummy value.
_WITHOUT_DUMMY = frozenset({"SQ", "UI", "UN", "US or SS"})


class NoCase(Exception):  # noqa: N818 - it reads as what it says
    """No case can be made from the resource; the message says why."""


@dataclass
class MadeCase:
    """A case, and notes about it for a person."""

    name: str
    tags: dict[str, Any]
    matches: bool
    notes: list[str] = field(default_factory=list)


class CaseMaker:
    """Makes cases."""

    def __init__(
        self, explainer: Explainer, orthanc: OrthancApi, transforms: Transforms, clock: Clock
    ) -> None:
        self._explainer = explainer
        self._orthanc = orthanc
        self._transforms = transforms
        self._clock = clock

    def make(self, resource: StoredResource, rule: Rule | None) -> MadeCase:
        """Return a case with the rule's tags and the rule's verdict; without a rule, the case is to match.

        Raises NoCase, NoSuchResource, SecretsUnreadable, StoreUnavailable, OrthancError, OrthancUnreachable.
        """
        asked = rule.tags if rule else frozenset(_USUAL)
        images = self._explainer.read(resource.level, resource.id, asked)
        stored, readings = images.stored, images.readings(resource.level)
        moment = Moment(self._clock().astimezone(MACHINE_ZONE))
        verdicts = [rule is None or bool(rule.evaluate(reading, moment)) for reading in readings]
        index = verdicts.index(True) if True in verdicts else 0
        paths = [parse_tag(tag) for tag in sorted(asked)]
        tags, notes = self._tags(
            header_of(self._orthanc, stored[index].id), [one for one in paths if not one.fact]
        )
        facts: dict[str, str | int] = {**stored[index].facts, **images.counts(index, resource.level)}
        tags |= {path.text: facts[path.text] for path in paths if path.text in facts}
        try:
            reading = Reading.of_document(tags)
        except RuleError as error:
            raise NoCase(f"Its tags are no case: {error}") from error
        matches = rule is None or bool(rule.evaluate(reading, moment))
        if matches != verdicts[index]:
            notes.append(
                f"The image itself {'matches' if verdicts[index] else 'does not match'}, what is here instead"
                f" {'does' if matches else 'does not'}: enter values that identify nobody and mean the same."
            )
        return MadeCase(_name(tags), tags, matches, notes)

    def _tags(self, file: bytes, paths: Sequence[TagPath]) -> tuple[dict[str, Any], list[str]]:
        """Return the tags at these paths after de-identification, and notes about it."""
        kept = [path for path in paths if _is_description(path.keyword) or path.steps[-1].creator]
        transform = Transform(
            anonymize=Anonymization(
                retain_device_identity=True,
                retain_institution_identity=True,
                retain_patient_characteristics=True,
            ),
            date_shift=_MOST_DAYS,
            keep=[path.text for path in kept],
        )
        try:
            changed = pydicom.dcmread(io.BytesIO(self._transforms.of(transform)(file)))
        except Untransformable as error:
            raise NoCase(f"It cannot be de-identified. {error}") from error
        original = pydicom.dcmread(io.BytesIO(file))
        _fill(original, changed, paths)
        steps = [path.steps for path in paths]
        before, after = tags_of(DatasetItem(original), steps), tags_of(DatasetItem(changed), steps)
        after = _without(_identifiers(original), after)
        notes = [
            f"{tag} could identify the patient: "
            + ("something else stands for it." if tag in after else "it is left out.")
            for tag, value in before.items()
            if after.get(tag) != value
        ]
        notes += [
            f"{path.text} is private: see for yourself that it identifies nobody."
            for path in kept
            if path.steps[-1].creator
        ]
        return after, notes


def _is_description(tag: str) -> bool:
    return _DESCRIPTION.fullmatch(tag) is not None


def _fill(original: Dataset, changed: Dataset, paths: Iterable[TagPath]) -> None:
    """Give tags that lost their value a dummy value: a rule may ask whether a value is present."""
    for path in paths:
        tag = path.steps[0].number
        if len(path.steps) > 1 or path.steps[0].creator or path.vr in _WITHOUT_DUMMY:
            continue
        if original.get(tag) and original[tag].value and not (tag in changed and changed[tag].value):
            changed[tag] = dummy(DataElement(tag, path.vr, None), str)


def _identifiers(dataset: Dataset) -> re.Pattern[str] | None:
    """Return a pattern of words that could identify the patient; None where there are none."""
    texts = [str(dataset.get(keyword) or "") for keyword in _IDENTIFIERS]
    words = {word for text in texts for word in re.split(r"[\s^=\\,;\[\]']+", text)}
    long = sorted((word for word in words if len(word) >= _SHORTEST_IDENTIFIER), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, long)), re.IGNORECASE) if long else None


def _without(identifiers: re.Pattern[str] | None, tags: dict[str, Any]) -> dict[str, Any]:
    """Return the tags, with such words replaced in descriptions and private tags; the profile did the
    others."""
    if identifiers is None:
        return tags
    return {
        tag: [_without(identifiers, entry) if isinstance(entry, dict) else entry for entry in value]
        if isinstance(value, list) and value and isinstance(value[0], dict)
        else _cleaned(identifiers, value)
        if _is_description(tag) or '"' in tag
        else value
        for tag, value in tags.items()
    }


def _cleaned(identifiers: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, list):
        return [_cleaned(identifiers, one) for one in value]
    return identifiers.sub(TEXT, value) if isinstance(value, str) else value


def _name(tags: dict[str, Any]) -> str:
    """Return a default name for the case."""
    described = ("StudyDescription", "SeriesDescription", "ProtocolName", "BodyPartExamined")
    parts = [tags.get("Modality"), next((tags[tag] for tag in described if tags.get(tag)), None)]
    return " ".join(str(part) for part in parts if part)[:200].strip() or "A stored image"


def tags_of(item: Item, paths: Iterable[Sequence[Step]]) -> dict[str, Any]:
    """Return the image's values at these paths; for a sequence in a path, those of all its items."""
    below: defaultdict[Step, list[Sequence[Step]]] = defaultdict(list)
    for first, *rest in paths:
        below[replace(first, index=None)].append(rest)
    tags: dict[str, Any] = {}
    for step, rests in below.items():
        text = _written(step)
        vr = parse_tag(text).vr
        items = item.items(step) if vr == "SQ" or any(rests) else None
        element = item.element(step, vr)
        if items:
            tags[text] = [tags_of(inner, [rest for rest in rests if rest]) for inner in items]
        elif element is not None:
            values = [_value(value) for value in element.values]
            tags[text] = values[0] if len(values) == 1 else values
    return tags


def _value(value: Raw) -> str | int | float:
    return str(value) if isinstance(value, Opaque) else value


def _written(step: Step) -> str:
    """Return the tag as rules write it."""
    if step.creator:
        return f'{step.group:04X},"{step.creator}",{step.element:02X}'
    return keyword_for_tag(step.number) or f"{step.group:04X},{step.element:04X}"
