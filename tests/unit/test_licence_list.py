"""The list of licences names all that the router runs with."""

from licence_list import PLACE, page_packages, python_packages


def test_it_names_each_package() -> None:
    listed = PLACE.read_text("utf-8")
    names = [*python_packages(), *page_packages()]
    assert len(names) > 100
    assert [name for name in names if f"| {name} |" not in listed] == []


def test_each_has_a_licence() -> None:
    rows = [line for line in PLACE.read_text("utf-8").splitlines() if line.startswith("| ")]
    assert [row for row in rows if "not said" in row or "not installed" in row] == []
