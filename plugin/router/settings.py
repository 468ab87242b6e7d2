# SPDX-License-Identifier: GPL-3.0-or-later
"""The router's settings: the section `Router` of Orthanc's configuration, and what it needs of the rest."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_pascal

_Model = TypeVar("_Model", bound=BaseModel)


class SettingsError(Exception):
    """The configuration cannot be used; the message names the setting."""


class RoleSettings(BaseModel):
    """The section `Router.Roles`: who may do what. Each role includes those after it.

    An entry is a user's name, `group:` and the name of a group (where a trusted proxy or the authorization
    plugin tells the groups), `permission:` and a permission of the authorization plugin, `id:` and the id
    that this plugin gives a user (names do not count there: people may choose theirs), or `*` for whoever
    Orthanc lets in.
    """

    model_config = ConfigDict(extra="forbid", alias_generator=to_pascal, frozen=True)

    #: Change policies and destinations.
    editors: list[str] = Field(default_factory=list)
    #: Retry and cancel deliveries, pause destinations, route by hand.
    operators: list[str] = Field(default_factory=list)
    #: Look at everything.
    readers: list[str] = Field(default_factory=list)


class ProxySettings(BaseModel):
    """The section `Router.Proxy`: a reverse proxy that knows who is asking, and tells it in headers.

    It logs in at Orthanc as a user of its own, by whose password Orthanc knows it: only together with that
    login the headers count. It must put them in place of those that a client may have sent.
    """

    model_config = ConfigDict(extra="forbid", alias_generator=to_pascal, frozen=True)

    #: As whom the proxy logs in at Orthanc.
    orthanc_user: str = Field(min_length=1)
    #: The header with the name of the person who asks, such as `X-Forwarded-User`.
    user_header: str = Field(min_length=1)
    #: The header with that person's groups, separated by commas, such as `X-Forwarded-Groups`.
    groups_header: str | None = None


class SyslogSettings(BaseModel):
    """The section `Router.AuditSyslog`: where audit messages are sent."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_pascal, frozen=True)

    #: The audit server.
    host: str = Field(min_length=1)
    #: RFC 5425 gives 6514 to syslog over TLS.
    port: int = Field(default=6514, ge=1, le=65535)
    #: Certificates by which the server is known; by default those that this machine trusts.
    ca_file: Path | None = None
    #: This router's own certificate and its key, where the server asks for one (ATNA does).
    certificate_file: Path | None = None
    #: The key of that certificate.
    key_file: Path | None = None


