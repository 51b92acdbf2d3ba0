"""The ``mainstay`` command: a table of commands, each loaded when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from mainstay import __version__, settings
from mainstay.errors import BadInput, MainstayError

COMMANDS: dict[str, tuple[str, str]] = {
    "server": ("mainstay.cli.server:server", "Start the tracking and registry server."),
    "ui": ("mainstay.cli.server:ui", "Start the server on this machine and show the web UI."),
    "run": ("mainstay.cli.projects:run", "Run a project (an MLproject folder or git address)."),
    "reproduce": ("mainstay.cli.projects:reproduce", "Run a recorded run again and compare."),
    "score": ("mainstay.cli.scoring:score", "Score a file with a model, to Parquet, CSV or JSON."),
    "evaluate": ("mainstay.cli.evaluation:evaluate", "Measure a model version; keep the evidence."),
    "promote": ("mainstay.cli.promotion:promote", "Move an alias through its gate."),
    "approve": ("mainstay.cli.promotion:approve", "Approve a requested promotion."),
    "reject": ("mainstay.cli.promotion:reject", "Reject a requested promotion."),
    "rollback": ("mainstay.cli.promotion:rollback", "Put an alias back to its previous holder."),
    "experiments": ("mainstay.cli.experiments:experiments", "List and describe experiments."),
    "runs": ("mainstay.cli.runs:runs", "List, describe, compare and rank runs."),
    "artifacts": ("mainstay.cli.artifacts:artifacts", "List and download files of runs."),
    "models": ("mainstay.cli.models:models", "Register, describe, serve and verify models."),
    "gate": ("mainstay.cli.promotion:gate", "Set, check and explain promotion gates."),
    "audit": ("mainstay.cli.promotion:audit", "Read and verify the audit trail."),
    "deployments": ("mainstay.cli.deployments:deployments", "List what is serving."),
    "monitor": ("mainstay.cli.monitoring:monitor", "Judge served traffic: one tick, or a loop."),
    "webhooks": ("mainstay.cli.webhooks:webhooks", "Tell other systems what happens to models."),
    "users": ("mainstay.cli.accounts:users", "Add users and make tokens."),
    "db": ("mainstay.cli.db:db", "Back up, restore, check and upgrade the database."),
    "gc": ("mainstay.cli.gc:gc", "Delete for good what was deleted long ago."),
    "import": ("mainstay.cli.importing:import_", "Bring in what MLflow kept: a database, mlruns."),
    "export": ("mainstay.cli.importing:export", "Write everything for MLflow, or as Parquet."),
    "sync": ("mainstay.cli.sync:sync", "Send what waits in the spool."),
    "doctor": ("mainstay.cli.doctor:doctor", "Check server, versions, spool and permissions."),
    "demo": ("mainstay.demo.command:demo", "Take a model through its whole life on this machine."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names, in the table's order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list from the table, so that help imports nothing."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mainstay")
def cli() -> None:
    """Take a model from an experiment to production and back."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Exit code 0: done, 1: failed, 2: called wrongly; never a traceback."""
    try:
        # Asked to exit (``ctx.exit``), click returns the code instead of raising.
        code = cli.main(args=arguments, prog_name="mainstay", standalone_mode=False)
        if isinstance(code, int) and code:
            sys.exit(code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except BadInput as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(2)
    except MainstayError as error:
        click.echo(f"Error: {error.message}", err=True)
        sys.exit(1)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(1)
    except OSError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(1)
    except Exception as error:
        if settings.DEBUG.get():
            raise
        click.echo(
            f"Error: something went wrong inside mainstay: {type(error).__name__}: {error}. "
            "MAINSTAY_DEBUG=1 shows where; please report it.",
            err=True,
        )
        sys.exit(1)
    return 0
