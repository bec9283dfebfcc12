"""The command: parse, call one function, print. Heavy imports wait until they are needed."""

from __future__ import annotations

import errno
import os
import signal
import sys

import click

from opsbook import __version__
from opsbook.cli.asked import workspace_here
from opsbook.cli.check import check
from opsbook.cli.init import init
from opsbook.cli.lab import lab
from opsbook.cli.new import new
from opsbook.cli.report import report
from opsbook.cli.run import run
from opsbook.cli.scan import scan
from opsbook.cli.status import status
from opsbook.cli.upgrade import upgrade
from opsbook.errors import OpsbookError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="opsbook")
@click.pass_context
def commands(context: click.Context) -> None:
    """Run operations-optimisation projects: notebooks in, one report out."""
    if context.invoked_subcommand == "run" and not {"-h", "--help"} & set(sys.argv):
        from opsbook.run.settings import settings

        context.default_map = {"run": settings(workspace_here())}


for command in (init, new, check, run, scan, report, status, lab, upgrade):
    commands.add_command(command)


def main() -> None:
    """Run the command and turn its faults into exit codes."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)
    try:
        code = commands.main(standalone_mode=False)
        if sys.stdout is not None:  # as where it was closed before the command began
            sys.stdout.flush()
    except OpsbookError as error:
        click.echo(f"Error: {error}", err=True)
        code = 2
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what is finished is kept.", err=True)
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except OSError as error:
        if error.errno not in {errno.EPIPE, errno.ENOSPC, errno.EIO}:
            raise
        code = _without_stdout(error)
    sys.exit(code if isinstance(code, int) else 0)


def _interrupted(*_: object) -> None:
    """Interrupt the command once: nobody's second Ctrl-C breaks off the cleaning up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


def _without_stdout(error: OSError) -> int:
    """End where nothing more can be printed: nobody reads it any more, or its disk is full."""
    with open(os.devnull, "w", encoding="ascii") as nowhere:  # noqa: PTH123 - no path of a user
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    if error.errno != errno.EPIPE:
        click.echo(f"Error: stdout cannot be written to: {error.strerror}.", err=True)
    return 2
