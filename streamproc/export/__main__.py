"""`python -m streamproc.export`: bring the generated files up to date, or (`--check`) say how they are not."""

import sys
from pathlib import Path

import click

from streamproc.export.generated import broken_contracts, difference, write


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 and a diff if a file is not up to date.")
@click.option("--allow-breaking", is_flag=True, help="Write even if a schema would break its readers or writers.")
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".", show_default=True)
def main(*, check: bool, allow_breaking: bool, root: Path) -> None:
    """Generate the JSON Schemas and the AsyncAPI document in the repository ROOT."""
    broken = broken_contracts(root)
    if broken and not allow_breaking:
        for line in broken:
            click.echo(line, err=True)
        click.echo("This breaks others: make a new topic version, or say --allow-breaking.", err=True)
        sys.exit(1)
    if not check:
        write(root)
    elif changed := difference(root):
        click.echo(changed, nl=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
