"""Kernels compiled by Numba, kept on disk where that can be done and computed with in any case.

Numba keeps a compiled kernel beside its source (`__pycache__`), or in a cache folder of the user where that cannot be
written; NUMBA_CACHE_DIR goes before both. It looks for the place when a kernel is *defined*, and fails where there is
none; it fails again where a kernel cannot be written (a full disk, a quota) or read back (a damaged file). None of this
changes what a kernel computes. Hence every kernel of the package is defined with `kernel`, which

* leaves a kernel without a place uncached: it is compiled in every process;
* goes on where a kernel cannot be written, and says so once;
* recompiles a kernel whose file is damaged. A checksum goes with the machine code, so that no wrong byte is executed.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, NullCache
from numba.core.serialize import dumps

REMEDY = "set NUMBA_CACHE_DIR to a folder of yours that can be written"

_complained = False
_announced: dict[object, str] = {}  # what is said before the kernel of this cache is compiled


class _Checked(CompileResultCacheImpl):
    """What is kept of a kernel: its machine code and all that belongs to it, behind a checksum."""

    def reduce(self, data):
        content = dumps(super().reduce(data))
        return hashlib.sha256(content).digest(), content

    def rebuild(self, target_context, payload):
        digest, content = payload
        if hashlib.sha256(content).digest() != digest:
            raise ValueError("damaged kernel")
        return super().rebuild(target_context, pickle.loads(content))


class _Cache(FunctionCache):
    """Numba's cache of one kernel; a failure to read or write it costs time, and nothing else."""

    _impl_class = _Checked

    def load_overload(self, sig, target_context):
        kept = None
        try:
            kept = super().load_overload(sig, target_context)
        except OSError:
            pass
        except Exception:  # unpickling a damaged file can raise anything
            with contextlib.suppress(OSError):
                self.flush()
        if kept is None:
            _say_announced(self)
        return kept

    def save_overload(self, sig, data):
        try:
            super().save_overload(sig, data)
        except Exception as problem:  # a full disk, or a damaged index that cannot be replaced
            _complain(f"compiled kernels cannot be kept in {self.cache_path} ({_reason(problem)})")


class _Nowhere(NullCache):
    """In the place of a cache where there is no folder for one."""

    def load_overload(self, sig, target_context):
        _say_announced(self)


def _reason(problem: Exception) -> str:
    return getattr(problem, "strerror", None) or type(problem).__name__


def _complain(text: str) -> None:
    """One line on standard error, the first time in a process."""
    global _complained
    if not _complained:
        print(f"{text}, every run compiles again: {REMEDY}", file=sys.stderr, flush=True)
    _complained = True


def kernel(**options) -> Callable:
    """Decorator: compile a function with Numba, with these options of `numba.njit`, and keep it where that can be done.

    ValueError if NUMBA_DISABLE_JIT is set: in plain Python the kernels would take thousands of times as long, and their
    random numbers, which rely on machine arithmetic, would not be the same.
    """

    def decorate(function):
        if numba.config.DISABLE_JIT:
            raise ValueError("NUMBA_DISABLE_JIT is set, but gardner needs its kernels compiled: unset it")
        compiled = numba.njit(**options)(function)
        try:
            compiled._cache = _Cache(function)
        except RuntimeError as problem:
            if "no locator available" not in str(problem):
                raise
            compiled._cache = _Nowhere()
        return compiled

    return decorate


def folder_of(compiled) -> Path | None:
    """Where a kernel is kept; None if there is no such place."""
    path = compiled.stats.cache_path
    return None if path is None else Path(path)


def is_kept(compiled) -> bool:
    """True if the kernel has been compiled before, from the same source, and can be read back."""
    if not isinstance(compiled._cache, _Cache):
        return False
    try:
        files = compiled._cache._cache_file._load_index().values()
        return len(files) > 0 and all((folder_of(compiled) / name).exists() for name in files)
    except Exception:  # damaged: it will be compiled again
        return False


def announce(what: str, *kernels) -> None:
    """Let it be said on standard error, when one of these kernels must be compiled: a run may never need them."""
    after = "first run only, cached afterwards"
    if any(folder_of(one) is None for one in kernels):
        after = f"in every run, for they can be kept nowhere: {REMEDY}"
    text = f"compiling the {what} kernels ({after}) …"
    _announced.clear()
    _announced.update((one._cache, text) for one in kernels)


def _say_announced(cache) -> None:
    """The kernel of this cache is about to be compiled."""
    if cache in _announced:
        print(_announced[cache], file=sys.stderr, flush=True)
        _announced.clear()
