"""One tree of states for all layers: dendrograms and ordered overlap matrices of layers 1 and 2.

Random setting, α = 20, L = 6, bonds: the same replicas hang on the same tree in every layer; layer 2 keeps its fine end
only, and all states that part above look alike there. [Y20] section 4: the ultrametric hierarchy becomes simpler, is
"renormalized", with distance from the boundary. Layers 3 and 4 are liquid: no hierarchy.

Takes three seconds (draft and paper).
"""

from __future__ import annotations

from dataclasses import dataclass

from gardner.figures.workspace import Picture, Workspace, label_variables


@dataclass(frozen=True)
class Settings:
    """alpha, depth: of the net; levels: k; leaves: replicas on the tree; seed: of the tree, a draw with several
    clusters on every scale."""

    alpha: float = 20.0
    depth: int = 6
    levels: int = 40
    leaves: int = 100
    seed: int = 63


DRAFT = PAPER = Settings()  # with another k the same seed draws another tree


def make(settings: Settings, work: Workspace) -> Picture:
    """A row per solid layer: dendrogram left, overlap matrix right."""
    from gardner.analysis.ultrametric import hierarchy, hierarchy_dataset
    from gardner.plotting import style
    from gardner.plotting.trees import draw_matrix, draw_tree
    from gardner.plotting.ultrametric import panel_colours, panels

    solution = work.solution(alpha=settings.alpha, depth=settings.depth, levels=settings.levels)
    result = hierarchy(solution, replicas=settings.leaves, seed=settings.seed)
    rows = panels(result.bonds)
    liquid = [str(layer.layer) for layer in result.bonds if not any(layer in row for row in rows)]
    with style.journal():
        drawing, axes = style.figure(
            len(rows), 2, height=0.5 + 1.6 * len(rows), width=style.PAGE, squeeze=False, width_ratios=(2.4, 1.0)
        )
        for (left, right), group, colour in zip(axes, rows, panel_colours(len(rows))):
            draw_tree(left, result, "bond", group, colour)
            left.set_ylabel("overlap $Q$")
            left.set_xticks([])
            image = draw_matrix(right, result, group)
        axes[-1, 0].set_xlabel("replicas, in the order of the tree")
        axes[-1, 1].set_xlabel("replicas")
        bar = drawing.colorbar(image, ax=axes[:, 1].tolist(), pad=0.03)
        bar.set_label(r"$Q_{ab}(l)$ of replicas $a, b$")
        setting = (
            rf"random, symmetric closure, $\alpha={settings.alpha:g}$, $L={settings.depth}$, $k={settings.levels}$"
        )
        drawing.suptitle(setting + (f"; liquid: $l={', '.join(liquid)}$" if liquid else ""), fontsize=8)
    data = hierarchy_dataset(result, {}).drop_vars("overlap_matrix_spin")
    labels = {"q_bond": "bond overlap of two replicas that part at a level", "overlap_matrix_bond": "bond overlap"}
    return Picture(drawing, label_variables(data, **labels, merge_level="level at which two replicas part"))
