"""What a run depends on besides its parameters: versions, cores, threads, and the cache of compiled kernels.

Numba keeps compiled kernels beside the source (`__pycache__`) or, where that cannot be written, in a cache folder of
the user; NUMBA_CACHE_DIR overrides both. Where none can be written the kernels cannot even be imported: `usable_cache`
then lends this process a temporary folder.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

REQUIRED = ("numpy", "scipy", "numba", "xarray", "h5netcdf", "h5py", "matplotlib", "arviz-stats", "typer", "rich")
OPTIONAL = {  # what it is for, and the extra that installs it
    "dask": ("workers and schedulers", "cluster"),
    "distributed": ("workers and schedulers", "cluster"),
    "scikit-learn": ("the digits of fieldtheory learning-rate --system net", "digits"),
}
THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class KernelCache:
    """Where compiled kernels are kept.

    folders: those in use; writable; compiled: group of kernels → compiled before on this machine; bytes: size of all
    compiled kernels in `folders`; temporary: none could be written, this process uses a folder that will vanish.
    """

    folders: tuple[str, ...]
    writable: bool
    compiled: dict[str, bool]
    bytes: int
    temporary: bool


def installed_version(name: str) -> str | None:
    """Version of an installed distribution, None without it."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def versions() -> dict[str, str | None]:
    """gardner, Python and the packages it needs or can use; None: not installed."""
    import gardner

    found = {"gardner": gardner.__version__, "python": platform.python_version()}
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


def usable_cache(module: str) -> tempfile.TemporaryDirectory | None:
    """None if a module of kernels can be imported; otherwise the temporary folder that now serves as their cache.

    The caller keeps the folder for as long as kernels may be compiled.
    """
    try:
        importlib.import_module(module)
        return None
    except RuntimeError as problem:
        if "no locator available" not in str(problem):
            raise
    import numba

    folder = tempfile.TemporaryDirectory(prefix="gardner-kernels-")
    numba.config.CACHE_DIR = folder.name
    importlib.import_module(module)
    return folder


def kernel_cache(kernels: dict[str, tuple[str, str]], temporary: bool = False) -> KernelCache:
    """State of the cache of `kernels` (group → module, function); `temporary`: `usable_cache` had to lend a folder."""
    folders, compiled, sizes = set(), {}, {}
    for group, (module, name) in kernels.items():
        kernel = getattr(importlib.import_module(module), name)
        folder = Path(kernel.stats.cache_path)
        folders.add(folder)
        line, (major, minor) = kernel.py_func.__code__.co_firstlineno, sys.version_info[:2]
        stem = f"{module.rpartition('.')[2]}.{name}-{line}.py{major}{minor}"
        compiled[group] = any(folder.glob(f"{stem}*.nbi"))
        sizes |= {file: file.stat().st_size for file in folder.glob("*.nb[ci]")}
    writable = not temporary and all(os.access(folder, os.W_OK) for folder in folders)
    return KernelCache(tuple(sorted(map(str, folders))), writable, compiled, sum(sizes.values()), temporary)


def cache_advice(cache: KernelCache) -> str | None:
    """A warning where compiled kernels cannot be kept, None where all is well."""
    if cache.writable:
        return None
    remedy = "set NUMBA_CACHE_DIR to a folder of yours that can be written"
    if cache.temporary:
        return (
            "compiled kernels can be kept nowhere, and without a place for them other commands do not start: "
            f"{remedy} (this check used a temporary one)"
        )
    return f"compiled kernels cannot be kept in {', '.join(cache.folders)}, every run compiles again: {remedy}"


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
