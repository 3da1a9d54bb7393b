"""The command line: `streamproc COMMAND`; one file per command or group."""

import logging
import re
import sys
from pathlib import Path

import click
from aiokafka.errors import KafkaError

from streamproc import __version__
from streamproc.cli.commands import Commands
from streamproc.cli.context import Context, default_folder
from streamproc.cli.failing import FAILED, INTERRUPTED, UNEXPECTED
from streamproc.cli.terminal import say
from streamproc.config_error import ConfigError
from streamproc.printable import printable
from streamproc.runtime.exits import describe_error
from streamproc.runtime.refusal import RefusedError

WRONG_CONFIGURATION = 2
KAFKA_AWAY = 75

COMMANDS = Commands(
    {
        "backtest": "backtest:backtest_command",
        "check": "check:check",
        "customer": "customer:customer",
        "demo": "demo:demo",
        "diff": "diff:diff",
        "dlq": "dlq:dlq_group",
        "dump": "dump:dump",
        "explain": "explain:explain",
        "import": "import_:import_group",
        "kafka": "kafka:kafka",
        "models": "models:models_group",
        "ope": "ope:ope",
        "repair": "repair:repair_group",
        "replay": "replay:replay_command",
        "segments": "segments:segments_group",
        "send": "send:send",
        "tail": "tail:tail",
        "topics": "topics:topics_group",
        "up": "workers:up",
        "worker": "workers:worker",
    }
)


class Streamproc(click.Group):
    """The group of all commands; what is wrong is told in the same words, whichever command finds it."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.message = printable(error.message)
            raise
        except (click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            sys.exit(INTERRUPTED)
        except ConfigError as error:
            for problem in error.problems:
                say(str(problem), err=True)
            say(f"{len(error.problems)} problem(s) in the configuration; nothing was started", err=True)
            sys.exit(WRONG_CONFIGURATION)
        except RefusedError as refused:
            say(f"{refused.code.meaning}: {refused}", err=True)
            say(f"-> {refused.code.remedy}", err=True)
            sys.exit(refused.code)
        except KafkaError as error:
            say(f"Kafka cannot be asked: {plainly(error)}", err=True)
            say(
                "Is it running, and is the address right? `streamproc kafka start` starts one on this machine; "
                "STREAMPROC_KAFKA__BOOTSTRAP=host:port or [kafka] in config/app.toml says where it is.",
                err=True,
            )
            sys.exit(KAFKA_AWAY)
        except (OSError, OverflowError) as error:  # a time beyond all dates
            say(f"Error: {error}", err=True)
            sys.exit(FAILED)
        except Exception as error:  # noqa: BLE001  1 would say "different": a crash is no answer
            say(f"unexpected: {describe_error(error)}; nothing is known of the outcome, please report it", err=True)
            sys.exit(UNEXPECTED)


def plainly(error: KafkaError) -> str:
    """What aiokafka says, with addresses as people write them instead of the tuples of a socket."""
    return re.sub(r"\('([^']+)', (\d+), <[^>]*>\)", r"\1:\2", str(error))


@click.group(
    cls=Streamproc,
    commands=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="streamproc")
@click.option("--config", type=click.Path(path_type=Path), envvar="STREAMPROC_CONFIG", help="Folder of the TOML files.")
@click.option("--topics", type=click.Path(path_type=Path), help="Folder of the topic files.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, topics: Path | None) -> None:
    """Event streams of a shop in, customer knowledge and marketing decisions out."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # each command says itself what is wrong
    ctx.obj = Context(config or default_folder("config"), topics or default_folder("topics"))
