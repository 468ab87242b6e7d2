# SPDX-License-Identifier: GPL-3.0-or-later
"""The settings of one Orthanc with the router; `.env.example` explains them."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from launcher import dotenv
from launcher.failure import Failure

#: The folder of the checkout.
HOME = Path(__file__).parents[2]


@dataclass(frozen=True)
class Settings:
    """The settings of `.env.example`, checked; `url` has no slash at its end."""

    name: str
    aet: str
    port: int
    dicom_port: int
    url: str
    remote_access: bool
    username: str
    password: str
    data_folder: Path
    mongo_uri: str
    mongo_database: str

    @classmethod
    def read(cls, environment: Mapping[str, str], home: Path = HOME) -> "Settings":
        """Read each setting from the environment, else from `.env`, else from `.env.example`.

        Raises Failure, which names the unusable setting.
        """
        files = [path for path in (home / ".env.example", home / ".env") if path.exists()]
        values = {name: value for file in files for name, value in dotenv.read(file).items()}
        return cls.of({**values, **environment}, home)

    @classmethod
    def of(cls, values: Mapping[str, str], home: Path = HOME) -> "Settings":
        """Take the settings from values by name. Raises Failure, which names the unusable setting."""
        port = _port(values, "ORTHANC_PORT")
        dicom_port = _port(values, "ORTHANC_DICOM_PORT")
        if port == dicom_port:
            raise Failure(f"ORTHANC_PORT and ORTHANC_DICOM_PORT are both {port}; they must differ.")
        return cls(
            name=_given(values, "ORTHANC_NAME"),
            aet=_ae_title(values, "ORTHANC_AET"),
            port=port,
            dicom_port=dicom_port,
            url=_url(values, "ORTHANC_URL") or f"http://localhost:{port}",
            remote_access=_truth(values, "ORTHANC_REMOTE_ACCESS"),
            username=_username(values, "ORTHANC_USERNAME"),
            password=_given(values, "ORTHANC_PASSWORD"),
            data_folder=(home / Path(_given(values, "DATA_DIR")).expanduser()).resolve(),
            mongo_uri=_mongo_uri(values, "MONGO_URI"),
            mongo_database=_given(values, "MONGO_INITDB_DATABASE"),
        )

    def for_demonstration(self) -> "Settings":
        """The same settings with a separate data folder, and SQLite as the store."""
        folder = self.data_folder.with_name(f"{self.data_folder.name}-demo")
        return replace(self, data_folder=folder, mongo_uri="")

    @property
    def page(self) -> str:
        """The URL of the web page."""
        return f"{self.url}/router/app"

    def orthanc_environment(self) -> dict[str, str]:
        """The variables of `orthanc.json`. Orthanc puts them into its text, so they are in JSON form."""
        values: dict[str, object] = {
            "ORTHANC_NAME": self.name,
            "ORTHANC_AET": self.aet,
            "ORTHANC_PORT": self.port,
            "ORTHANC_DICOM_PORT": self.dicom_port,
            "ORTHANC_URL": self.url,
            "ORTHANC_REMOTE_ACCESS": self.remote_access,
            "ORTHANC_USERNAME": self.username,
            "ORTHANC_LOGIN_PASSWORD": self.password,
            "DATA_DIR": str(self.data_folder),
            "MONGO_URI": self.mongo_uri,
            "MONGO_INITDB_DATABASE": self.mongo_database,
            "ROUTER_HOME": str(HOME),
        }
        return {name: _inside_json(value) for name, value in values.items()}


def _inside_json(value: object) -> str:
    text = json.dumps(value)
    # So Orthanc does not take a ${NAME} inside a value for a variable.
    return text[1:-1].replace("$", "\\u0024") if isinstance(value, str) else text


def _given(values: Mapping[str, str], name: str) -> str:
    value = values.get(name, "").strip()
    if not value:
        raise Failure(f"{name} is not set: give it a value in .env.")
    if not value.isprintable():
        raise Failure(f"{name} has characters that cannot be printed.")
    return value


def _port(values: Mapping[str, str], name: str) -> int:
    text = _given(values, name)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= 65535:
        raise Failure(f'{name} must be a port number from 1 to 65535, not "{text}".')
    return int(text)


def _ae_title(values: Mapping[str, str], name: str) -> str:
    title = _given(values, name)
    if len(title) > 16 or not title.isascii() or "\\" in title:
        raise Failure(f'{name} must have at most 16 ASCII characters and no backslash, not "{title}".')
    return title


def _url(values: Mapping[str, str], name: str) -> str:
    url = values.get(name, "").strip().rstrip("/")
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise Failure(f'{name} must begin with http:// or https://, not "{url}".')
    return url


def _truth(values: Mapping[str, str], name: str) -> bool:
    text = _given(values, name).lower()
    if text not in {"true", "false"}:
        raise Failure(f'{name} must be true or false, not "{text}".')
    return text == "true"


def _username(values: Mapping[str, str], name: str) -> str:
    username = _given(values, name)
    if ":" in username:
        raise Failure(f"{name} must not have a colon in it.")
    return username


def _mongo_uri(values: Mapping[str, str], name: str) -> str:
    uri = values.get(name, "").strip()
    if uri and not uri.startswith(("mongodb://", "mongodb+srv://")):
        raise Failure(f"{name} must begin with mongodb:// or mongodb+srv://.")
    return uri