class RouterSettings(BaseModel):
    """The section `Router`, in Orthanc's own spelling (`MongoUri`)."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_pascal, frozen=True)

    #: Folder of the router's own state; by default `router` inside Orthanc's storage directory.
    data_directory: Path | None = None
    #: `mongodb://...`; empty means the embedded SQLite store.
    mongo_uri: str = ""
    #: The name of the database in MongoDB.
    mongo_database: str = "orthanc_router"
    #: The name of Orthanc's database (its index), the same on all nodes that share it. By default it follows
    #: from where the database is: a database server's address, or else this node's own folder.
    index: str = Field(default="", max_length=200)
    #: The built web page.
    page_directory: Path = Path(__file__).parents[2] / "webapp" / "dist"
    #: Where people reach this Orthanc, for links and behind a reverse proxy: `https://host/orthanc`.
    public_url: str = ""
    #: Days that finished deliveries and the ledger of arrivals are kept.
    retention_days: float = Field(default=90, gt=0)
    #: Days that the audit trail is kept: ten years.
    audit_retention_days: float = Field(default=3653, gt=0)
    #: The key that encrypts the secrets of destinations; by default `secret.key` in the data directory.
    #: Nodes that share a MongoDB share its contents. The variables ROUTER_SECRET_KEY (the key itself) and
    #: ROUTER_SECRET_KEY_FILE go before it.
    secret_key_file: Path | None = None
    #: How many results may be made out of results, one after the other, before no policy fires any more.
    hop_limit: int = Field(default=8, ge=1, le=100)
    #: Where the audit trail is sent as well, as audit messages of DICOM.
    audit_syslog: SyslogSettings | None = None
    #: Who may do what. Where it is missing, a single user of Orthanc may do all; of several, each may look.
    roles: RoleSettings | None = None
    #: A reverse proxy that is trusted to say who is asking.
    proxy: ProxySettings | None = None
    #: Whether Orthanc's authorization plugin says who is asking, by the token that comes with a request.
    authorization_plugin: bool = False
    #: Whether Orthanc's own web interfaces show the page inside of them, in a frame.
    embed_in_explorer: bool = True
    #: Folders below which destinations of kind `folder` may write, and nowhere else.
    folder_roots: list[Path] = Field(default_factory=list)

    @field_validator("folder_roots")
    @classmethod
    def _are_absolute(cls, roots: list[Path]) -> list[Path]:
        for root in roots:
            if not root.is_absolute() or root == Path(root.anchor):
                raise ValueError(f"{root} is not the absolute path of a folder")
        return roots


#: Sections of the plugins that keep Orthanc's database elsewhere, each with its server's usual port.
_INDEX_PLUGINS = {"PostgreSQL": 5432, "MySQL": 3306}


class Index(BaseModel):
    """Orthanc's database: its own SQLite file, or a database on a server, which other nodes may share.

    A database has no identifier of its own. Where several Orthancs share it, its entries for plugins and the
    `DatabaseServerIdentifier` (Orthanc Book, "Scalability") still belong to one Orthanc each.
    """

    model_config = ConfigDict(frozen=True)

    #: The same for all nodes that share the database; empty where only this node uses it.
    name: str = ""
    #: Whether it is on a database server. There, changes may be committed in another order than they
    #: are numbered in.
    on_server: bool = False

    @classmethod
    def of_configuration(cls, configuration: Mapping[str, Any]) -> "Index":
        """Read it from Orthanc's whole configuration (Orthanc Book, "PostgreSQL plugins", "MySQL plugins").

        Raises SettingsError.
        """
        for plugin, usual_port in _INDEX_PLUGINS.items():
            section = _section(configuration, plugin)
            if section.get("EnableIndex"):
                try:
                    uri = urlsplit(str(section.get("ConnectionUri", "")))
                    port = uri.port or section.get("Port", usual_port)
                except ValueError as error:
                    raise SettingsError(f"{plugin}.ConnectionUri: {error}") from None
                host = uri.hostname or section.get("Host", "localhost")
                database = uri.path.strip("/") or section.get("Database", "")
                return cls(name=f"{plugin.lower()}://{host}:{port}/{database}", on_server=True)
        return cls(on_server=bool(_section(configuration, "Odbc").get("EnableIndex")))


#: The words that Orthanc 1.13 takes in place of a boolean.
_OVERWRITING = ("Never", "Always", "IfChanged")


class OrthancSettings(BaseModel):
    """What the router takes from the rest of Orthanc's configuration, with Orthanc's own defaults."""

    model_config = ConfigDict(alias_generator=to_pascal, frozen=True)

    name: str = "MyOrthanc"
    dicom_aet: str = "ORTHANC"
    dicom_port: int = 4242
    dicom_tls_certificate: str = ""
    dicom_tls_private_key: str = ""
    dicom_tls_trusted_certificates: str = ""
    http_port: int = 8042
    #: From Orthanc 1.12.10 on: where its web server listens; empty: everywhere.
    http_bind_addresses: list[str] = Field(default_factory=list)
    ssl_enabled: bool = False
    http_threads_count: int = 50
    remote_access_allowed: bool = False
    #: None: where other machines are let in.
    authentication_enabled: bool | None = None
    registered_users: dict[str, Any] = Field(default_factory=dict)
    stable_age: int = 60
    #: A boolean or, from Orthanc 1.13 on, a word.
    overwrite_instances: bool | str = False
    #: 0 stands for one for each processor.
    concurrent_jobs: int = 2
    storage_directory: Path = Path("OrthancStorage")

    @field_validator("overwrite_instances", mode="before")
    @classmethod
    def _is_known(cls, value: object) -> object:
        if not isinstance(value, bool) and value not in _OVERWRITING:
            raise ValueError('must be true, false, "Never", "Always" or "IfChanged"')
        return value


class Settings(BaseModel):
    """All that the router takes from Orthanc's configuration."""

    model_config = ConfigDict(frozen=True)

    router: RouterSettings
    name: str
    aet: str
    dicom_port: int
    #: The files by which Orthanc calls DICOM nodes by TLS, as far as there are any.
    dicom_tls_certificate: str
    dicom_tls_private_key: str
    dicom_tls_trusted_certificates: str
    http_port: int
    #: Where this machine reaches Orthanc's web server.
    http_address: str
    tls: bool
    #: How many requests Orthanc's web server answers at once.
    http_threads: int
    #: Whether Orthanc asks for a login, and from other machines too; and its users.
    authentication: bool
    remote_access: bool
    users: frozenset[str]
    #: The headers, in small letters, in which the authorization plugin may find a token.
    token_headers: frozenset[str]
    stable_age: int
    #: Whether an image that comes again replaces the one that is stored even if it is the same. With
    #: "IfChanged" it does not, so that whatever Orthanc tells of is new.
    overwrite_instances: bool
    #: Whether an image that comes again and is another one is kept.
    overwrites: bool
    #: How many jobs Orthanc carries out at once.
    concurrent_jobs: int
    #: Where Orthanc keeps files, unless a plugin does.
    storage_directory: Path
    data_directory: Path
    secret_key_file: Path
    index: Index
    #: Where Orthanc Explorer 2 is if it is loaded, such as `/ui/`; empty where it is switched off.
    explorer_2: str

    @classmethod
    def of_configuration(cls, text: str) -> "Settings":
        """Read them from the JSON that Orthanc has made of its configuration files.

        Raises SettingsError.
        """
        configuration: dict[str, Any] = json.loads(text)
        router = _read(RouterSettings, _section(configuration, "Router"), "Router.")
        orthanc = _read(OrthancSettings, configuration)
        authentication = (
            orthanc.remote_access_allowed
            if orthanc.authentication_enabled is None
            else orthanc.authentication_enabled
        )
        if router.proxy is not None and not authentication:
            raise SettingsError(
                "Router.Proxy: needs AuthenticationEnabled, as Orthanc knows the proxy by its login"
            )
        if router.proxy is not None and router.authorization_plugin:
            raise SettingsError("Router.Proxy: not together with Router.AuthorizationPlugin")
        index = Index.of_configuration(configuration)
        if router.index:
            index = index.model_copy(update={"name": router.index})
        data_directory = router.data_directory or orthanc.storage_directory / "router"
        return cls(
            router=router,
            name=orthanc.name,
            aet=orthanc.dicom_aet,
            dicom_port=orthanc.dicom_port,
            dicom_tls_certificate=orthanc.dicom_tls_certificate,
            dicom_tls_private_key=orthanc.dicom_tls_private_key,
            dicom_tls_trusted_certificates=orthanc.dicom_tls_trusted_certificates,
            http_port=orthanc.http_port,
            http_address=_reached_at(orthanc.http_bind_addresses),
            tls=orthanc.ssl_enabled,
            http_threads=orthanc.http_threads_count,
            authentication=authentication,
            remote_access=orthanc.remote_access_allowed,
            users=frozenset(orthanc.registered_users),
            token_headers=_token_headers(_section(configuration, "Authorization")),
            stable_age=orthanc.stable_age,
            overwrite_instances=orthanc.overwrite_instances in (True, "Always"),
            overwrites=orthanc.overwrite_instances not in (False, "Never"),
            concurrent_jobs=orthanc.concurrent_jobs or os.cpu_count() or 1,
            storage_directory=orthanc.storage_directory,
            data_directory=data_directory,
            secret_key_file=router.secret_key_file or data_directory / "secret.key",
            index=index,
            explorer_2=_explorer_2(_section(configuration, "OrthancExplorer2")),
        )


