"""Chains, checkpoints and workers: nothing finished is lost, and a resumed run equals an uninterrupted one."""

import contextlib
import socket
import threading
import time

import numpy as np
import pytest
from chain_models import DiesOnce, Interrupted, RandomWalk

from gardner.errors import FileFormatError, InterruptedRun
from gardner.runtime.chains import Workers, run_chains
from gardner.runtime.checkpoint import checkpoint_path, load_checkpoint, save_checkpoint
from gardner.runtime.cluster import local_cluster

PARAMETERS = {"alpha": 0.1 + 0.2, "widths": (3, 4)}


def paths(records):
    return [np.array([record["x"] for record in chain]) for chain in records]


def uninterrupted(chains, tmp_path):
    return paths(run_chains(chains, tmp_path / "reference", PARAMETERS))


def test_checkpoint_returns_arrays_and_floats_bit_for_bit(tmp_path):
    rng = np.random.default_rng(3)
    state = {"x": rng.random((2, 3)), "n": 2**100, "deep": [{"y": np.float64(1 / 3)}, None, True], "t": "q_EA"}
    records = [{"status": "converged", "v": rng.random(4), "nothing": float("nan")}]
    save_checkpoint(tmp_path / "a.npz", PARAMETERS, state, records)
    again, listed = load_checkpoint(tmp_path / "a.npz", PARAMETERS)
    np.testing.assert_array_equal(again["x"], state["x"])
    assert again["deep"] == [{"y": 1 / 3}, None, True] and again["n"] == 2**100 and again["t"] == "q_EA"
    np.testing.assert_array_equal(listed[0]["v"], records[0]["v"])
    assert np.isnan(listed[0]["nothing"])


