"""Destination kind `dicom`: another DICOM node, by Orthanc's own C-STORE (PS3.4 Annex B)."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field, model_validator

from router.destinations.kind import DestinationUnavailable, InstancesRefused, Kind
from router.destinations.outgoing import Outgoing
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
        self._alias = settings.modality or f"router-{identifier}"
        self._is_known = settings.modality is not None

    def send(self, images: Sequence[Outgoing]) -> None:
        options: dict[str, object] = {"Timeout": self._settings.timeout_seconds}
        if self._settings.local_aet:
            options["LocalAet"] = self._settings.local_aet
        try:
            if not self._is_known:
                self._orthanc.set_modality(self._alias, self._node())
                self._is_known = True
            self._orthanc.store(self._alias, [image.instance for image in images], options)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            raise self._told(error) from error

    def test(self) -> str:
        try:
            if self._settings.modality is None:
                self._echo_own_node()
            else:
                self._orthanc.echo(self._alias, self._settings.timeout_seconds)
        except OrthancUnreachable as error:
            raise DestinationUnavailable(str(error)) from error
        except OrthancError as error:
            if error.status == 404:
                raise DestinationUnavailable(f"Orthanc knows no modality {self._alias!r}") from error
            raise DestinationUnavailable(error.message) from error
        return "The node has answered the C-ECHO."

    def close(self) -> None:
        """Nothing is held. The alias stays until Orthanc ends; a later revision of the destination,
        which may be open already, has the same."""

    def _node(self) -> dict[str, object]:
        settings = self._settings
        return {"AET": settings.aet, "Host": settings.host, "Port": settings.port}

    def _echo_own_node(self) -> None:
        """Under an alias for this once, so that what is being sent at the same time keeps its own."""
        alias = f"{self._alias}-test"
        self._orthanc.set_modality(alias, self._node())
        try:
            self._orthanc.echo(alias, self._settings.timeout_seconds)
        finally:
            self._orthanc.remove_modality(alias)

    def _told(self, error: OrthancError) -> DestinationUnavailable | InstancesRefused:
        if error.status == 404:
            if self._alias not in self._orthanc.modalities():
                return DestinationUnavailable(f"Orthanc knows no modality {self._alias!r}")
            return InstancesRefused("not in Orthanc any more")
        if any(sign in error.message.lower() for sign in _REFUSALS):
            return InstancesRefused(error.message)
        return DestinationUnavailable(error.message)


#: What Orthanc says where the association stands and a C-STORE in it fails, or cannot be proposed.
_REFUSALS = ("presentation context", "c-store", "cannot store", "sop class", "dimse")


KIND = Kind("dicom", "DICOM node", DicomSettings, DicomSender)
