# SPDX-License-Identifier: GPL-3.0-or-later
"""A compiled transform: changes the bytes of a DICOM file."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pydicom
from pydicom import DataElement, FileDataset
from pydicom.sr.codedict import codes
from pydicom.uid import UID

from router.documents.transform import Redaction, TagValue, Transform
from router.rules import Moment, RuleError
from router.rules.problem import Unfit
from router.rules.tag_path import TagPath, parse_tag
from router.templates import DatasetTags, Tags, TemplateError
from router.templates.template import Function
from router.transforms import overlays
from router.transforms.burned_in import looked_at
from router.transforms.claims import add_methods, deny, identities, tells
from router.transforms.codes import Codes, NamedPatient, Naming
from router.transforms.encoding import UNCOMPRESSED, clear_bits, encode
from router.transforms.identity import IdentityChange
from router.transforms.paths import levels
from router.transforms.patient import identified
from router.transforms.pixels import has_pixels
from router.transforms.pseudonyms import Pseudonyms
from router.transforms.reading import read
from router.transforms.redaction import Redactor, redact
from router.transforms.untransformable import Untransformable
from router.transforms.values import TagTemplate, WrongValue, can_be_written, vr_for
from router.transforms.writing import clear_file_meta, write
from router.unreadable import UNREADABLE

#: The UIDs that every image needs and is stored by.
_NEEDED = frozenset({"SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"})

#: Pixel Data, and its floating-point variants.
_PIXELS = (0x7FE0_0010, 0x7FE0_0008, 0x7FE0_0009)

#: The moment of each evaluation of `when` and `rule`, which have no words that count from it.
_MOMENT = Moment(datetime(2000, 1, 1, tzinfo=UTC))


class TransformError(Exception):
    """A transform is not usable; `problems` lists all its wrong fields (path, message)."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{path}: {message}" for path, message in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Changed:
    """The changed image."""

    file: bytes
    #: What a person should know: differences from what was asked for, or from the original. No values.
    remarks: Sequence[str]


