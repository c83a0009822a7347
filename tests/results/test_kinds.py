"""The contract of a result, held by every registered kind.

Each kind is made small on the command line, written, read, and must come back whole: equal by value, with the same
document, a table, a table for notebooks, and a picture.
"""

import json
import warnings
from html.parser import HTMLParser
from pathlib import Path

import pytest
from tampered import tampered
from typer.testing import CliRunner

import gardner
from gardner.cli import main
from gardner.comparison.liquid.runs import write_run
from gardner.comparison.stored import FOLDER
from gardner.errors import FileFormatError
from gardner.figures.drawing import draw
from gardner.montecarlo.unit_overlaps import run_unit_overlaps
from gardner.results.datasets import jsonable, opened, to_bytes
from gardner.results.files import read, save
from gardner.results.kinds import KINDS
from gardner.values import same

MC = ("--width", "6", "--depth", "2", "--alpha", "1", "--sweeps", "40", "--samples", "2", "--measurements", "20",
      "--points", "2", "--replicas", "3")  # fmt: skip
RATES = ("fieldtheory", "learning-rate", "--rates")
COMPARE = ("--depth", "1", "--alpha", "1", "--limit", "full", "--widths", "4,6,8", "--samples", "3", "--sweeps", "700",
           "--budget", "2m")  # fmt: skip  # these sizes at any speed of the machine: they end in seconds
MAKERS = {  # kind → command; its file is that of --out, its document, or the report in its folder
    "solve random": ("solve", "random", "--alpha", "6", "--depth", "2", "--levels", "2", "--out"),
    "solve planted": ("solve", "planted", "--alpha", "20", "--depth", "4", "--out"),
    "solve sk": ("solve", "sk", "--beta", "2", "--levels", "3", "--out"),
    "solve sk zero-temperature": ("solve", "sk", "--zero-temperature", "--levels", "5", "--json"),
    "gaps": ("show", "made/solve random.nc", "--gaps", "--json"),
    "sweep": ("sweep", "planted", "--alpha", "10:200:5:log", "--depth", "2,4", "--out"),
    "transitions random": ("transitions", "random", "--levels", "8", "--count", "1", "--json"),
    "transitions planted": ("transitions", "planted", "--depth", "4", "--json"),
    "penetration": ("penetration", "planted", "--count", "5", "--json"),
    "capacity": ("capacity", "--margin", "-0.5", "--levels", "2", "--json"),
    "capacity curve": ("capacity", "--depth", "1:7", "--closure", "symmetric", "--json"),
    "complexity": ("complexity", "--alpha", "4.2", "--margin", "-0.5", "--m", "0.1,0.3", "--out"),
    "phase-diagram perceptron": ("phase-diagram", "perceptron", "--margin", "-0.5,0.5", "--out"),
    "capacity exponents": ("capacity", "--margin", "-0.5", "--exponents", "--levels", "7", "--json"),
    "ultrametric": ("ultrametric", "made/solve random.nc", "--replicas", "6", "--out"),
    "mc random": ("mc", "random", *MC, "--beta", "5", "--out"),
    "mc planted": ("mc", "planted", *MC, "--out"),
    "amp planted": ("amp", "planted", "--width", "60,60,6", "--depth", "1", "--alpha", "2", "--samples", "2", "--out"),
    "ultrametric measured": ("ultrametric", "made/mc planted.nc", "--out"),
    "mc training": ("mc", "training", "--alpha", "1,2", "--depth", "4", "--sweeps", "20", "--samples", "2", "--json"),
    "compare planted": ("compare", "planted", *COMPARE, "--out"),
    "fieldtheory predict": ("fieldtheory", "predict", "--out"),
    "fieldtheory lattice": ("fieldtheory", "lattice", "--sizes", "4", "--blocks", "8", "--sweeps", "5",
                            "--thermalisation", "5", "--out"),
    "fieldtheory linear-net": ("fieldtheory", "linear-net", "--widths", "2-2-2,4-4-4+layer", "--out"),
    "fieldtheory learning-rate weight": (*RATES, "0.1:2:4", "--windows", "2", "--steps", "20", "--runs", "2", "--out"),
    "fieldtheory learning-rate net": (*RATES, "0.1:1:3", "--system", "net", "--hidden", "4,4", "--windows", "4",
                                      "--steps", "10", "--runs", "2", "--out"),
}  # fmt: skip
KEPT = {
    "compare random": "random_L1_alpha2_beta1.json",
    "compare liquid": "liquid_L2.json",
    "compare amp": "amp_L2.json",
}
FOUND = ("unit overlaps", "figure", *KEPT)  # files that other commands keep, and reports of long ones


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """`made(kind)`: the path of a file of this kind, made once."""
    folder, monkeypatch = tmp_path_factory.mktemp("kinds"), pytest.MonkeyPatch()
    monkeypatch.chdir(folder)
    (folder / "made").mkdir()

    def make(kind):
        if kind in KEPT:
            return FOLDER / KEPT[kind]
        if kind == "unit overlaps":
            return unit_overlaps(folder)
        if kind == "figure":
            path = folder / "ssb-potential.nc"
            if not path.exists():
                assert not draw(("ssb-potential",), out=folder)[0].problem
            return path
        command = MAKERS[kind]
        ending = "" if kind == "compare planted" else ".json" if command[-1] == "--json" else ".nc"
        path = folder / "made" / f"{kind}{ending}"
        if path.exists():
            return path
        for part in command:
            if str(part).startswith("made/"):
                make(part[5:-3])
        outcome = run(*command, *([path] if ending != ".json" else []))
        assert outcome.exit_code in (0, 3), outcome.output
        if ending == ".json":
            path.write_text(outcome.stdout)
        return path

    yield make
    monkeypatch.undo()


