"""Imports go one way, no two files import each other, and only the closures' own files know their names.

The order is read from `.github/CONTRIBUTING.md`, which states it. Imports inside functions count as well: they may make
a command start sooner, but they may not turn the order round.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

import gardner

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "gardner"
CLOSURES = {"symmetric", "directed"}
CLOSURE_FILES = ("gardner/theory/closures/",)

# What is still to do: these lists may only become shorter.
HIDDEN_TO_DO = {
    "gardner.plotting.ultrametric imports gardner.plotting.trees",
    "gardner.theory.planted.solve imports gardner.theory.planted.report",
}
NAMES_TO_DO = {
    "gardner/analysis/gaps.py",
    "gardner/analysis/layer_transitions.py",
    "gardner/analysis/penetration.py",
    "gardner/comparison/theory.py",
    "gardner/figures/theory_vs_mc.py",
    "gardner/plotting/closures.py",
    "gardner/plotting/comparison.py",
    "gardner/plotting/liquid.py",
    "gardner/plotting/montecarlo.py",
    "gardner/plotting/phase.py",
}


@dataclass(frozen=True)
class Import:
    """`source` imports `target`, both modules of the package, in a line of its file, perhaps inside a function."""

    source: str
    target: str
    line: int
    inside: bool


def module_name(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path.read_text(encoding="utf-8") for path in sorted(PACKAGE.rglob("*.py"))}


def imports(source: str, text: str, modules: set[str]) -> list[Import]:
    """What a module imports of the package, also inside functions."""
    found = []

    def walk(node: ast.AST, inside: bool) -> None:
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{source}, line {node.lineno}: write the whole name of what is imported"
            # `from package import name`: the name is a module, or something that the module `package` defines
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if name in modules else node.module for name in inner]
        found.extend(Import(source, name, node.lineno, inside) for name in names if name.split(".")[0] == "gardner")
        for child in ast.iter_child_nodes(node):
            walk(child, inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))

    walk(ast.parse(text), False)
    return found


def names_of(text: str) -> set[str]:
    """What a module defines or imports at the top of the file, also under a condition."""
    found = set()
    waiting = list(ast.parse(text).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        else:
            found |= {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
            waiting += [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.stmt)]
    return found


def dangling(sources: dict[str, str], more: dict[str, set[str]]) -> list[str]:
    """Imports, also inside functions, of a name that its module does not have; more: names that it gives on demand."""
    names = {module: names_of(text) | more.get(module, set()) for module, text in sources.items()}
    wrong = []
    for source, text in sources.items():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "gardner":
                for alias in node.names:
                    whole = f"{node.module}.{alias.name}"
                    if whole not in names and alias.name not in names.get(node.module, ()):
                        wrong.append(f"{source}, line {node.lineno}, imports {whole}")
    return wrong


IMPORTS = [one for name, text in SOURCES.items() for one in imports(name, text, set(SOURCES))]


def order_of(document: str) -> list[list[list[str]]]:
    """The levels of the order, lowest first: alternatives that never import each other, each a list of packages."""
    (block,) = re.findall(r"```order\n(.*?)```", document, flags=re.S)
    return [[part.replace(",", " ").split() for part in line.split("|")] for line in block.splitlines()]


def breaches(found: list[Import], order: list[list[list[str]]]) -> list[str]:
    """Imports that go up, or across between packages of one level that must not know each other."""
    place = {
        package: (level, alternative)
        for level, line in enumerate(order)
        for alternative, packages in enumerate(line)
        for package in packages
    }
    wrong = []
    for one in found:
        source, target = (name.split(".")[1:2] for name in (one.source, one.target))
        if not source or not target:  # gardner itself holds the version, and names to be imported on first use
            continue
        (above, mine), (below, other) = place[source[0]], place[target[0]]
        if below > above or (below == above and mine != other):
            wrong.append(f"{one.source}, line {one.line}, imports {one.target}")
    return wrong


def reachable(found: list[Import]) -> dict[str, set[str]]:
    """module → all modules that it imports, directly or through others."""
    targets: dict[str, set[str]] = {}
    for one in found:
        targets.setdefault(one.source, set()).add(one.target)
    reach = {}
    for start in targets:
        seen, waiting = set(), [start]
        while waiting:
            for target in targets.get(waiting.pop(), set()) - seen:
                seen.add(target)
                waiting.append(target)
        reach[start] = seen
    return reach


def cycles(found: list[Import]) -> set[str]:
    """Groups of files that import each other at the top of the file, directly or through others."""
    reach = reachable([one for one in found if not one.inside])
    together = {name: {other for other in reach[name] if name in reach.get(other, ())} for name in reach}
    return {", ".join(sorted(group)) for name, group in together.items() if name in group}


def hidden_cycles(found: list[Import]) -> set[str]:
    """Imports inside functions of what needs the importing file itself: at the top they would close a cycle."""
    reach = reachable(found)
    closing = [one for one in found if one.inside and one.source in reach.get(one.target, ())]
    return {f"{one.source} imports {one.target}" for one in closing if one.source != one.target}


def names_of_closures(text: str) -> list[int]:
    """Lines that compare with a closure's name, look for it, match it or use it as a key."""

    def named(node) -> bool:
        if isinstance(node, ast.Constant):
            return node.value in CLOSURES if isinstance(node.value, str) else False
        return isinstance(node, ast.Tuple | ast.List | ast.Set) and any(map(named, node.elts))

    lines = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Dict):
            parts = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.MatchValue):
            parts = [node.value]
        elif isinstance(node, ast.Subscript):
            parts = [node.slice]
        else:
            continue
        if any(map(named, parts)):
            lines.append(node.lineno)
    return sorted(lines)


