# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes docs/configuration.md of the models.

`PYTHONPATH=plugin .venv/tests/bin/python tests/configuration_reference.py`
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from router.actions import ACTIONS
from router.destinations import KINDS
from router.documents.destination import DestinationDraft, Retry
from router.documents.policy import PolicyDraft, Trigger
from router.documents.window import Window
from router.settings import ProxySettings, RoleSettings, RouterSettings, SyslogSettings

Schema = Mapping[str, Any]

HOME: Final = Path(__file__).parents[1]
PLACE: Final = HOME / "docs" / "configuration.md"

HEAD: Final = """# Configuration reference

Made of the models by `tests/configuration_reference.py`; a test fails where it is not as they are. What the
settings are good for is told in the [manual](manual.md) and in that of the
[installation](../orthanc/README.md).

- [Environment](#environment): `.env`, for `orthanc/start` and `docker compose`
- [The section `Router`](#the-section-router) of Orthanc's configuration
- [Policies](#policies), with [triggers](#trigger), [windows](#window) and [actions](#actions)
- [Destinations](#destinations), with [retries](#retry) and the settings of each [kind](#kinds)
"""


def reference() -> str:
    """The whole document."""
    parts = [HEAD, _environment()]
    parts.append(_section("## The section `Router`", RouterSettings))
    parts.append(_section("### `Router.Roles`", RoleSettings))
    parts.append(_section("### `Router.Proxy`", ProxySettings))
    parts.append(_section("### `Router.AuditSyslog`", SyslogSettings))
    done = {Window.__name__, Trigger.__name__, Retry.__name__}
    of_actions = set().union(*({one.model.__name__, *_models_within(one.model)} for one in ACTIONS.values()))
    parts.append(_section("## Policies", PolicyDraft))
    parts.append(_section("### Trigger", Trigger))
    parts.append(_section("### Window", Window))
    parts += [
        _section(f"### {name}", part)
        for name, part in _models_within(PolicyDraft).items()
        if name not in done | of_actions
    ]
    parts.append("## Actions\n")
    parts += [_with_parts(f"### `{name}`", one.model, done) for name, one in sorted(ACTIONS.items())]
    parts.append(_section("## Destinations", DestinationDraft))
    parts.append(_section("### Retry", Retry))
    parts.append("## Kinds\n\nThe `settings` of a destination, by its `kind`.\n")
    parts += [
        _with_parts(f"### `{name}`: {kind.label}", kind.settings, done)
        for name, kind in sorted(KINDS.items())
    ]
    return "\n".join(parts)


def undescribed() -> list[str]:
    """Fields of which nothing is said, each as `Model.field`."""
    found = []
    models: list[type[BaseModel]] = [RouterSettings, PolicyDraft, Trigger, Window, DestinationDraft, Retry]
    models += [one.model for one in ACTIONS.values()] + [kind.settings for kind in KINDS.values()]
    for model in [*models, *(part for one in models for part in _models_within(one).values())]:
        said = _comments(model)
        for name, field in model.model_fields.items():
            if name != "type" and not (said.get(name) or field.description or field.title):
                found.append(f"{model.__name__}.{name}")
    return sorted(set(found))


def _environment() -> str:
    rows: list[str] = []
    said: list[str] = []
    for line in (HOME / ".env.example").read_text("utf-8").splitlines():
        if setting := re.fullmatch(r"([A-Z_]+)=(.*)", line):
            name, default = setting[1], setting[2].strip('"')
            shown = re.sub(r"@sha256:[0-9a-f]+", "@sha256:...", default)
            rows.append(f"| `{name}` | {f'`{shown}`' if shown else ''} | {' '.join(said)} |")
            said = ["As above."]
        elif line.startswith("# ---") or not line:
            said = []
        elif line.startswith("# "):
            said = [*(said if said != ["As above."] else []), line[2:]]
    head = ["## Environment", "", "In `.env`; what the environment says goes before it.", ""]
    return "\n".join([*head, "| Setting | Default | |", "|---|---|---|", *rows, ""])


