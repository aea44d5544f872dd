"""No file imports itself through others, when it is imported."""

from __future__ import annotations

from tests.unit.test_architecture import IMPORTS, OWN, ROOT, Import, cycle_in


def file_graph(imports: list[Import]) -> dict[str, set[str]]:
    """Every module of both packages, each with those that it imports at once."""
    graph: dict[str, set[str]] = {}
    for item in imports:
        own = ".".join(item.file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if item.eager and item.module != own and item.module.startswith(OWN):
            graph.setdefault(own, set()).add(item.module)
    return graph


def test_no_file_imports_itself_through_others() -> None:
    assert cycle_in(file_graph(IMPORTS)) == []


def test_a_ring_of_files_is_found() -> None:
    back = Import(ROOT / "msa_model/protocol/layers.py", "msa_model.protocol.messages", eager=True, level=0)
    assert "msa_model.protocol.layers" in cycle_in(file_graph([*IMPORTS, back]))
