"""On the site the tag of an equation is its number, and a label in the text a link to it."""

import re
import subprocess
import sys

import pytest

pytest.importorskip("sphinx", reason="the extra `docs` is not installed")
pytest.importorskip("myst_parser", reason="the extra `docs` is not installed")

CONF = """extensions = ["myst_parser", "sphinx.ext.mathjax", "gardner.docs.labels"]
myst_enable_extensions = ["dollarmath"]
"""
TEXT = r"""# {title}

$$
x &= 1 \\
y &= 2 \tag{{{label}}}
$$

See (T1, T2) and (C3)–(C4), not `(T1)`, (T9) or $(T1)$.
"""


def build(folder, pages):
    (folder / "conf.py").write_text(CONF, encoding="utf-8")
    names = "\n".join(pages)
    (folder / "index.md").write_text(f"# All\n\n```{{toctree}}\n{names}\n```\n", encoding="utf-8")
    for name, label in pages.items():
        (folder / f"{name}.md").write_text(TEXT.format(title=name, label=label), encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", str(folder), str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_a_label_is_number_anchor_and_link(tmp_path):
    made = build(tmp_path, {"first": "T1", "second": "C3"})
    assert made.returncode == 0, made.stderr
    page = (tmp_path / "out" / "second.html").read_text(encoding="utf-8")
    assert re.search(r'id="eq-C3"', page) and "(C3)<a" in page and r"\tag" not in page
    links = re.findall(r'<a class="reference internal" href="([^"]*)">([A-Z]\d)</a>', page)
    assert links == [("first.html#eq-T1", "T1"), ("#eq-C3", "C3")]  # T2, C4 and T9 are no equations


def test_a_label_that_two_pages_use_is_refused(tmp_path):
    made = build(tmp_path, {"first": "T1", "second": "T1"})
    assert made.returncode != 0 and "use another number" in made.stderr