def unit_overlaps(folder):
    """A run of `compare liquid`, as it stands in its folder."""
    path = folder / "units.nc"
    if not path.exists():
        net = {"connectivity": 4, "graph": "regular", "setting": "planted", "start": "teacher", "guest": False}
        settings = gardner.MonteCarloSettings((12,), 3, 1.0, sweeps=40, samples=2, replicas=3, points=2, **net)
        write_run(path, settings, run_unit_overlaps(settings, folder / "units.parts"))
    return path


def run(*arguments):
    return CliRunner().invoke(main.app, [str(part) for part in arguments])


class Rows(HTMLParser):
    """Rows of a table, tags balanced."""

    def __init__(self, text):
        super().__init__()
        self.open, self.rows = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in ("th", "td"):
            self.rows[-1][-1] += data


def test_every_kind_is_made_here():
    assert {*MAKERS, *FOUND} == set(KINDS)


@pytest.mark.parametrize("kind", [*MAKERS, *FOUND])
def test_a_result_comes_back_from_its_file_whole(made, tmp_path, kind):
    result = gardner.read(made(kind))
    assert type(result) is KINDS[kind] and result == gardner.read(made(kind))
    whole = json.dumps(jsonable(result.document()), allow_nan=False)

    # through a netCDF file of its Dataset
    save(result, tmp_path / "again.nc")
    again = read(tmp_path / "again.nc")
    assert again == result and again.header == result.header, kind
    assert same(jsonable(again.document()), json.loads(whole))

    # through its document, where that is all there is to know
    if made(kind).suffix == ".json" or kind in ("solve random", "solve planted", "compare planted"):
        save(result, tmp_path / "again.json")
        assert read(tmp_path / "again.json") == result


@pytest.mark.parametrize("kind", [*MAKERS, *FOUND])
def test_a_result_is_shown_in_a_terminal_and_in_a_notebook(made, capsys, kind):
    result = gardner.read(made(kind))
    result.show()
    assert len(capsys.readouterr().out) > 40
    table = Rows(result._repr_html_())
    assert not table.open and table.rows[0] == ["status", result.header.status]
    assert table.rows[1] == ["command", result.header.command] and all(len(row) == 2 for row in table.rows)


