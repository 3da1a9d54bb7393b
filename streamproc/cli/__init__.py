"""The command line: `streamproc COMMAND`; one file per command or group."""

import logging
import re
import sys
from pathlib import Path

import click
from aiokafka.errors import KafkaError

from streamproc import __version__
from streamproc.cli.acls import show_rights
from streamproc.cli.backtest import backtest_command
from streamproc.cli.check import check
from streamproc.cli.context import Context, default_folder
from streamproc.cli.customer import customer
from streamproc.cli.demo import demo
from streamproc.cli.diff import diff
from streamproc.cli.dlq import dlq_group
from streamproc.cli.dlq_fields import list_fields
from streamproc.cli.dump import dump
from streamproc.cli.failing import FAILED, INTERRUPTED, UNEXPECTED
from streamproc.cli.import_ import import_group
from streamproc.cli.kafka import kafka as kafka_group
from streamproc.cli.repair import repair_group
from streamproc.cli.replay import replay_command
from streamproc.cli.send import send
from streamproc.cli.tail import tail
from streamproc.cli.terminal import say
from streamproc.cli.topics import topics_group
from streamproc.cli.workers import up, worker
from streamproc.config_error import ConfigError
from streamproc.printable import printable
from streamproc.runtime.exits import describe_error
from streamproc.runtime.refusal import RefusedError

WRONG_CONFIGURATION = 2
KAFKA_AWAY = 75


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


@click.group(cls=Streamproc, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="streamproc")
@click.option("--config", type=click.Path(path_type=Path), envvar="STREAMPROC_CONFIG", help="Folder of the TOML files.")
@click.option("--topics", type=click.Path(path_type=Path), help="Folder of the topic files.")
@click.pass_context
def main(ctx: click.Context, config: Path | None, topics: Path | None) -> None:
    """Event streams of a shop in, customer knowledge and marketing decisions out."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # each command says itself what is wrong
    ctx.obj = Context(config or default_folder("config"), topics or default_folder("topics"))


COMMANDS = (
    backtest_command, check, customer, demo, diff, dlq_group, dump, import_group, kafka_group, repair_group,
    replay_command, send, tail, topics_group, up, worker,
)  # fmt: skip
topics_group.add_command(show_rights)
dlq_group.add_command(list_fields)
for command in COMMANDS:
    main.add_command(command)
