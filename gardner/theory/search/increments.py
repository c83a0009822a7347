"""Linear algebra of a fixed-point map in the increments d_i = x_i - x_{i-1} ≥ 0 of its overlaps.

The unknowns are rows of non-decreasing overlaps x_{ri}, r = 0…R-1 (layers along the chain), i = 0…k. In the
increments (x_{-1} = 0) the constraint becomes d ≥ 0, and every face d_{·i} = 0 — level i merged with level i-1 in all
layers, or a layer whose overlaps vanish up to level i — is invariant under the map: merged levels stay merged.
Hence on a face the Jacobian is block-triangular: the free increments form one block, and each merged level i has
its own small matrix

    M_i[r, r'] = ∂F(d)_{ri}/∂d_{r'i};   a perturbation of the merged level grows where an eigenvalue exceeds 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.linalg import blas, lapack
from scipy.sparse.linalg import ArpackError, LinearOperator, eigs

DENSE_RATIO = 3.0  # a band is kept as one if it is this much narrower than the matrix
SMALL_MATRIX = 100  # unknowns up to which the whole spectrum is computed
KRYLOV = 30  # products with J that look for eigenvalues beyond 1
NEAREST = 4  # eigenvalues found next to the shift
ELSEWHERE = 1e-2  # distance of an outermost Ritz value from the real axis that is looked into
BESIDE = 1e-7  # distance of the shift from where eigenvalues are expected: the matrix stays regular

Blocks = dict[tuple[int, int], np.ndarray]


def to_increments(x_ri: np.ndarray) -> np.ndarray:
    """d_{ri} = x_{ri} - x_{r,i-1}."""
    return np.diff(x_ri, axis=1, prepend=0.0)


def to_overlaps(d_ri: np.ndarray) -> np.ndarray:
    """x_{ri} = Σ_{j≤i} d_{rj}."""
    return np.cumsum(d_ri, axis=1)


def transform_blocks(blocks: Blocks) -> Blocks:
    """∂F(x)/∂x → ∂F(d)/∂d, block by block: D B D⁻¹ with D the difference operator."""
    transformed = {}
    for key, block in blocks.items():
        sums = np.cumsum(block[:, ::-1], axis=1)[:, ::-1]
        transformed[key] = sums.copy()
        transformed[key][1:] -= sums[:-1]
    return transformed


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


class FreeMatrix:
    """The Jacobian between free increments, numbered along the chain, as one matrix.

    The chain couples rows at distance ≤ 2. Where that leaves a narrow band the matrix is kept by diagonals, `entries`
    (2·width+1, count), entries[width + i - j, j] = J_ij; otherwise as it is, (count, count).
    """

    def __init__(self, blocks: Blocks, free_ri: np.ndarray):
        self.count = int(free_ri.sum())
        first_r = np.append(0, np.cumsum(free_ri.sum(axis=1)))
        parts, self.width = [], 0

        # where the free part of every block stands, and how far from the diagonal it reaches
        for (row, column), block in blocks.items():
            (top, bottom), (left, right) = first_r[[row, row + 1]], first_r[[column, column + 1]]
            if bottom > top and right > left:
                parts.append((top, left, block[free_ri[row]][:, free_ri[column]]))
                self.width = max(self.width, bottom - 1 - left, right - 1 - top)

        self.is_band = DENSE_RATIO * self.width < self.count
        shape = (2 * self.width + 1, self.count) if self.is_band else (self.count, self.count)
        self.entries = np.zeros(shape, order="F")
        for top, left, part in parts:
            i, j = top + np.arange(part.shape[0])[:, None], left + np.arange(part.shape[1])
            if self.is_band:
                self.entries[self.width + i - j, np.broadcast_to(j, part.shape)] = part
            else:
                self.entries[top : top + part.shape[0], left : left + part.shape[1]] = part

    def times(self, vector: np.ndarray) -> np.ndarray:
        """J v."""
        if not self.is_band:
            return self.entries @ vector
        size = (self.count, self.count, self.width, self.width)
        return blas.dgbmv(*size, 1.0, self.entries, vector)

    def factorised(self, diagonal: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """The function b ↦ (diag - J)⁻¹ b; LinAlgError where the matrix is singular."""
        if self.is_band:
            w = self.width
            band = np.zeros((3 * w + 1, self.count), order="F")
            band[w:] = -self.entries
            band[2 * w] += diagonal
            band, pivots, info = lapack.dgbtrf(band, w, w, overwrite_ab=True)
            solve = lambda b: lapack.dgbtrs(band, w, w, b, pivots)[0].reshape(b.shape)  # noqa: E731
        else:
            matrix = -self.entries
            np.einsum("ii->i", matrix)[...] += diagonal
            matrix, pivots, info = lapack.dgetrf(matrix, overwrite_a=True)
            solve = lambda b: lapack.dgetrs(matrix, pivots, b)[0]  # noqa: E731
        if info > 0:
            raise np.linalg.LinAlgError("singular matrix")
        return solve


def shifted_solver(blocks: Blocks, free_ri: np.ndarray, shift: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The function b_ri ↦ δ_ri, (1 + shift) δ - J δ = b on the free increments, δ = 0 elsewhere.

    shift: (k+1,) or (R, k+1). LinAlgError if the matrix is singular.
    """
    if not free_ri.any():
        return np.zeros_like
    factorised = FreeMatrix(blocks, free_ri).factorised(1.0 + np.broadcast_to(shift, free_ri.shape)[free_ri])

    def solve(rhs_ri: np.ndarray) -> np.ndarray:
        out = np.zeros_like(rhs_ri)
        out[free_ri] = factorised(rhs_ri[free_ri])
        return out

    return solve


