"""`python -m gardner`: the same as the command `gardner`."""

from gardner.cli.main import run

if __name__ == "__main__":
    run()