@pytest.mark.parametrize("kind", [*MAKERS, *FOUND])
def test_show_takes_every_kind_of_file(made, tmp_path, kind):
    path = made(kind)
    for extra in ((), ("--json",), ("--plot", tmp_path / "drawn.svg"), ("--plot", tmp_path / "p.pdf", "--json")):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a layout that does not fit warns
            outcome = run("show", path, *extra)
        assert outcome.exit_code == 0 and outcome.stdout, (extra, outcome.output, outcome.exception)
        if "--json" in extra:
            assert json.loads(outcome.stdout)["command"]
    assert (tmp_path / "drawn.svg").stat().st_size > 1000 and (tmp_path / "p.pdf").stat().st_size > 1000
    drawing = gardner.read(path).plot()
    assert drawing.axes and sum(len(axis.get_children()) for axis in drawing.axes) > 10


class Page(HTMLParser):
    """A page with its tags balanced and its names used once; what it asks for from elsewhere."""

    VOID = ("meta", "input", "br")

    def __init__(self, text):
        super().__init__()
        self.open, self.names, self.asked, self.text, self.count = [], set(), [], "", {}
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        self.open += [] if tag in self.VOID else [tag]

    def handle_startendtag(self, tag, attributes):
        self.count[tag] = self.count.get(tag, 0) + 1
        for name, value in attributes:
            if name == "id":
                assert value not in self.names, value
                self.names.add(value)
            elif name in ("src", "href", "xlink:href", "action", "data") and not value.startswith(("#", "data:")):
                self.asked.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


OFTEN = ("solve random", "sweep", "capacity", "mc planted", "ultrametric", "compare liquid", "figure")
PAGES = [pytest.param(kind, marks=() if kind in OFTEN else pytest.mark.slow) for kind in (*MAKERS, *FOUND)]


@pytest.mark.parametrize("kind", PAGES)
def test_report_makes_a_page_of_every_kind_that_asks_for_nothing(made, tmp_path, kind):
    files = [made(kind)] * (2 if kind == "sweep" else 1)  # names of one page do not clash
    outcome = run("report", *files, "--out", tmp_path / "page.html")
    assert outcome.exit_code == 0, (outcome.output, outcome.exception)
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    page, result = Page(text), gardner.read(made(kind))
    assert not page.asked and "@import" not in text and "url(http" not in text
    assert page.count["svg"] >= len(files) == page.count["section"]
    assert f"Status: {result.header.status}." in page.text and "Please cite" in page.text
    assert "SciPost Phys. Core" in page.text and all(str(name) in page.text for name in result.header.parameters)
    assert all(warning.text in page.text for warning in result.warnings)


def test_a_sweep_of_a_single_depth_is_drawn_without_a_warning(made, tmp_path):
    result = read(made("sweep"))
    for depth in (2, 4):
        save(type(result)(result.data.sel(depth=[depth])), tmp_path / "one.nc")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            outcome = run("show", tmp_path / "one.nc", "--force", "--plot", tmp_path / "one.svg")
        assert outcome.exit_code == 0, outcome.exception


def test_reports_come_back_with_their_comparison(made):
    report = read(made("compare planted"))
    comparison = report.comparison
    assert [run.size for run in comparison.measured] == [run["size"] for run in report.content["runs"]]
    assert comparison.verdict.status == report.content["verdict"]["status"]
    liquid = read(made("compare liquid"))
    assert liquid.comparison.status == liquid.header.status and len(liquid.comparison.runs) == len(
        liquid.content["runs"]
    )


def test_kept_reports_are_shown(capsys):
    reports = sorted(FOLDER.glob("*.json"))
    assert len(reports) >= 10
    for kept in reports:
        read(kept).show()
        assert "## Verdict" in capsys.readouterr().out
        assert "command" in read(kept)._repr_html_()


def test_text_in_a_table_for_notebooks_is_escaped(made):
    result = read(made("solve planted"))
    strange = type(result)(**{**vars_of(result), "parameters": {"<b>": "a & <script>"}})
    assert "<script>" not in strange._repr_html_() and "a &amp; &lt;script&gt;" in strange._repr_html_()


def vars_of(result):
    return {name: getattr(result, name) for name in type(result).__dataclass_fields__}


# what is no result