class Transformer:
    """Changes one image after another. May be used by several threads at once."""

    def __init__(
        self,
        transform: Transform,
        pseudonyms: Pseudonyms,
        codes: Codes | None = None,
        devices: Sequence[Redaction] = (),
    ) -> None:
        """`codes` are from the project's list; `devices` from the device library, if the transform uses it.
        Raises TransformError."""
        problems = _Problems()
        functions: Mapping[str, Function] = {"pseudonym": pseudonyms.pseudonym}
        profile = transform.profile
        kept = problems.paths("keep", transform.keep)
        private = []
        if profile is not None:
            private = problems.paths("anonymize.retain_private", profile.retain_private)
            for index, path in enumerate(private):
                if not path.steps[-1].creator:
                    problems.add(f"anonymize.retain_private[{index}]", f"{path.text} is not a private tag")
        self._remove = problems.paths("remove", transform.remove)
        for index, path in enumerate(self._remove):
            if path.text in _NEEDED:
                problems.add(f"remove[{index}]", f"An image cannot be without {path.text}")
        self._replace = problems.values("replace", transform.replace, functions)
        self._insert = problems.values("insert", transform.insert, functions)
        self._redactors = []
        for index, redaction in enumerate(transform.redact):
            at = f"redact[{index}]"
            paths = [problems.path(f"{at}.when.{tag}", tag) for tag in redaction.when]
            if None in paths:
                continue
            try:
                self._redactors.append(Redactor(redaction))
            except RuleError as error:
                for problem in error.problems:
                    problems.add(f"{at}.{problem.path}", problem.message)
        if problems.found:
            raise TransformError(problems.found)
        # The devices were checked when they were saved.
        self._redactors += map(Redactor, devices)
        self._identity = IdentityChange(
            transform, [path.steps for path in kept], [path.steps for path in private], pseudonyms
        )
        self._is_anonymous = profile is not None
        self._has_new_uids = transform.uids == "regenerate" or (
            profile is not None and not profile.retain_uids
        )
        self._kept_groups = frozenset(path.steps[0].group for path in kept if len(path.steps) == 1)
        self._syntax = UID(transform.transfer_syntax) if transform.transfer_syntax else None
        self._burned_in = transform.burned_in
        self._pseudonyms = pseudonyms
        self._naming = Naming(pseudonyms, codes)

    def __call__(self, file: bytes) -> bytes:
        """Return the changed file. Raises Untransformable."""
        return self.change(file).file

    def change(self, file: bytes, *, is_released: bool = False) -> Changed:
        """Return the changed file, with remarks. `is_released`: a person has looked at its pixels.

        Raises Untransformable, or its subclasses: Withheld, where a person must look at it first, and
        Unlisted, where the list of codes must have the patient first.
        """
        try:
            dataset = read(file)
            remarks = self._apply(dataset, is_released)
            changed = write(dataset)
        except UNREADABLE as error:
            raise Untransformable(
                f"It cannot be read or written as DICOM where it is to be changed ({type(error).__name__})"
            ) from error
        return Changed(changed, tuple(remarks))

    def _apply(self, dataset: FileDataset, is_released: bool) -> list[str]:
        patient = self._naming.patient(*identified(dataset))
        remarks = self._missed(patient)
        # Fill in all templates first: they use the original image.
        tags: Tags = DatasetTags(dataset, separator="\\") if self._replace or self._insert else {}
        functions = {"pseudonym": patient.pseudonym}
        replaced = [(one, one.texts(tags, functions)) for one in self._replace]
        inserted = [(one, one.texts(tags, functions)) for one in self._insert]
        source_uid = str(dataset.SOPInstanceUID)
        rectangles = self._rectangles(dataset)
        remarks += redact(dataset, rectangles) if rectangles else []
        if self._burned_in != "send" and not rectangles and _has_pixels(dataset):
            remarks += looked_at(dataset, self._burned_in == "hold", is_released)
        has_templates = any(template.tags for template, _ in (*replaced, *inserted))
        known = identities(dataset) if self._is_anonymous and has_templates else frozenset[str]()
        if self._is_anonymous:
            remarks += self._remove_overlays(dataset)
        if self._identity.is_any:
            self._identity.apply(dataset, patient)
        if rectangles:
            if not self._has_new_uids:
                dataset.SOPInstanceUID = self._pseudonyms.uid(source_uid)
            if self._is_anonymous:
                add_methods(dataset, [codes.cid7050.CleanPixelDataOption])
        for path in self._remove:
            for level, tag in list(levels(dataset, path)):
                if overlays.is_data(tag):
                    overlays.remove(level, tag.group)
                else:
                    _remove(level, tag, path)
        for template, texts in replaced:
            _set(dataset, template, texts, make=len(template.path.steps) == 1, only_missing=False)
        for template, texts in inserted:
            _set(dataset, template, texts, make=True, only_missing=True)
        if any(tells(texts, known) for template, texts in (*replaced, *inserted) if template.tags):
            deny(dataset)
        if self._is_anonymous and dataset.get("PatientIdentityRemoved") == "NO":
            remarks.append(
                "It says that the patient's identity is not removed: it was kept, or the pixels show it"
            )
        if self._syntax is not None:
            remarks += encode(
                dataset, [self._syntax, *UNCOMPRESSED, UID(dataset.file_meta.TransferSyntaxUID)]
            )
        if self._is_anonymous:
            clear_file_meta(dataset)
        return remarks

    def _missed(self, patient: NamedPatient) -> list[str]:
        """A remark where the list does not have the patient. Raises Untransformable."""
        codes = self._naming.codes
        return [codes.miss(patient.identifier)] if codes and not patient.code else []

    def _remove_overlays(self, dataset: FileDataset) -> list[str]:
        """Remove overlays, which may show text (PS3.15, E.2), unless `keep` names them. Return remarks."""
        gone = [group for group in overlays.groups(dataset) if group not in self._kept_groups]
        if not gone:
            return []
        in_pixels = overlays.in_pixels(dataset)
        bits = [in_pixels[group] for group in gone if group in in_pixels]
        remarks = clear_bits(dataset, bits) if bits and has_pixels(dataset) else []
        for group in gone:
            overlays.remove(dataset, group)
        return remarks

    def _rectangles(self, dataset: FileDataset) -> Sequence[tuple[int, int, int, int]]:
        if not _has_pixels(dataset):
            return ()
        return [
            rectangle for redactor in self._redactors for rectangle in redactor.rectangles(dataset, _MOMENT)
        ]


