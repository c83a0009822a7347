r"""Equations under the labels by which the code cites them: a Sphinx extension.

The theory sets an equation as LaTeX between two lines `$$`, with its label as `\tag{…}`. Sphinx would
count equations by itself, page by page. Here the tag becomes the number that is printed beside the
equation, and its anchor, `eq-…`; every label in round brackets, also in groups of them, becomes a
link to it wherever it stands in the text of a page or of a docstring.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

from gardner.doctor.equations import LABEL, TAG, cited_groups

QUOTED = (nodes.literal, nodes.literal_block, nodes.math, nodes.reference, nodes.title, nodes.raw)


def anchor(label: str) -> str:
    """The name of an equation within its page."""
    return f"eq-{label}"


class NumberEquations(SphinxTransform):
    """The tag of an equation as its number, under which the domain of mathematics finds it."""

    default_priority = 400

    def apply(self, **kwargs) -> None:
        known: dict[str, Any] = self.env.domains.math_domain.equations
        for node in self.document.findall(nodes.math_block):
            found = TAG.search(node.astext())
            if found is None:
                continue

            label = found[1]
            if label in known and known[label][0] != self.env.docname:
                raise ValueError(f"({label}) stands in {known[label][0]} and in {self.env.docname}: use another number")
            known[label] = (self.env.docname, label)

            # what the writer of HTML prints as number, and as target of the link beside it
            text = TAG.sub("", node.astext()).strip()
            node.rawsource, node[:] = text, [nodes.Text(text)]
            node["number"], node["label"], node["docname"] = label, label, self.env.docname
            node["ids"] = [anchor(label)]
            self.document.ids[anchor(label)] = node


class LinkLabels(SphinxPostTransform):
    """Labels in running text as links to their equations."""

    default_priority = 500

    def run(self, **kwargs) -> None:
        known: dict[str, Any] = self.env.domains.math_domain.equations
        for text in list(self.document.findall(nodes.Text)):
            if not any(isinstance(node, QUOTED) for node in _ancestors(text)):
                pieces = list(self._pieces(text.astext(), known))
                if len(pieces) > 1:
                    text.parent.replace(text, pieces)

    def _pieces(self, text: str, known: dict):
        """The text in pieces, of which the labels of equations are links."""
        end = 0
        for first, last in cited_groups(text):
            for found in re.finditer(LABEL, text[first:last]):
                if found[0] in known:
                    begin = first + found.start()
                    yield nodes.Text(text[end:begin])
                    yield self._link(found[0], known[found[0]][0])
                    end = first + found.end()
        yield nodes.Text(text[end:])

    def _link(self, label: str, page: str) -> nodes.reference:
        uri = self.app.builder.get_relative_uri(self.env.docname, page)
        return nodes.reference(label, label, refuri=f"{uri}#{anchor(label)}", internal=True)


def _ancestors(node: nodes.Node):
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app) -> dict:
    """The two steps of this extension."""
    app.add_transform(NumberEquations)
    app.add_post_transform(LinkLabels)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
