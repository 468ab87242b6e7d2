"""Destination kind `dicom`: another DICOM node, by Orthanc's own C-STORE (PS3.4 Annex B)."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, model_validator

from router.destinations.kind import DestinationUnavailable, InstancesRefused, Kind
from router.orthanc_api import OrthancApi, OrthancError, OrthancUnreachable

_AET = r"^[ -\[\]-~]{1,16}$"  # PS3.5 6.2, AE: 16 characters, no backslash, no control characters


class DicomSettings(BaseModel):
    """Either an alias of Orthanc's configuration, or the node itself."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    modality: str | None = Field(
        default=None,
        title="Modality",
        description="A node that Orthanc's configuration names (DicomModalities)",
    )
    aet: str | None = Field(
        default=None, title="AE title", description="Called AE title of the node", pattern=_AET
    )
    host: str | None = Field(default=None, title="Host", description="Name or address", min_length=1)
    port: int | None = Field(default=None, title="Port", ge=1, le=65535)
    local_aet: str | None = Field(
        default=None,
        title="Local AE title",
        description="Calling AE title; empty means Orthanc's own",
        pattern=_AET,
    )
    timeout_seconds: int = Field(
        default=30, title="Timeout", description="Seconds that the node may take to answer", ge=1, le=3600
    )

    @model_validator(mode="after")
    def _names_one_node(self) -> "DicomSettings":
        own = (self.aet, self.host, self.port)
        if self.modality is not None and any(part is not None for part in own):
            raise ValueError("give either modality, or aet, host and port, not both")
        if self.modality is None and any(part is None for part in own):
            raise ValueError("give a modality, or all of aet, host and port")
        return self


class DicomSender:
    """Sends by `POST /modalities/{alias}/store`; a node of its own gets an alias of its own."""

    def __init__(self, identifier: str, settings: DicomSettings, orthanc: OrthancApi) -> None:
        self._settings = settings
        self._orthanc = orthanc
        self._own_alias = None if settings.modality else f"router-{identifier}"
        self._alias = settings.modality or f"router-{identifier}"
        if self._own_alias:
            node = {"AET": settings.aet, "Host": settings.host, "Port": settings.port}
            try:
                orthanc.set_modality(self._own_alias, node)
            except (OrthancError, OrthancUnreachable) as error:
                raise DestinationUnavailable(f"Orthanc does not take the node: {error}") from error

    def send(self, instances: Sequence[str]) -> None:
        options: dict[str, object] = {"Timeout": self._settings.timeout_seconds}
        if self._settings.local_aet:
            options["LocalAet"] = self._settings.local_aet
        try:
            self._orthanc.store(self._alias, instances, options)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise _told(error) from error

    def test(self) -> str:
        try:
            self._orthanc.echo(self._alias, self._settings.timeout_seconds)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            if error.status == 404:
                raise DestinationUnavailable(f"Orthanc knows no modality {self._alias!r}") from error
            raise DestinationUnavailable(error.message) from error
        return "The node has answered the C-ECHO."

    def close(self) -> None:
        if self._own_alias:
            try:
                self._orthanc.remove_modality(self._own_alias)
            except OrthancError as error:
                if error.status != 404:
                    raise


#: What Orthanc says where the association stands and a C-STORE in it fails, or cannot be proposed.
_REFUSALS = ("presentation context", "C-STORE", "Cannot store", "SOP class", "DIMSE")


def _told(error: OrthancError) -> DestinationUnavailable | InstancesRefused:
    if error.status == 404:
        # Either the alias or one of the instances is gone; halving tells which.
        return InstancesRefused("not in Orthanc any more (or the modality is not)")
    if any(sign.lower() in error.message.lower() for sign in _REFUSALS):
        return InstancesRefused(error.message)
    return DestinationUnavailable(error.message)


KIND = Kind("dicom", "DICOM node", DicomSettings, DicomSender)
