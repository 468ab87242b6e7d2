# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings of a DICOM node."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from router.destinations.dicom.storage_commitment import Overdue

#: PS3.5, 6.2, AE: at most 16 characters, no backslash, no control characters.
AE_TITLE: Final = r"^[ -\[\]-~]{1,16}$"


class DicomSettings(BaseModel):
    """The name of a node in Orthanc's configuration, or the node itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    modality: str | None = Field(
        default=None,
        title="Modality",
        description="A node that Orthanc's configuration names (DicomModalities)",
    )
    aet: str | None = Field(
        default=None, title="AE title", description="Called AE title of the node", pattern=AE_TITLE
    )
    host: str | None = Field(default=None, title="Host", description="Name or address", min_length=1)
    port: int | None = Field(default=None, title="Port", ge=1, le=65535)
    local_aet: str | None = Field(
        default=None,
        title="Local AE title",
        description="Calling AE title; empty means Orthanc's own",
        pattern=AE_TITLE,
        json_schema_extra={"x-rare": True},
    )
    calling: Literal["own", "sender"] = Field(
        default="own",
        title="Calling AE title",
        description="The AE title that the node is called by. It must know those of all senders where each is"
        " passed on; images that came in another way go by the local AE title",
        json_schema_extra={
            "x-rare": True,
            "x-labels": {"own": "Its local AE title", "sender": "The AE title of each sender"},
        },
    )
    called: Literal["own", "as_sender"] = Field(
        default="own",
        title="Called AE title",
        description="The AE title that the node is called as",
        json_schema_extra={
            "x-rare": True,
            "x-labels": {"own": "The AE title above", "as_sender": "As the sender called Orthanc"},
        },
    )
    tls: bool = Field(
        default=False,
        title="TLS",
        description="Encrypted, with the certificates of Orthanc's configuration (DicomTlsCertificate,"
        " DicomTlsPrivateKey, DicomTlsTrustedCertificates)",
    )
    timeout_seconds: int = Field(
        default=30,
        title="Timeout",
        description="Seconds that the node may take to answer",
        ge=1,
        le=3600,
        json_schema_extra={"x-rare": True},
    )
    storage_commitment: bool = Field(
        default=False,
        title="Storage commitment",
        description="Images have arrived only once the node has committed to keep them (N-ACTION,"
        " N-EVENT-REPORT). The node must know Orthanc's AE title, address and port",
        json_schema_extra={"x-rare": True},
    )
    commitment_seconds: int = Field(
        default=86_400,
        title="Commitment timeout",
        description="Seconds that the node may take to commit. Nothing else waits for it: what was taken is"
        " asked for again, not sent again",
        ge=1,
        le=30 * 86_400,
        json_schema_extra={"x-rare": True},
    )
    commitment_overdue: Overdue = Field(
        default="ask",
        title="If it does not commit in time",
        description="What the next attempt does",
        json_schema_extra={
            "x-rare": True,
            "x-labels": {
                "ask": "Ask again later",
                "send": "Send the images again",
                "accept": "Count them as delivered",
            },
        },
    )

    @property
    def passes_titles_on(self) -> bool:
        """Whether AE titles depend on the sender of an image."""
        return self.calling == "sender" or self.called == "as_sender"

    @model_validator(mode="after")
    def _commits_under_its_own_title(self) -> "DicomSettings":
        if self.storage_commitment and self.passes_titles_on:
            raise ValueError(
                "storage_commitment is asked for under Orthanc's own AE title: leave calling and called at"
                " own"
            )
        return self

    @model_validator(mode="after")
    def _names_one_node(self) -> "DicomSettings":
        own = (self.aet, self.host, self.port)
        if self.modality is not None and any(part is not None for part in own):
            raise ValueError("give either modality, or aet, host and port, not both")
        if self.modality is not None and self.tls:
            raise ValueError("leave out tls: Orthanc's entry of the modality says it (UseDicomTls)")
        if self.modality is None and any(part is None for part in own):
            raise ValueError("give a modality, or all of aet, host and port")
        return self

    def entry(self) -> dict[str, object]:
        """Return the node's entry for Orthanc's list of nodes; empty where Orthanc's configuration has the
        node."""
        if self.modality is not None:
            return {}
        return {
            "AET": self.aet,
            "Host": self.host,
            "Port": self.port,
            "Timeout": self.timeout_seconds,
            "LocalAet": self.local_aet or "",
            "UseDicomTls": self.tls,
        }
