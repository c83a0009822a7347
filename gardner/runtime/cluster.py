"""Points of chains on Dask workers: a cluster of local processes, or a running scheduler given by its address."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from urllib.parse import urlsplit

from gardner.errors import ConvergenceError, StoppedRun
from gardner.runtime import signals
from gardner.runtime.points import Run, Workers, advance

CONNECT_SECONDS = 10
ANSWER_SECONDS = 3  # for a host to take a connection, and again for it to say what it is


@contextlib.contextmanager
def only_here():
    """Ctrl-C reaches this process only: those started inside never see it, and are ended by this one.

    A terminal sends it to all processes alike; the workers would each print where they were. A blocked signal stays
    blocked in everything that is started meanwhile, threads and processes, and reaches this thread at the end.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    # the helper of multiprocessing lifts the block where it starts: let it run before
    from multiprocessing import resource_tracker

    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def local_cluster(count: int):
    """`count` processes of one thread each; no dashboard, and its server on any free port: runs share a machine."""
    import distributed

    # `silence_logs` ends with the cluster: what its connections say while they close would come out after a signal
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    with only_here():
        return distributed.LocalCluster(
            n_workers=count,
            threads_per_worker=1,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
        )


def _unanswered(address: str, why: str) -> ValueError:
    return ValueError(
        f"scheduler = {address}: no Dask scheduler answers there ({why}); give an address such as tcp://host:8786"
    )


def check_answer(address: str) -> None:
    """ValueError, within seconds, unless a Dask scheduler answers at the address.

    A client that fails to connect keeps trying while it is closed, and takes what another server says for the length
    of a message; so it is made only when the scheduler has said what it is.
    """
    import distributed

    async def ask() -> str:
        options = distributed.Security().get_connection_args("client")
        comm = await distributed.comm.connect(address, ANSWER_SECONDS, deserialize=False, **options)
        try:
            await comm.write({"op": "identity", "reply": True})
            return (await comm.read()).get("type", "")
        finally:
            comm.abort()

    parts = urlsplit(address)
    try:
        if parts.scheme in ("tcp", "tls"):  # Dask would ask again and again where it is refused
            socket.create_connection((parts.hostname, parts.port), ANSWER_SECONDS).close()
        found = asyncio.run(asyncio.wait_for(ask(), 2 * ANSWER_SECONDS))
    except Exception as problem:  # whatever comes of reading what another server says
        raise _unanswered(address, _reason(problem)) from None
    if found != "Scheduler":
        raise _unanswered(address, f"but a {found.lower() or 'stranger'} does")


def _reason(problem: BaseException) -> str:
    """Why an address does not answer: the first cause that the system has words for."""
    if isinstance(problem, MemoryError):
        return "another program does"  # whose first words were read as a length
    cause = problem
    while cause is not None:
        if getattr(cause, "strerror", None):
            return cause.strerror
        cause = cause.__cause__ or cause.__context__
    return type(problem).__name__


@contextlib.contextmanager
def connected(workers: Workers, deaths: int):
    """A Dask client; local workers end with it."""
    try:
        import dask
        import distributed
    except ModuleNotFoundError:
        raise ValueError(
            "several workers need Dask, which is not installed: pip install 'gardner[cluster]', or use --workers 1"
        ) from None
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
    environment = {name: str(workers.threads) for name in names}
    settings = {
        "distributed.scheduler.allowed-failures": deaths,
        "distributed.nanny.pre-spawn-environ": environment,
        "distributed.admin.large-graph-warning-threshold": "1GB",
    }
    with dask.config.set(settings), contextlib.ExitStack() as stack:
        address = workers.scheduler
        if address is None:
            # a signal that comes meanwhile finds a cluster that is closed in order
            with signals.later(), only_here():
                try:
                    address = stack.enter_context(local_cluster(workers.count))
                except (OSError, RuntimeError, MemoryError) as problem:
                    reason = str(problem) or type(problem).__name__
                    raise StoppedRun(f"the {workers.count} workers did not start ({reason}); ask for fewer") from None
        else:
            check_answer(address)
        try:
            client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError, TimeoutError) as problem:
            raise _unanswered(workers.scheduler, type(problem).__name__) from None
        yield stack.enter_context(client)


def run_on_cluster(run: Run, workers: Workers, counter, deaths: int) -> None:
    """Hand out the next point of every chain, keep what comes back, until all chains end."""
    with connected(workers, deaths) as client:
        from distributed import KilledWorker, as_completed

        def submit(c: int):
            point = run.point(c)
            if point is None:
                return None
            # earlier chains first: a caller puts the longest first
            future = client.submit(advance, run.chains[c], *point, pure=False, priority=-c)
            owners[future.key] = c
            return future

        owners: dict[str, int] = {}
        futures = [future for c in range(len(run.chains)) if (future := submit(c)) is not None]
        pool = as_completed(futures, loop=client.loop)
        del futures
        for future in pool:
            c = owners.pop(future.key)
            try:
                result = future.result()
            except KilledWorker:
                raise ConvergenceError(
                    f"{deaths} workers died over point {len(run.records[c]) + 1} of {run.chains[c].name} (out of "
                    f"memory?); {run.done} of {run.total} points are kept in {run.store}: go on with --resume"
                ) from None
            run.keep(c, *result)
            counter(run.done)
            following = submit(c)
            if following is not None:
                pool.add(following)
