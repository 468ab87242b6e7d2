# SPDX-License-Identifier: GPL-3.0-or-later
"""What is changed in an image on its way: tags, identity, pixels, encoding. `router.transforms` does it."""

from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from router.documents.document import Document

#: A text (a template), a number, or several of them for a tag of several values.
TagValue = str | int | float | list[str | int | float]

#: A tag as rules write it: keyword, `0008,1030`, a path through sequences, a private tag by its creator.
Tag = Annotated[str, Field(min_length=1, max_length=4096)]

#: The name of a project. What begins with `@` is not one, but for `@destination`.
Project = Annotated[str, Field(max_length=64, pattern=r"^(?:@destination|[^@\s](?:.*\S)?)$")]

#: How the result can be encoded (PS3.5, Annex A); nothing here loses anything.
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
    #: The same option: further private tags that are known to identify nobody. Dates, UIDs and names that are
    #: in a retained sequence are changed like all others.
    retain_private: list[Tag] = Field(default_factory=list, max_length=1000)
    #: Clean Structured Content Option: measurements, codes and references of reports, key objects and
    #: acquisition contexts stay; names, identifiers, dates and texts in them do not.
    clean_structured_content: bool = False
    #: Clean Graphics Option: shapes of presentation states stay, texts do not. Overlays go: they may be
    #: writing.
    clean_graphics: bool = False
    #: Clean Descriptors Option: texts keep words of medicine and small numbers.
    clean_descriptors: bool = False
    #: What becomes of tags that nobody knows, and of texts, addresses and dates that the profile's table does
    #: not name.
    unknown_and_free_text: Literal["remove", "keep"] = "remove"


class Redaction(Document):
    """Areas of the pixels that are made one colour, in images of which all of `when`, and `rule`, is true."""

    #: Of the device, say. What has a name is in the library from which other policies can take it.
    name: str = Field(default="", max_length=100)
    #: Tags and what they equal (one of several, for a list); none at all means every image.
    when: dict[Tag, TagValue] = Field(default_factory=dict, max_length=20)
    #: A rule as policies have it, for what a part of a text, a pattern or several tags together tell.
    rule: dict[str, Any] | None = None
    #: Also everything outside of the image's ultrasound regions (PS3.3, C.8.5.5).
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
    """Everything that one action changes. What is done first is at the top."""

    #: Areas of the pixels that are made one colour.
    redact: list[Redaction] = Field(default_factory=list, max_length=1000)
    #: Also the areas that the library of devices has: a correction there reaches all that refer to it.
    redact_devices: bool = False
    #: De-identification by PS3.15, Annex E; true for the basic profile without options.
    anonymize: bool | Anonymization = False
    #: `regenerate` gives the study, its series and images new UIDs: of the same image always the same ones.
    #: None means `regenerate` in a `modify` action, and `keep` in a `forward`; `anonymize` decides by itself.
    uids: Literal["keep", "regenerate"] | None = None
    #: All dates go back by a number of days between 1 and this that is the same for all of a patient's.
    date_shift: int | None = Field(default=None, ge=1, le=36_500)
    #: Pseudonyms, UIDs and date shifts of their own for all transforms that name this project, so that nobody
    #: can put together what two projects have received. `@destination` stands for the destination that the
    #: action sends to. None: those that the whole installation shares.
    project: Project | None = None
    #: All private tags go.
    remove_private: bool = False
    #: Images that may have writing in their pixels, and that no redaction is for: they say so
    #: (BurnedInAnnotation), or do not say that they have none and are of a kind that often has (ultrasound,
    #: secondary captures, angiography, endoscopy, scanned documents and the like). `hold` has their delivery
    #: wait until a person releases or cancels it, `refuse` has it fail, and `send` sends them; those that say
    #: so then also say that the identity is not removed.
    burned_in: Literal["send", "hold", "refuse"] = "send"
    #: Tags that `anonymize`, `uids`, `date_shift` and `remove_private` leave alone; what is in a sequence is
    #: changed all the same.
    keep: list[Tag] = Field(default_factory=list, max_length=1000)
    #: Tags that go, with all that is in them.
    remove: list[Tag] = Field(default_factory=list, max_length=1000)
    #: The tag has this value from then on, whatever it had; inside sequences, in all items that are there.
    replace: dict[Tag, TagValue] = Field(default_factory=dict, max_length=1000)
    #: The tag has this value where it had none; sequences on the way are made.
    insert: dict[Tag, TagValue] = Field(default_factory=dict, max_length=1000)
    #: None leaves the encoding as it is (redacted pixels that were compressed stay uncompressed). What cannot
    #: be compressed without loss arrives uncompressed, and the delivery's note says so.
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
