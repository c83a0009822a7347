"""How the tests are shared out to several processes."""

import pytest


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """The tests of a file stay together, so that what the file computes once is computed once.

    Not those of the slow suite: a few files have most of its work.
    """
    if "not slow" not in config.option.markexpr:
        return None
    from xdist.scheduler import LoadFileScheduling

    return LoadFileScheduling(config, log)