def _reached_at(bound: Sequence[str]) -> str:
    """Return loopback where the web server listens there, else its first address."""
    if not bound or not {"127.0.0.1", "0.0.0.0", "localhost"}.isdisjoint(bound):
        return "127.0.0.1"
    if not {"::1", "::"}.isdisjoint(bound):
        return "::1"
    return bound[0]


def _section(configuration: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a section; an empty one where it is missing. Raises SettingsError."""
    section = configuration.get(name, {})
    if not isinstance(section, dict):
        raise SettingsError(f"{name}: must be a section in braces")
    return section


def _read(model: type[_Model], section: Mapping[str, Any], prefix: str = "") -> _Model:
    """Check a section. Raises SettingsError, which names each setting that cannot be used."""
    try:
        return model.model_validate(section)
    except ValidationError as error:
        problems = {
            prefix + ".".join(map(str, problem["loc"])): problem["msg"].removeprefix("Value error, ")
            for problem in error.errors()
        }
    raise SettingsError("; ".join(f"{setting}: {problem}" for setting, problem in problems.items()))


def _explorer_2(section: Mapping[str, Any]) -> str:
    """Return the root of Explorer 2; empty where it does not start: switched off, or with a root that it
    refuses."""
    root = str(section.get("Root", "/ui/"))
    is_usable = root.startswith("/") and root.endswith("/")
    return root if is_usable and section.get("Enable", True) is not False else ""


def _token_headers(section: Mapping[str, Any]) -> frozenset[str]:
    """Return the headers that may hold a token, in lower case.

    They are those of the plugin's configuration (Orthanc Book, "Advanced authorization plugin"), and those
    that its standard configurations and the router's page use.
    """
    named = section.get("TokenHttpHeaders", [])
    if not isinstance(named, list):
        raise SettingsError("Authorization.TokenHttpHeaders: must be a list")
    return frozenset(str(name).lower() for name in [*named, "Authorization", "token", "auth-token"])
