"""What a run depends on besides its parameters: versions, cores, threads, and the cache of compiled kernels.

Numba keeps compiled kernels beside the source (`__pycache__`) or, where that cannot be written, in a cache folder of
the user; NUMBA_CACHE_DIR overrides both. Where none can be written, every process compiles for itself (`compilation`).
"""

from __future__ import annotations

import importlib
import os
import platform
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from gardner import __version__

REQUIRED = ("numpy", "scipy", "numba", "xarray", "h5netcdf", "h5py", "matplotlib", "arviz-stats", "typer", "rich")
OPTIONAL = {  # what it is for, and the extra that installs it
    "dask": ("workers and schedulers", "cluster"),
    "distributed": ("workers and schedulers", "cluster"),
    "scikit-learn": ("the digits of fieldtheory learning-rate --system net", "digits"),
}
KERNEL_BYTES = 2_000_000  # several times the largest compiled kernel
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class KernelCache:
    """Where compiled kernels are kept.

    folders: those in use; writable: there is a place for every kernel and room in it; compiled: group of kernels →
    compiled before on this machine; bytes: size of all compiled kernels in `folders`.
    """

    folders: tuple[str, ...]
    writable: bool
    compiled: dict[str, bool]
    bytes: int


def installed_version(name: str) -> str | None:
    """Version of an installed distribution, None without it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """gardner, Python and the packages it needs or can use; None: not installed."""
    found = {"gardner": __version__, "python": platform.python_version()}
    return found | {name: installed_version(name) for name in (*REQUIRED, *OPTIONAL)}


def missing(found: dict[str, str | None]) -> tuple[list[str], list[str]]:
    """Problems (required packages that are absent) and notes (optional ones), one sentence each."""
    absent = [name for name in REQUIRED if found[name] is None]
    problems = [f"{name} is not installed but needed: pip install {name}" for name in absent]
    notes = [
        f"{name} is not installed: needed only for {use}; pip install 'gardner[{extra}]'"
        for name, (use, extra) in OPTIONAL.items()
        if found[name] is None
    ]
    return problems, notes


def thread_variables() -> dict[str, str | None]:
    """The environment variables that limit threads, None where unset; read before a command sets them."""
    return {name: os.environ.get(name) for name in THREAD_VARIABLES}


def cores() -> dict[str, int | None]:
    """Cores of the machine and those this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {"machine": os.cpu_count(), "usable": usable}


def linear_algebra() -> str:
    """The BLAS that NumPy was built with."""
    import numpy as np

    blas = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    return " ".join(str(blas.get(key, "")) for key in ("name", "version")).strip() or "unknown"


def numba_threads() -> int:
    """Threads Numba may use in this process (the kernels of gardner run on one)."""
    import numba

    return int(numba.config.NUMBA_NUM_THREADS)


def kernel_cache(kernels: dict[str, tuple[str, str]]) -> KernelCache:
    """State of the cache of `kernels` (group → module, function)."""
    from gardner.runtime.compilation import folder_of, is_kept

    found = {group: getattr(importlib.import_module(module), name) for group, (module, name) in kernels.items()}
    places = [folder_of(kernel) for kernel in found.values()]
    folders = sorted({folder for folder in places if folder is not None})
    sizes = {file: file.stat().st_size for folder in folders for file in folder.glob("*.nb[ci]")}
    writable = None not in places and all(map(has_room, folders))
    compiled = {group: is_kept(kernel) for group, kernel in found.items()}
    return KernelCache(tuple(map(str, folders)), writable, compiled, sum(sizes.values()))


def has_room(folder: Path) -> bool:
    """True if a file of the size of a large kernel can be written into `folder`."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(KERNEL_BYTES))
        return True
    except OSError:
        return False


def cache_advice(cache: KernelCache) -> str | None:
    """A warning where compiled kernels cannot be kept, None where all is well."""
    if cache.writable:
        return None
    from gardner.runtime.compilation import REMEDY

    where = f"in {', '.join(cache.folders)}" if cache.folders else "anywhere"
    return f"compiled kernels cannot be kept {where}, every run compiles again: {REMEDY}"


def describe(found: dict[str, str | None], cache: KernelCache, variables: dict[str, str | None]) -> dict:
    """The above as plain values: `versions`, `kernel_cache`, and `thread_variables` as the command found them."""
    advice = cache_advice(cache)
    return {
        "versions": found,
        "cores": cores(),
        "threads": {"environment": variables, "numba": numba_threads()},
        "blas": linear_algebra(),
        "cache": vars(cache),
        "warnings": [] if advice is None else [advice],
    }
