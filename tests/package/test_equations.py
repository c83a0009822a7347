"""Every equation that the code cites stands in the theory chapter, and EQUATIONS.md says where the code cites it."""

import re

from gardner.doctor.equations import PACKAGE, TAG, document, index, labels, pages, places, theory

CHAPTER = theory()

SOURCE = '''"""A module about (T1)."""

SCALE = 2.0  # of (C3)


class Net:
    """What (T2), (T3) say; (T4)–(T5) too."""

    def gap(self):
        # the left side of (G1; at n → 1) and of (P1, U2)
        return "(T9)"


def front():
    """Not an equation: [G88], (T), f(T7x), (L2)."""
    # (T1) again, and (T1)
    return 1
'''


def test_the_index_is_current():
    written = (PACKAGE / "EQUATIONS.md").read_text(encoding="utf-8")
    assert written == document() + "\n", "run: python -m gardner.doctor.equations > gardner/EQUATIONS.md"


def test_every_equation_that_the_code_cites_is_in_the_theory_chapter():
    cited = set(index())
    assert len(cited) > 45 and not cited - set(pages())


def test_every_label_stands_beside_one_equation():
    """An equation is set as LaTeX between two lines `$$`, with its label as a tag."""
    displays = re.findall(r"^ *\$\$\n(.*?)\n *\$\$$", CHAPTER, flags=re.M | re.S)
    beside = [tag for display in displays for tag in TAG.findall(display)]
    assert len(beside) >= 90 and len(beside) == len(set(beside)) == CHAPTER.count(r"\tag")
    assert not set(labels(CHAPTER)) - set(beside), "a label that no equation has"
    assert all(len(TAG.findall(display)) <= 1 for display in displays), "one label for each equation"
    assert set(pages()) == set(beside)


def test_files_that_the_theory_chapter_names_exist():
    """`theory.liquid` is gardner/theory/liquid.py."""
    packages = "|".join(path.name for path in PACKAGE.iterdir() if path.is_dir())
    named = re.findall(rf"`((?:{packages})(?:\.\w+)+)`", CHAPTER)
    assert len(named) >= 8
    for name in named:
        assert (PACKAGE / name.replace(".", "/")).with_suffix(".py").is_file(), name


def test_labels_belong_to_what_cites_them():
    assert places(SOURCE) == {
        "T1": ["", "front"],
        "C3": [""],
        "T2": ["Net"],
        "T3": ["Net"],
        "T4": ["Net"],
        "T5": ["Net"],
        "G1": ["Net.gap"],
        "P1": ["Net.gap"],
        "U2": ["Net.gap"],
    }