def solve_shifted(blocks: Blocks, rhs_ri: np.ndarray, free_ri: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """`shifted_solver` for one right-hand side."""
    return shifted_solver(blocks, free_ri, shift)(rhs_ri)


def split_growth(blocks: Blocks, free_ri: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest growth factor of each merged level and its direction.

    Returns growth_i (0 where nothing is merged) and direction_ri (non-negative, largest entry 1).
    """
    rows, levels = free_ri.shape
    matrices = level_matrices(blocks, rows, levels)
    growth_i, direction_ri = np.zeros(levels), np.zeros((rows, levels))
    for i in range(levels):
        # a row of zeros (a liquid layer) takes no part in any growing mode
        merged = ~free_ri[:, i] & matrices[i].any(axis=1)
        if merged.any():
            values, vectors = np.linalg.eig(matrices[i][np.ix_(merged, merged)])
            best = int(values.real.argmax())
            growth_i[i] = values[best].real
            vector = np.abs(vectors[:, best].real)
            if vector.max() > 0.0:
                direction_ri[merged, i] = vector / vector.max()
    return growth_i, direction_ri


def _outermost(matrix: FreeMatrix, start: np.ndarray) -> complex:
    """The one of largest real part among the Ritz values of KRYLOV products: it finds what lies clear of the bulk."""
    basis, hessenberg = [start / np.linalg.norm(start)], np.zeros((KRYLOV + 1, KRYLOV))
    for j in range(KRYLOV):
        vector = matrix.times(basis[-1])
        for _ in range(2):
            overlap = np.array(basis) @ vector
            vector = vector - overlap @ np.array(basis)
            hessenberg[: j + 1, j] += overlap
        hessenberg[j + 1, j] = np.linalg.norm(vector)
        if hessenberg[j + 1, j] < 1e-12:
            break
        basis.append(vector / hessenberg[j + 1, j])
    values = np.linalg.eigvals(hessenberg[: j + 1, : j + 1])
    return complex(values[values.real.argmax()])


def leading_mode(blocks: Blocks, free_ri: np.ndarray) -> tuple[float, np.ndarray]:
    """Eigenvalue of largest real part among the free increments, and its direction with largest entry 1.

    Beyond SMALL_MATRIX unknowns the eigenvalues next to a shift σ are found by inverse iteration, (σ - J)⁻¹ with one
    factorisation: near 1, where eigenvalues crowd and decide stability, or beyond 1 where a few products with J find
    something there (C61). (0, zeros) if nothing is free; nan if ARPACK does not converge.
    """
    direction = np.zeros(free_ri.shape)
    if not free_ri.any():
        return 0.0, direction
    matrix = FreeMatrix(blocks, free_ri)
    if matrix.count <= SMALL_MATRIX:
        products = [matrix.times(column) for column in np.eye(matrix.count)] if matrix.is_band else None
        values, vectors = np.linalg.eig(matrix.entries if products is None else np.column_stack(products))
    else:
        # a start without the mirror symmetry that the matrix may have: its modes can be odd
        start = 1.0 + np.random.default_rng(0).uniform(-0.5, 0.5, matrix.count)
        outermost = _outermost(matrix, start)
        sigma = max(1.0, outermost.real) + BESIDE
        try:
            solve = matrix.factorised(np.full(matrix.count, sigma))
            inverse = LinearOperator((matrix.count,) * 2, matvec=lambda b: solve(b.ravel()), dtype=float)
            found, vectors = eigs(inverse, k=NEAREST, which="LM", v0=start, tol=1e-10, maxiter=5000)
            values = sigma - 1.0 / found
            # a rotation is far from every shift on the real axis; a real Ritz value may merely overshoot
            if values.real.max() < outermost.real and abs(outermost.imag) > ELSEWHERE:
                products = LinearOperator((matrix.count,) * 2, matvec=lambda b: matrix.times(b.ravel()), dtype=float)
                values, vectors = eigs(products, k=1, which="LR", v0=start, tol=1e-8, maxiter=5000)
        except (ArpackError, np.linalg.LinAlgError):
            return float("nan"), direction
    best = int(values.real.argmax())
    vector = vectors[:, best].real
    direction[free_ri] = vector / max(np.abs(vector).max(), 1e-300)
    return float(values[best].real), direction


def leading_eigenvalue(blocks: Blocks, free_ri: np.ndarray) -> float:
    """Largest real part of the spectrum of the undamped map, free and merged directions together."""
    return max(leading_mode(blocks, free_ri)[0], float(split_growth(blocks, free_ri)[0].max(initial=0.0)))
