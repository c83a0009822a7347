"""Linear algebra of a fixed-point map in the increments d_i = x_i - x_{i-1} ≥ 0 of its overlaps.

The unknowns are rows of non-decreasing overlaps x_{ri}, r = 0…R-1 (layers along the chain), i = 0…k. In the
increments (x_{-1} = 0) the constraint becomes d ≥ 0, and every face d_{·i} = 0 — level i merged with level i-1 in all
layers, or a layer whose overlaps vanish up to level i — is invariant under the map: merged levels stay merged.
Hence on a face the Jacobian is block-triangular: the free increments form one block, and each merged level i has
its own small matrix

    M_i[r, r'] = ∂F(d)_{ri}/∂d_{r'i};   a perturbation of the merged level grows where an eigenvalue exceeds 1.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solve_banded
from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

Blocks = dict[tuple[int, int], np.ndarray]


def to_increments(x_ri: np.ndarray) -> np.ndarray:
    """d_{ri} = x_{ri} - x_{r,i-1}."""
    return np.diff(x_ri, axis=1, prepend=0.0)


def to_overlaps(d_ri: np.ndarray) -> np.ndarray:
    """x_{ri} = Σ_{j≤i} d_{rj}."""
    return np.cumsum(d_ri, axis=1)


def transform_blocks(blocks: Blocks) -> Blocks:
    """∂F(x)/∂x → ∂F(d)/∂d, block by block: D B D⁻¹ with D the difference operator."""
    return {
        key: np.diff(np.cumsum(block[:, ::-1], axis=1)[:, ::-1], axis=0, prepend=0.0) for key, block in blocks.items()
    }


def apply(blocks: Blocks, d_ri: np.ndarray) -> np.ndarray:
    """The Jacobian times a vector of increments."""
    out = np.zeros_like(d_ri)
    for (row, column), block in blocks.items():
        out[row] += block @ d_ri[column]
    return out


def level_matrices(blocks: Blocks, rows: int, levels: int) -> np.ndarray:
    """M_i[r, r'], shape (k+1, R, R)."""
    matrices = np.zeros((levels, rows, rows))
    for (row, column), block in blocks.items():
        matrices[:, row, column] = np.diag(block)
    return matrices


def solve_shifted(blocks: Blocks, rhs_ri: np.ndarray, free_ri: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Solve ((1 + shift) δ_ri - (J δ)_ri) = rhs_ri on the free increments; zero elsewhere. shift: (k+1,) or (R, k+1).

    The chain couples rows at distance ≤ 2, so the matrix is banded in chain order.
    """
    out = np.zeros_like(rhs_ri)
    count = int(free_ri.sum())
    if count == 0:
        return out
    number = np.full(free_ri.shape, -1)
    number[free_ri] = np.arange(count)
    entries, width = [], 0
    for (row, column), block in blocks.items():
        free_r, free_c = free_ri[row], free_ri[column]
        if free_r.any() and free_c.any():
            i, j = np.broadcast_arrays(number[row, free_r][:, None], number[column, free_c][None, :])
            entries.append((i, j, block[np.ix_(free_r, free_c)]))
            width = max(width, int(np.abs(i - j).max()))
    band = np.zeros((2 * width + 1, count))
    band[width] = 1.0 + np.broadcast_to(shift, free_ri.shape)[free_ri]
    for i, j, block in entries:
        band[width + i - j, j] -= block
    if width == 0:  # a diagonal matrix; for one unknown `solve_banded` of SciPy 1.13 and 1.14 expects other diagonals
        out[free_ri] = rhs_ri[free_ri] / band[0]
        return out
    out[free_ri] = solve_banded((width, width), band, rhs_ri[free_ri], overwrite_ab=True, check_finite=False)
    return out


def split_growth(blocks: Blocks, free_ri: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest growth factor of each merged level and its direction.

    Returns growth_i (0 where nothing is merged) and direction_ri (non-negative, largest entry 1).
    """
    rows, levels = free_ri.shape
    matrices = level_matrices(blocks, rows, levels)
    growth_i, direction_ri = np.zeros(levels), np.zeros((rows, levels))
    for i in range(levels):
        merged = ~free_ri[:, i]
        if merged.any():
            values, vectors = np.linalg.eig(matrices[i][np.ix_(merged, merged)])
            best = int(values.real.argmax())
            growth_i[i] = values[best].real
            vector = np.abs(vectors[:, best].real)
            if vector.max() > 0.0:
                direction_ri[merged, i] = vector / vector.max()
    return growth_i, direction_ri


def leading_mode(blocks: Blocks, free_ri: np.ndarray) -> tuple[float, np.ndarray]:
    """Eigenvalue of largest real part among the free increments, and its direction with largest entry 1.

    (0, zeros) if nothing is free; nan if the iteration of ARPACK does not converge.
    """
    count = int(free_ri.sum())
    direction = np.zeros(free_ri.shape)
    if count == 0:
        return 0.0, direction

    def matvec(vector):
        d = np.zeros(free_ri.shape)
        d[free_ri] = vector.ravel()
        return apply(blocks, d)[free_ri]

    if count <= 250:
        values, vectors = np.linalg.eig(np.column_stack([matvec(column) for column in np.eye(count)]))
    else:
        operator = LinearOperator((count, count), matvec=matvec, dtype=float)
        try:
            values, vectors = eigs(operator, k=1, which="LR", v0=np.ones(count), tol=1e-8, maxiter=5000)
        except ArpackError:
            return float("nan"), direction
    best = int(values.real.argmax())
    vector = vectors[:, best].real
    direction[free_ri] = vector / max(np.abs(vector).max(), 1e-300)
    return float(values[best].real), direction


def leading_eigenvalue(blocks: Blocks, free_ri: np.ndarray) -> float:
    """Largest real part of the spectrum of the undamped map, free and merged directions together."""
    return max(leading_mode(blocks, free_ri)[0], float(split_growth(blocks, free_ri)[0].max(initial=0.0)))
