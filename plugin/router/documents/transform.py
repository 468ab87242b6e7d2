# SPDX-License-Identifier: GPL-3.0-or-later
"""The changes to an image on its way: tags, identity, pixels, encoding. `router.transforms` makes them."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from router.documents.document import Document

#: A text (a template) or a number, or a list of these for a tag with several values.
TagValue = str | int | float | list[str | int | float]

#: A tag as in rules: keyword, `0008,1030`, a path through sequences, a private tag with its creator.
Tag = Annotated[str, Field(min_length=1, max_length=4096)]

#: The name of a project. It does not begin with `@`, except `@destination`.
Project = Annotated[str, Field(max_length=64, pattern=r"^(?:@destination|[^@\s](?:.*\S)?)$")]

#: The possible encodings of the result (PS3.5, Annex A), all lossless.
TransferSyntax = Literal[
    "1.2.840.10008.1.2",
    "1.2.840.10008.1.2.1",
    "1.2.840.10008.1.2.1.99",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.5",
]

Coordinate = Annotated[int, Field(ge=0, le=65_535)]
Extent = Annotated[int, Field(ge=1, le=65_535)]
Rectangle = tuple[Coordinate, Coordinate, Extent, Extent]


class Anonymization(Document):
    """The Basic Application Level Confidentiality Profile (PS3.15, Annex E) with options of E.3."""

    #: Retain UIDs Option.
    retain_uids: bool = False
    #: Retain Device Identity Option.
    retain_device_identity: bool = False
    #: Retain Institution Identity Option.
    retain_institution_identity: bool = False
    #: Retain Patient Characteristics Option: age, sex, size, weight and the like.
    retain_patient_characteristics: bool = False
    #: Retain Longitudinal Temporal Information with Full Dates Option. For changed dates: `date_shift`.
    retain_dates: bool = False
    #: Retain Safe Private Option: the private tags that the standard lists as safe (Table E.3.10-1).
    retain_safe_private: bool = False
    #: The same option: further private tags that are known to identify nobody. In retained sequences, dates,
    #: UIDs and names are changed as elsewhere.
    retain_private: list[Tag] = Field(default_factory=list, max_length=1000)
    #: Clean Structured Content Option: measurements, codes and references of reports, key objects and
    #: acquisition contexts stay; names, identifiers, dates and texts in them do not.
    clean_structured_content: bool = False
    #: Clean Graphics Option: shapes of presentation states stay, texts do not. Overlays are removed because
    #: they may contain text.
    clean_graphics: bool = False
    #: Clean Descriptors Option: texts keep medical words and small numbers.
    clean_descriptors: bool = False
    #: What to do with unknown tags, and with texts, addresses and dates that are not in the profile's table.
    unknown_and_free_text: Literal["remove", "keep"] = "remove"


class Redaction(Document):
    """Areas of the pixels that get one colour, in images that fulfil all of `when`, and `rule`."""

    #: For example the device. A name is needed in the library that policies share.
    name: str = Field(default="", max_length=100)
    #: Tags and the values that they must equal (one of them, for a list); empty means every image.
    when: dict[Tag, TagValue] = Field(default_factory=dict, max_length=20)
    #: A rule as in policies, for parts of texts, patterns and combinations of tags.
    rule: dict[str, Any] | None = None
    #: Also everything outside the image's ultrasound regions (PS3.3, C.8.5.5).
    outside_regions: bool = False
    #: Left, top, width and height in pixels of the stored image, from its upper left corner.
    rectangles: list[Rectangle] = Field(default_factory=list, max_length=100, validate_default=True)

    @field_validator("rectangles")
    @classmethod
    def _redacts_something(cls, rectangles: list[Rectangle], info: ValidationInfo) -> list[Rectangle]:
        if not rectangles and not info.data.get("outside_regions"):
            raise ValueError("name a rectangle at least, or choose outside_regions")
        return rectangles


class Transform(Document):
    """All changes of one action, in the order in which they are made."""

    #: Areas of the pixels that get one colour.
    redact: list[Redaction] = Field(default_factory=list, max_length=1000)
    #: Also the areas in the device library. A correction there applies to all actions that refer to it.
    redact_devices: bool = False
    #: De-identification by PS3.15, Annex E; true for the basic profile without options.
    anonymize: bool | Anonymization = False
    #: `regenerate` gives the study, its series and images new UIDs, always the same ones for the same image.
    #: None means `regenerate` in a `modify` action and `keep` in a `forward`. `anonymize` decides by itself.
    uids: Literal["keep", "regenerate"] | None = None
    #: All dates go back by 1 to this number of days, by the same number for all dates of a patient.
    date_shift: int | None = Field(default=None, ge=1, le=36_500)
    #: Separate pseudonyms, UIDs and date shifts for all transforms that name this project, so that nobody can
    #: link the data of two projects. `@destination` stands for the destination of the action. None: those
    #: that the whole installation shares.
    project: Project | None = None
    #: Whether to remove all private tags.
    remove_private: bool = False
    #: What to do with images that may have text in their pixels and have no redaction: images that say so
    #: (BurnedInAnnotation), or that do not deny it and are of a kind that often has text (ultrasound,
    #: secondary captures, angiography, endoscopy, scanned documents and the like). `hold` lets the delivery
    #: wait until a person releases or cancels it, `refuse` lets it fail, and `send` sends them; images that
    #: say so then also say that the identity is not removed.
    burned_in: Literal["send", "hold", "refuse"] = "send"
    #: Tags that `anonymize`, `uids`, `date_shift` and `remove_private` leave alone; the contents of a
    #: sequence are changed nevertheless.
    keep: list[Tag] = Field(default_factory=list, max_length=1000)
    #: Tags to remove, with their contents.
    remove: list[Tag] = Field(default_factory=list, max_length=1000)
    #: New values of tags, with or without an old value; inside sequences, in all existing items.
    replace: dict[Tag, TagValue] = Field(default_factory=dict, max_length=1000)
    #: Values for tags that have none; missing sequences on the path are created.
    insert: dict[Tag, TagValue] = Field(default_factory=dict, max_length=1000)
    #: None keeps the encoding (redacted pixels that were compressed stay uncompressed). Images that cannot be
    #: compressed without loss arrive uncompressed, and the delivery's note says so.
    transfer_syntax: TransferSyntax | None = None

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "Transform":
        if self.anonymize and self.uids is not None:
            raise ValueError("anonymize decides about UIDs by itself: leave uids out, or use retain_uids")
        if self.profile is not None and self.profile.retain_dates and self.date_shift is not None:
            raise ValueError("retain_dates and date_shift exclude each other")
        changes = self.anonymize or self.uids == "regenerate" or self.date_shift or self.remove_private
        if self.keep and not changes:
            raise ValueError("keep is for use with anonymize, uids, date_shift or remove_private")
        return self

    @property
    def profile(self) -> Anonymization | None:
        """The profile's options; None where nothing is anonymized."""
        if isinstance(self.anonymize, Anonymization):
            return self.anonymize
        return Anonymization() if self.anonymize else None
