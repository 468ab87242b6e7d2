"""The example in docs/extending.md is a kind of destination as the registry takes it."""

import re
from pathlib import Path
from typing import Any, cast

from router.destinations import Installation, Kind
from samples import make_image
from unit.destinations.outgoing_samples import outgoing

GUIDE = Path(__file__).parents[2] / "docs/extending.md"


def test_the_example_of_a_kind_works() -> None:
    [source] = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    module: dict[str, Any] = {"__name__": "router.destinations.null"}
    exec(compile(source, str(GUIDE), "exec"), module)
    kind = module["KIND"]
    assert isinstance(kind, Kind)
    target = kind.open(
        "null", kind.settings.model_validate({"note": "for trying out"}), cast(Installation, None)
    )
    assert target.test()
    cast(Any, target).send(outgoing(make_image()))
    target.close()


def test_the_files_that_it_names_are_there() -> None:
    """Those of the tables and of the text, but for the ones to be written."""
    root = GUIDE.parents[1]
    named = re.findall(r"`((?:plugin|webapp|tests|docs)/[\w./-]+)`", GUIDE.read_text("utf-8"))
    assert named
    assert [name for name in named if "NAME" not in name and not (root / name).exists()] == []
