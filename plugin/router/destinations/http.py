# SPDX-License-Identifier: GPL-3.0-or-later
"""Destination kind `http`: a program that gets notices (`notify`), or images to process (`process`).

Every request carries `Idempotency-Key`, the same at every attempt at the same thing. With a signing secret,
it also carries `X-Router-Timestamp` and `X-Router-Signature` (see Service).
"""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from router.destinations.bundle import DICOM, BrokenBundle, read_bundle, write_multipart, write_zip
from router.destinations.certificates import CaFile, missing_ca_file, trusted
from router.destinations.kind import Address, DestinationUnavailable, Installation, Kind
from router.destinations.login import LoginSettings, checked_url
from router.destinations.notifying import Declined, Notice, NoticeTexts
from router.destinations.one_by_one import contents
from router.destinations.processing import Parcel
from router.destinations.service import Endpoint, Limits, Reply, Service
from router.destinations.web import address_of
from router.secrets import secret

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
#: Headers that the router itself sets.
_OWN_HEADERS = frozenset(
    "authorization connection content-length content-type host idempotency-key transfer-encoding".split()
)
_ACCEPTED = 202
_MEGABYTE = 1024 * 1024


class _Address(BaseModel):
    """The program's address, and headers. On their own, so that forms show them before the login."""

    url: Annotated[str, AfterValidator(checked_url)] = Field(
        title="URL", description="https://host/path", max_length=2000
    )
    method: Literal["POST", "PUT"] = Field(default="POST", title="Method", json_schema_extra={"x-rare": True})
    headers: dict[str, str] = Field(
        default_factory=dict,
        title="Headers",
        description="Sent with every request; what is secret goes into the secret headers",
        max_length=50,
        json_schema_extra={"x-rare": True},
    )
    secret_headers: dict[str, str] | None = secret(
        title="Secret headers", description="Such as X-Api-Key; sent with every request", rare=True
    )


class HttpSettings(LoginSettings, _Address):
    """The program's address, its login, and how long to wait."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    signing_secret: str | None = secret(
        title="Signing secret",
        description="Known to the program too, which can tell by it that a request is the router's",
        rare=True,
    )
    ca_file: CaFile = None
    connect_timeout_seconds: int = Field(
        default=10,
        title="Connection timeout",
        description="Seconds that connecting may take",
        ge=1,
        le=300,
        json_schema_extra={"x-rare": True},
    )
    timeout_seconds: int = Field(
        default=60,
        title="Timeout",
        description="Seconds that the program may take to answer",
        ge=1,
        le=3600,
        json_schema_extra={"x-rare": True},
    )
    max_answer_megabytes: int = Field(
        default=1024,
        title="Largest answer",
        description="Megabytes that results may have",
        ge=1,
        le=16_384,
        json_schema_extra={"x-rare": True},
    )

    @field_validator("headers", "secret_headers")
    @classmethod
    def _are_headers(cls, headers: dict[str, str] | None) -> dict[str, str] | None:
        for name, value in (headers or {}).items():
            if not _HEADER_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of a header")
            if name.lower() in _OWN_HEADERS:
                raise ValueError(f"the router itself sets {name}")
            if not value.isascii() or not value.isprintable():
                raise ValueError(f"the value of {name} must be one line of ASCII")
        return headers


class HttpAnswer:
    """The answer of a service to a parcel."""

    def __init__(self, reply: Reply, largest: int) -> None:
        self._reply = reply
        self._largest = largest

    @property
    def later(self) -> bool:
        return self._reply.status == _ACCEPTED

    def results(self) -> Iterator[bytes]:
        if self.later or self._reply.length == 0:
            return
        try:
            yield from read_bundle(self._reply.body, self._reply.content_type, self._largest)
        except BrokenBundle as error:
            # The next answer may differ: the service may be starting, or a proxy may have answered.
            raise Declined(f"The service has given {error}", lasting=False) from error


class HttpTarget:
    """Calls the program."""

    def __init__(self, settings: HttpSettings) -> None:
        self._largest = settings.max_answer_megabytes * _MEGABYTE
        endpoint = Endpoint(
            settings.url,
            settings.method,
            {**settings.headers, **(settings.secret_headers or {})},
            settings.login(trusted(settings.ca_file), settings.timeout_seconds),
            settings.signing_secret,
            trusted(settings.ca_file),
        )
        timeouts = (settings.connect_timeout_seconds, settings.timeout_seconds)
        self._service = Service(endpoint, Limits(timeouts, self._largest))

    def notify(self, notice: Notice) -> None:
        body = io.BytesIO(json.dumps(notice.event).encode())
        with _on_disk(), self._service.call(body, "application/json", _key(notice.key)):
            pass

    @contextmanager
    def process(self, parcel: Parcel) -> Iterator[HttpAnswer]:
        with _on_disk(), TemporaryFile() as body:
            content_type = _pack(parcel, body)
            headers = {**parcel.headers, **_key(parcel.key)}
            with self._service.call(body, content_type, headers) as reply:
                yield HttpAnswer(reply, self._largest)

    def test(self) -> str:
        return self._service.probe()

    def close(self) -> None:
        """Do nothing: there is nothing to close."""


@contextmanager
def _on_disk() -> Iterator[None]:
    """Report errors of temporary files, which hold what is too large for the memory. Raises
    DestinationUnavailable where they cannot be written."""
    try:
        yield
    except OSError as error:
        raise DestinationUnavailable(f"Temporary files cannot be written: {error}") from error


def _key(key: str) -> Mapping[str, str]:
    return {"Idempotency-Key": key}


def _pack(parcel: Parcel, body: IO[bytes]) -> str:
    """Write the images in the form of the request; return its Content-Type."""
    files = (contents(image) for image in parcel.images)
    if parcel.packing == "multipart":
        return write_multipart(files, body)
    if parcel.packing == "zip":
        return write_zip(files, body)
    body.writelines(files)
    return DICOM


def _misfits(action: Any) -> Iterable[tuple[str, str]]:
    """Yield what an action that notifies must not have for a program."""
    if not isinstance(action, NoticeTexts):
        return
    for field in ("to", "cc", "bcc", "subject", "body", "html"):
        if getattr(action, field):
            yield field, "is for a mail; a program gets JSON (payload)"
    if action.attachments.preview or action.attachments.series_csv:
        yield "attachments", "are for a mail"


def _opened(_identifier: str, settings: HttpSettings, _installation: Installation) -> HttpTarget:
    return HttpTarget(settings)


def _address(settings: Mapping[str, Any], _installation: Installation) -> Address:
    return address_of(str(settings.get("url")))


KIND = Kind(
    "http",
    "HTTP service",
    HttpSettings,
    _opened,
    problems=missing_ca_file,
    takes=frozenset({"notices", "processing"}),
    misfits=_misfits,
    address=_address,
)
