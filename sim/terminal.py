"""How the command line meets its terminal: stops, progress, log, and errors in one line each."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from sim.errors import SimError, ValidityWarning

INTERRUPTED, TERMINATED, INTERNAL = 130, 143, 70
ASK_AGAIN_S = 2.0
PLAIN_WIDTH = 140
"""Columns where the output is no terminal."""


@contextmanager
def clean_stops() -> Iterator[None]:
    """Let SIGINT and SIGTERM unwind the run, so that temporary folders go.

    A library may swallow the exception while it is loaded, so it is raised again after a while.
    """
    asked: list[int] = []

    def stop(number: int, _frame: object) -> None:
        if number in (signal.SIGINT, signal.SIGTERM):
            asked.append(number)
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, ASK_AGAIN_S)
        raise KeyboardInterrupt if asked[-1] == signal.SIGINT else SystemExit(TERMINATED)

    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name)]
    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        if hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0.0)
        for number, handler in before.items():
            signal.signal(number, handler)


def set_up_logging(*, verbose: bool) -> None:
    """Log to stderr: warnings, or every stage."""
    level = logging.INFO if verbose else logging.WARNING
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("rasterio").setLevel(logging.ERROR)  # it warns of drivers that are off on purpose


@contextmanager
def progress(*, shown: bool) -> Iterator[Callable[[str, float], None]]:
    """Give a callback that draws a bar where stderr is a terminal, and else does nothing."""
    if not (shown and sys.stderr.isatty()):
        yield lambda stage, done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<28}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=1.0)
        yield lambda stage, done: progress.update(task, description=stage, completed=done)


def show(content: object) -> None:
    """Print something that rich can draw, wide where the output is no terminal."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    Console(width=width, highlight=False, emoji=False).print(content)


def show_warning(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
    """Say warnings raised on purpose in one line; those of libraries are no business of a user."""
    if issubclass(category, ValidityWarning):
        click.echo(f"note: {message}", err=True)


def tell(error: BaseException) -> int:
    """Say an error on stderr, one line for each problem, and return the exit code."""
    code = INTERNAL
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else 1
    elif isinstance(error, click.ClickException):
        error.show()
        code = error.exit_code
    elif isinstance(error, SimError):
        code = error.exit_code
        for line in str(error).splitlines():
            click.echo(f"error: {line}", err=True)
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        code = INTERRUPTED
        click.echo("interrupted; no unfinished results were left", err=True)
    elif isinstance(error, BrokenPipeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads on; no error
        code = 0
    else:
        click.echo(f"error: a defect of the program: {type(error).__name__}: {error}", err=True)
        click.echo("set ROLLOUT_TRACEBACK=1 to see where it is", err=True)
    return code