def _has_pixels(dataset: pydicom.Dataset) -> bool:
    return any(tag in dataset for tag in _PIXELS)


def _remove(level: pydicom.Dataset, tag: pydicom.tag.BaseTag, path: TagPath) -> None:
    if tag not in level:
        return
    index = path.steps[-1].index
    if index is None:
        del level[tag]
    elif level[tag].VR == "SQ":
        del level[tag].value[index : index + 1]
    else:
        values = level[tag].value
        values = list(values) if isinstance(values, list | pydicom.multival.MultiValue) else [values]
        del values[index : index + 1]
        level[tag].value = values


def _set(
    dataset: FileDataset, template: TagTemplate, texts: list[str], *, make: bool, only_missing: bool
) -> None:
    for level, tag in list(levels(dataset, template.path, make)):
        if only_missing and level.get(tag) is not None and level[tag].value not in (None, "", b""):
            continue
        for text in texts:
            if not can_be_written(text, dataset, level):
                _to_unicode(dataset)
                break
        vr = vr_for(template.path, level, texts)
        level[tag] = DataElement(tag, vr, template.value(texts, vr))


def _to_unicode(dataset: FileDataset) -> None:
    """Convert all texts to UTF-8, for a letter that is missing in the present character set."""
    dataset.decode()

    def inherit(level: pydicom.Dataset) -> None:
        for element in level:
            if element.VR == "SQ":
                for item in element.value:
                    item.pop("SpecificCharacterSet", None)
                    inherit(item)

    inherit(dataset)
    dataset.SpecificCharacterSet = "ISO_IR 192"


class _Problems:
    """Collects the problems of a transform while it is compiled."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def add(self, path: str, message: str) -> None:
        self.found.append((path, message))

    def paths(self, field: str, written: Iterable[str]) -> list[TagPath]:
        """The paths of tags that can be changed."""
        return [
            path
            for index, text in enumerate(written)
            if (path := self.path(f"{field}[{index}]", text, unknown=field == "keep")) is not None
        ]

    def values(
        self, field: str, written: Mapping[str, TagValue], functions: Mapping[str, Callable[..., str]]
    ) -> list[TagTemplate]:
        """The tags with their new values."""
        templates = []
        for text, value in written.items():
            at = f"{field}.{text}"
            path = self.path(at, text)
            if path is None:
                continue
            if path.steps[-1].index is not None:
                self.add(at, "One value of several cannot be set: give the tag all its values")
                continue
            if path.text in _NEEDED and value in ("", []):
                self.add(at, f"An image cannot be without {path.text}")
                continue
            try:
                templates.append(TagTemplate(path, value, functions))
            except TemplateError as error:
                self.found += [(at, problem) for problem in error.problems]
            except WrongValue as error:
                self.add(at, str(error))
        return templates

    def path(self, at: str, text: str, unknown: bool = False) -> TagPath | None:
        """The path of a tag of an image, or None. With `unknown`, the dictionary need not have the tag."""
        try:
            path = parse_tag(text, unknown)
        except Unfit as unfit:
            self.add(at, str(unfit))
            return None
        if path.fact:
            self.add(at, f"{path.text} is no part of an image")
            return None
        if path.keyword == "SpecificCharacterSet" and not at.startswith("redact"):
            self.add(at, "The character set follows from the texts, and cannot be changed by itself")
            return None
        if path.steps[0].group == 2:
            self.add(at, f"{path.text} belongs to the file, and follows from the image in it")
            return None
        return path