def _with_parts(heading: str, model: type[BaseModel], done: set[str]) -> str:
    """A model, and the models that its fields hold and that have no place yet."""
    text = [_section(heading, model)]
    for name, part in _models_within(model).items():
        if name not in done:
            done.add(name)
            text.append(_section(f"#### {name}", part))
    return "\n".join(text)


def _models_within(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    wanted = set(model.model_json_schema().get("$defs", {}))
    for one in _all_subclasses(BaseModel):
        if one.__name__ in wanted and one.__module__.startswith("router."):
            found[one.__name__] = one
    return dict(sorted(found.items()))


def _all_subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _all_subclasses(one)


def _section(heading: str, model: type[BaseModel]) -> str:
    schema = model.model_json_schema(by_alias=True)
    said = _comments(model)
    required = set(schema.get("required", ()))
    rows = []
    for name, field in model.model_fields.items():
        shown = field.alias or name
        if name == "type":
            continue
        found = schema["properties"][shown]
        default = "required" if shown in required else _default(found)
        rows.append(_row(f"`{shown}`", _type(found, schema), default, said.get(name) or _described(field)))
    about = inspect.cleandoc(model.__doc__ or "").split("\n\n")
    return _table(heading, "\n\n".join(part.replace("\n", " ") for part in about), rows, "Field")


def _table(heading: str, about: str, rows: list[str], first: str) -> str:
    head = [f"| {first} | Value | Default | |", "|---|---|---|---|"]
    return "\n".join([heading, "", *([about, ""] if about else []), *([*head, *rows] if rows else []), ""])


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _described(field: FieldInfo) -> str:
    """Its title and description, as far as there are any."""
    return ". ".join(text for text in (field.title, field.description) if text)


def _default(found: Schema) -> str:
    value = found.get("default")
    if value in (None, "", [], {}) or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "" if str(value).startswith("/") else f"`{value}`"


def _type(found: Schema, schema: Schema) -> str:
    """In words, with what bounds it."""
    if "$ref" in found:
        name = str(found["$ref"]).rpartition("/")[2]
        return _type(schema["$defs"][name], schema) if "enum" in schema["$defs"][name] else name
    if "anyOf" in found:
        kinds = [_type(one, schema) for one in found["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "const" in found:
        return f"`{found['const']}`"
    if "enum" in found:
        labels = found.get("x-labels", {})
        return ", ".join(f"`{one}`" + (f" ({labels[one]})" if one in labels else "") for one in found["enum"])
    if "oneOf" in found or "discriminator" in found:
        return "one of the [actions](#actions)"
    kind = found.get("type")
    if kind is None:
        return "any"
    if kind == "array":
        inner = found.get("items") or {}
        return f"list of {_type(inner, schema)}" if inner else "list"
    if kind == "object":
        return "object"
    if kind == "boolean":
        return "true or false"
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _bounds(found)
    most = found.get("maxLength")
    return "text" + (f", at most {most} characters" if most else "")


def _bounds(found: Schema) -> str:
    least, most = found.get("minimum"), found.get("maximum")
    above = found.get("exclusiveMinimum")
    bounds = [f"from {least}"] if least is not None else [f"above {above}"] if above is not None else []
    if most is not None:
        bounds.append(f"to {most}")
    return " " + " ".join(bounds) if bounds else ""


def _comments(model: type[BaseModel]) -> dict[str, str]:
    """What stands above each field, behind `#:`, also in the models that it inherits from."""
    said: dict[str, str] = {}
    for one in reversed(model.__mro__):
        if issubclass(one, BaseModel) and one.__module__.startswith("router."):
            said |= _own_comments(one)
    return said


def _own_comments(model: type[BaseModel]) -> dict[str, str]:
    source = textwrap.dedent(inspect.getsource(model))
    lines = source.splitlines()
    [definition] = ast.parse(source).body
    assert isinstance(definition, ast.ClassDef)
    said = {}
    for statement in definition.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            above: list[str] = []
            for line in reversed(lines[: statement.lineno - 1]):
                if not line.strip().startswith("#: "):
                    break
                above.insert(0, line.strip()[3:])
            if above:
                said[statement.target.id] = " ".join(above)
    return said


if __name__ == "__main__":
    PLACE.write_text(reference(), "utf-8")