@pytest.mark.parametrize(
    "content, message",
    [
        (b'{"command": "dance"}', "holds no result of this package"),
        (b'{"command": ["solve random"]}', "holds no result of this package"),
        (b'{"half": ', "a damaged JSON document"),
        (b'{"command": "capacity"}', "lacks parameters"),
        (b'{"command": "mc planted"}', "lacks the data behind it; give the netCDF file of --out"),
        (b"plain text", "not a netCDF file; give a file written with --out"),
        (b"", "not a netCDF file; give a file written with --out"),
    ],
)
def test_what_is_no_result_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "x.json"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message) as refused:
        read(path)
    assert str(refused.value).startswith(str(path)) and len(str(refused.value).splitlines()) == 1
    assert run("show", path).exit_code != 0


@pytest.mark.parametrize("kind", [*(kind for kind in MAKERS if MAKERS[kind][-1] == "--json"), *KEPT])
def test_a_document_without_one_of_its_entries_is_refused_in_one_line(made, tmp_path, kind):
    path = made(kind)
    document, refused = json.loads(path.read_text()), 0
    for key in document:
        (tmp_path / "t.json").write_text(json.dumps({name: document[name] for name in document if name != key}))
        try:
            read(tmp_path / "t.json").show()
        except FileFormatError as problem:
            refused += 1
            assert len(str(problem).splitlines()) == 1
    assert refused >= 6  # the header at least; what follows from others may be missing


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if MAKERS[kind][-1] == "--json"])
def test_a_damaged_entry_is_refused_or_shown_but_never_a_failure(made, tmp_path, kind):
    document, refused = json.loads(made(kind).read_text()), 0
    for key in document:
        for wrong in ("typo", None, ["typo"], {"a": 1}, [[1.0]]):
            (tmp_path / "t.json").write_text(json.dumps(document | {key: wrong}))
            try:
                result = read(tmp_path / "t.json")
            except FileFormatError as problem:
                refused += 1
                assert len(str(problem).splitlines()) == 1
            else:
                result.show()
    assert refused >= 3 * len(document) - 10


@pytest.mark.parametrize("kind", ["transitions planted", "transitions random", "penetration", "gaps"])
def test_a_closure_that_is_none_is_refused_when_it_is_read(made, tmp_path, kind):
    document = json.loads(made(kind).read_text())
    (tmp_path / "t.json").write_text(json.dumps(document | {"closure": "typo"}))
    with pytest.raises(FileFormatError, match="the entry closure must be one of symmetric, directed, not 'typo'"):
        read(tmp_path / "t.json")


@pytest.mark.parametrize("kind", [*MAKERS, *FOUND])
def test_a_part_that_is_not_registered_is_refused_when_a_file_is_read(made, kind):
    """Not later, by whoever looks it up, in words that do not name the file."""
    for what, changed in tampered(read(made(kind)).to_dataset()):
        if what in ("closure text", "potential text", "document.closure text", "document.potential text"):
            with pytest.raises(FileFormatError, match="must be one of "):
                KINDS[kind].from_file(opened(Path("t.nc"), to_bytes(changed)), Path("t.nc"))


def test_folders_without_a_report_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="is no file to read; give a file written with --out"):
        read(tmp_path)


@pytest.mark.parametrize(
    "stride", [pytest.param(67, id="sample"), pytest.param(2, id="half", marks=pytest.mark.campaign)]
)
@pytest.mark.parametrize("kind", [*MAKERS, *FOUND])
def test_a_file_in_which_one_thing_is_wrong_is_refused_or_shown(made, capsys, kind, stride):
    """Its checksum is right, so that the schema is what refuses it: in one line, and with no warning before."""
    whole, refused = read(made(kind)).to_dataset(), 0
    for what, changed in list(tampered(whole))[::stride]:
        try:
            dataset = opened(Path("t.nc"), to_bytes(changed))
            result = KINDS[kind].from_file(dataset, Path("t.nc"))
        except FileFormatError as problem:
            refused += 1
            assert len(str(problem).splitlines()) == 1 and len(str(problem)) < 600, (what, problem)
            continue
        try:
            result.document(), result.show(), result._repr_html_()
        except Exception as problem:
            pytest.fail(f"{kind}, {what}: {problem!r}")
    assert refused or kind == "figure"  # whose data may be anything
    capsys.readouterr()