def test_checkpoint_of_another_run_is_refused_by_name_of_the_parameter(tmp_path):
    save_checkpoint(tmp_path / "a.npz", PARAMETERS, {}, [])
    with pytest.raises(FileFormatError, match=r"made with alpha = 0\.3.* now 0\.5"):
        load_checkpoint(tmp_path / "a.npz", PARAMETERS | {"alpha": 0.5})


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off"])
def test_damaged_checkpoint_is_one_clear_error(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    with pytest.raises(FileFormatError, match="damaged checkpoint"):
        load_checkpoint(tmp_path / "a.npz", PARAMETERS)


def test_interrupted_run_resumes_to_the_same_numbers(tmp_path):
    names = ("one", "two")
    whole = uninterrupted([RandomWalk(name, 5, seed) for seed, name in enumerate(names)], tmp_path)
    store = tmp_path / "run.parts"
    with pytest.raises(InterruptedRun, match="7 of 10 points are kept"):
        run_chains([RandomWalk("one", 5, 0), Interrupted("two", 5, 1)], store, PARAMETERS)
    with pytest.raises(ValueError, match="--resume to go on or --force"):
        run_chains([RandomWalk("one", 5, 0)], store, PARAMETERS)
    resumed = run_chains([RandomWalk(n, 5, s) for s, n in enumerate(names)], store, PARAMETERS, resume=True)
    for a, b in zip(whole, paths(resumed)):
        np.testing.assert_array_equal(a, b)
    assert checkpoint_path(store, "one").exists()


def test_force_starts_again(tmp_path):
    store = tmp_path / "run.parts"
    with pytest.raises(InterruptedRun):
        run_chains([Interrupted("one", 5, 7)], store, PARAMETERS)
    fresh = run_chains([RandomWalk("one", 5, 0)], store, PARAMETERS | {"alpha": 2.0}, force=True)
    np.testing.assert_array_equal(paths(fresh)[0], uninterrupted([RandomWalk("one", 5, 0)], tmp_path)[0])


def test_local_cluster_gives_the_numbers_of_one_process_and_survives_the_death_of_a_worker(tmp_path):
    walks = [RandomWalk(f"walk{seed}", 4, seed, pause=0.02) for seed in range(3)]
    fatal = DiesOnce("fatal", 4, 3, marker=str(tmp_path / "died"))
    expected = uninterrupted([*walks, RandomWalk("fatal", 4, 3)], tmp_path)
    records = run_chains([*walks, fatal], tmp_path / "run.parts", PARAMETERS, Workers(2))
    assert (tmp_path / "died").exists()
    for a, b in zip(expected, paths(records)):
        np.testing.assert_array_equal(a, b)
    processes = {record["worker"] for chain in records for record in chain}
    assert len(processes) >= 2


def test_running_scheduler_is_used_by_address(tmp_path):
    with local_cluster(1) as cluster:
        workers = Workers(scheduler=cluster.scheduler_address)
        records = run_chains([RandomWalk("one", 3)], tmp_path / "run.parts", PARAMETERS, workers)
    np.testing.assert_array_equal(paths(records)[0], uninterrupted([RandomWalk("one", 3)], tmp_path)[0])


def test_a_second_run_on_the_same_machine_finds_its_own_port():
    with contextlib.closing(socket.socket()) as taken:
        with contextlib.suppress(OSError):  # another run has it already: all the better
            taken.bind(("127.0.0.1", 8787))  # where Dask's dashboard listens unless told otherwise
            taken.listen()
        with local_cluster(1) as cluster:
            assert cluster.scheduler_address.startswith("tcp://")


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 400 Bad Request and more than eight letters"])
def test_another_server_is_no_scheduler(tmp_path, monkeypatch, said):
    """One that keeps silent, and one that speaks: refused within seconds, with no client left that has to be closed."""
    from gardner.runtime import cluster

    monkeypatch.setattr(cluster, "ANSWER_SECONDS", 0.5)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as server, contextlib.ExitStack() as stack:

        def answer():
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    stack.enter_context(contextlib.closing(connection))
                    connection.sendall(said)

        threading.Thread(target=answer, daemon=True).start()
        address, began = f"tcp://127.0.0.1:{server.getsockname()[1]}", time.monotonic()
        with pytest.raises(ValueError, match="no Dask scheduler answers there"):
            run_chains([RandomWalk("one", 3)], tmp_path / "x", PARAMETERS, Workers(scheduler=address))
        assert time.monotonic() - began < 10.0
        server.shutdown(socket.SHUT_RDWR)
    assert not list(tmp_path.iterdir())


def test_worker_counts_are_checked():
    with pytest.raises(ValueError, match="workers = 0: must be at least 1"):
        Workers(0)


@pytest.fixture
def stopped(tmp_path):
    """The folder of a run of two chains that was interrupted, with a file of the user in it."""
    store = tmp_path / "run.parts"
    with pytest.raises(InterruptedRun):
        run_chains([RandomWalk("one", 5, 0), Interrupted("two", 5, 1)], store, PARAMETERS)
    (store / "notes.txt").write_text("mine")
    return store


def resume(store, names=("one", "two"), fingerprint=PARAMETERS, **options):
    chains = [RandomWalk(name, 5, seed) for seed, name in enumerate(names)]
    return run_chains(chains, store, fingerprint, resume=True, **options)


def test_a_run_whose_checkpoints_have_other_names_is_not_deleted(stopped):
    """Names hold depth, margin and direction: a run of others would find nothing of its own and remove the rest."""
    before = {path: path.read_bytes() for path in stopped.glob("*.npz")}
    for names, fingerprint, message in (
        (("three", "four"), PARAMETERS | {"alpha": 2.0}, "alpha = 0.3.*, now 2.0"),
        (("three", "four"), PARAMETERS, "belongs to no chain of this run"),
        (("one",), PARAMETERS, "belongs to no chain of this run"),
    ):
        with pytest.raises(FileFormatError, match=message):
            resume(stopped, names, fingerprint)
    assert {path: path.read_bytes() for path in stopped.glob("*.npz")} == before


def test_a_checkpoint_copied_under_the_name_of_another_chain_is_refused(stopped):
    checkpoint_path(stopped, "two").write_bytes(checkpoint_path(stopped, "one").read_bytes())
    with pytest.raises(FileFormatError, match="copy of the checkpoint of the chain one"):
        resume(stopped)


def test_only_its_own_files_are_removed_when_a_run_is_done(stopped):
    from gardner.runtime.checkpoint import discard
    from gardner.runtime.ownership import owned

    with owned(stopped):
        resume(stopped)
        late = checkpoint_path(stopped, "of somebody else")
        late.write_bytes(b"put here meanwhile")
        discard(stopped)
    assert sorted(path.name for path in stopped.iterdir()) == ["notes.txt", late.name]


def test_every_flipped_byte_of_a_checkpoint_is_one_line(tmp_path):
    rng = np.random.default_rng(5)
    path = tmp_path / "a.checkpoint.npz"
    save_checkpoint(path, PARAMETERS, {"x": rng.random(20)}, [{"v": rng.random(5)}])
    content = path.read_bytes()
    for place in rng.integers(len(content), size=300):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        with pytest.raises(FileFormatError, match=r"a\.checkpoint\.npz: damaged checkpoint") as refused:
            load_checkpoint(path, PARAMETERS)
        assert len(str(refused.value).splitlines()) == 1


def test_a_refused_resumption_is_short_however_long_the_lists(tmp_path):
    many = {"alphas": list(np.linspace(1.0, 2.0, 9000)), "text": "x" * 9000}
    path = tmp_path / "a.checkpoint.npz"
    save_checkpoint(path, many, {}, [])
    for changed, message in (
        ({"alphas": [*many["alphas"][:-1], 3.0]}, r"alphas = 2.0 as number 9000 of 9000, now 3.0"),
        ({"alphas": many["alphas"][:5]}, "alphas = 9000 values, now 5 values"),
        ({"text": "y" * 9000}, "text = x+ … x+, now y+ … y+"),
    ):
        with pytest.raises(FileFormatError, match=message) as refused:
            load_checkpoint(path, many | changed)
        assert len(str(refused.value)) < 500


def test_values_equal_to_six_digits_have_chains_of_their_own():
    from gardner.analysis.plans import RandomSweep
    from gardner.analysis.sweep import combinations

    plan = RandomSweep(alphas=(1.0,), depths=(1,), margins=(0.1, 0.1000001), betas=(1e6, 1e6 + 1), directions=("up",))
    names = [plan.chain(**values).name for values in combinations(plan)]
    assert len(set(names)) == 4 and names[0] == "L1-kappa0.1-beta1e+06-up"


class Failing(RandomWalk):
    """Raises `problem` at point 2."""

    problem: type = MemoryError

    def step(self, state, index):
        if index == 2:
            raise self.problem("no room")
        return super().step(state, index)


def test_a_run_without_memory_keeps_its_points(tmp_path):
    from gardner.errors import StoppedRun

    with pytest.raises(StoppedRun, match=r"out of memory \(no room\); 2 of 5 points are kept in .*--resume"):
        run_chains([Failing("one", 5, 0)], tmp_path / "x", PARAMETERS)
    with pytest.raises(StoppedRun, match="nothing is kept"):
        run_chains([Failing("one", 5, 0)], None, PARAMETERS)
    assert len(resume(tmp_path / "x", ("one",))[0]) == 5


def test_an_unreachable_scheduler_leaves_nothing(tmp_path):
    for address, message in (
        ("tcp://127.0.0.1:9", "no Dask scheduler answers there"),
        ("tcp://no-such-host.invalid:8786", "no Dask scheduler answers there"),
        ("inproc://elsewhere", "no Dask scheduler answers there"),
    ):
        with pytest.raises(ValueError, match=message):
            run_chains([RandomWalk("one", 3)], tmp_path / "x", PARAMETERS, Workers(scheduler=address))
    for address in ("", "here", "tcp://host", "tcp://:1", "tcp://host:99999"):
        with pytest.raises(ValueError, match="must be an address such as tcp://host:8786"):
            Workers(scheduler=address)
    assert not list(tmp_path.iterdir())