def only_shrinks(found: set[str], to_do: set[str], what: str) -> None:
    """Nothing is found that is not on the list; what has been done since is printed, to be taken off."""
    print(f"{what}, still to do: {sorted(found) or 'nothing'}; take off the list: {sorted(to_do - found) or 'nothing'}")
    assert not found - to_do, f"{what}: {sorted(found - to_do)}"


def test_imports_go_one_way():
    order = order_of((ROOT / ".github" / "CONTRIBUTING.md").read_text(encoding="utf-8"))
    stated = {package for line in order for packages in line for package in packages}
    assert {name.split(".")[1] for name in SOURCES if "." in name} - {"__main__"} <= stated
    found = [one for one in IMPORTS if one.source != "gardner.__main__"]
    assert len(found) > 1000
    assert not breaches(found, order)


def test_no_two_files_import_each_other():
    assert not cycles(IMPORTS)
    only_shrinks(hidden_cycles(IMPORTS), HIDDEN_TO_DO, "imports that stand inside a function because of a cycle")


def test_only_the_files_of_the_closures_know_their_names():
    paths = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    found = {name for name, text in paths.items() if names_of_closures(text) and not name.startswith(CLOSURE_FILES)}
    only_shrinks(found, NAMES_TO_DO, "files that ask for the name of a closure")


def test_every_name_that_is_imported_exists():
    """An import inside a function fails only when the function is called."""
    assert not dangling(SOURCES, {"gardner": set(gardner.__all__)})


def test_imports_of_what_is_gone_are_seen():
    sources = {
        "gardner.a": "x: int = 1\nif x:\n    y, z = 1, 2\n\ndef f():\n    from gardner.b import g, gone\n",
        "gardner.b": "from gardner.a import f, x, y\nfrom gardner import a\nimport gardner.a as h\nclass g: ...\n",
        "gardner.c": "from gardner.b import f, h\nfrom gardner import later, never\nfrom gardner.d import g\n",
        "gardner": "",
    }
    assert dangling(sources, {"gardner": {"later"}}) == [
        "gardner.a, line 6, imports gardner.b.gone",
        "gardner.c, line 2, imports gardner.never",
        "gardner.c, line 3, imports gardner.d.g",
    ]


ORDER = order_of("```order\nmodel\ntheory | montecarlo\nanalysis, capacity\n```")


@pytest.mark.parametrize(
    ("source", "text", "wrong"),
    [
        ("gardner.analysis.gaps", "from gardner.theory.flow import step", False),
        ("gardner.analysis.gaps", "from gardner.capacity import limit", False),
        ("gardner.theory.flow", "from gardner.analysis import gaps", True),
        ("gardner.theory.flow", "def f():\n    import gardner.analysis.gaps", True),
        ("gardner.theory.flow", "from gardner.montecarlo.state import State", True),
        ("gardner.montecarlo.state", "if True:\n    from gardner.theory import flow", True),
        ("gardner.model", "from gardner import __version__", False),
    ],
)
def test_imports_against_the_order_are_seen(source, text, wrong):
    assert bool(breaches(imports(source, text, set()), ORDER)) == wrong


def test_cycles_are_seen_through_other_files_and_inside_functions():
    texts = {
        "gardner.a": "from gardner import b",
        "gardner.b": "from gardner.c import g",
        "gardner.c": "import gardner.a",
        "gardner.d": "import gardner.a",
    }

    def found():
        return [one for name, text in texts.items() for one in imports(name, text, set(texts))]

    assert cycles(found()) == {"gardner.a, gardner.b, gardner.c"} and not hidden_cycles(found())
    texts["gardner.c"] = "def f():\n    import gardner.a"
    assert not cycles(found()) and hidden_cycles(found()) == {"gardner.c imports gardner.a"}
    texts["gardner.c"] = "import json"
    assert not cycles(found()) and not hidden_cycles(found())


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ('x = closure == "directed"', [1]),
        ('if closure in ("symmetric", "other"):\n    pass', [1]),
        ('sectors = {\n    "symmetric": 1,\n}', [1]),
        ('match closure:\n    case "directed":\n        pass', [2]),
        ('value = theory["symmetric"]', [1]),
        ('closure: str = "symmetric"\nsolve("directed")\nother == "round"', []),
    ],
)
def test_questions_for_the_name_of_a_closure_are_seen(text, lines):
    assert names_of_closures(text) == lines
