# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents as YAML: what was written comes back, and what looks like text is text."""

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from router.documents.yaml_text import NotYaml, read_yaml, write_yaml

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
    | st.sampled_from(
        ["22:00", "no", "Yes", "018Y", "000123", "1e3", "1_000", "2024-05-17", "~", "<<", "=", "0x1f"]
    )
)
json_documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


@given(json_documents)
def test_what_was_written_comes_back(document: Any) -> None:
    written = write_yaml(document)
    assert read_yaml(written) == document


@given(json_documents)
def test_another_reader_sees_the_same_texts(document: Any) -> None:
    """One of YAML 1.1, but for numbers that it writes in another way."""
    text = {"texts": [str(document)[:50], "22:00", "no", "2024-05-17"]}
    assert yaml.safe_load(write_yaml(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from: 22:00", {"from": "22:00"}),
        ("a: no", {"a": "no"}),
        ("a: 018Y", {"a": "018Y"}),
        ("a: 000123", {"a": "000123"}),
        ("a: 2024-05-17", {"a": "2024-05-17"}),
        ("a: 1_000", {"a": "1_000"}),
        ("a: -1.5e3", {"a": -1500.0}),
        ("a: 7", {"a": 7}),
        ("a: true", {"a": True}),
        ("a: ~", {"a": None}),
        ("a:", {"a": None}),
        ("0008,1030: x", {"0008,1030": "x"}),
        ("7: x", {"7": "x"}),
        ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    ],
)
def test_reading(text: str, expected: Any) -> None:
    assert read_yaml(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: [", id="unfinished"),
        pytest.param("a: 1\na: 2", id="a name twice"),
        pytest.param("a: 1\n---\nb: 2", id="two documents"),
        pytest.param("!!python/object/apply:os.getcwd []", id="an object"),
        pytest.param("a: \x00", id="no text"),
        pytest.param("&x [*x]", id="holds itself"),
        pytest.param("[" * 5000, id="too deep"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdef", "bcdefg", strict=True)
            ),
            id="a million by aliases",
        ),
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(NotYaml):
        read_yaml(text)


@pytest.mark.parametrize(
    "text",
    ["[" * 50_000, "[" * 5_000 + "]" * 5_000, "- " * 50_000, "? " * 5_000, "{a: " * 5_000],
    ids=["open", "closed", "dashes", "keys", "mappings"],
)
def test_nesting_is_refused_as_it_is_met(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = 0
    compose = yaml.SafeLoader.compose_node

    def counted(*arguments: Any) -> Any:
        nonlocal nodes
        nodes += 1
        return compose(*arguments)

    monkeypatch.setattr(yaml.SafeLoader, "compose_node", counted)
    with pytest.raises(NotYaml, match="nested too deeply"):
        read_yaml(text)
    assert nodes <= 200
