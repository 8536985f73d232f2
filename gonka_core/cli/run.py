"""The group of commands, and what becomes of whatever goes wrong in them: one line and an exit status."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Sequence
from itertools import chain
from typing import Final

import click

from gonka_core import __version__, keytext
from gonka_core.errors import ConfigurationError, GonkaError, PayloadError

from .account import account
from .address import address
from .batch import batch
from .chat import chat
from .demo import demo
from .doctor import doctor
from .endpoints import endpoints
from .explain import explain
from .keys import keys
from .models import models
from .others import bench, conformance, mock_node
from .plugins import plugins
from .proxy import proxy
from .send_request import send_request
from .sign import sign
from .signature import signature
from .verify import verify

NOT_DONE: Final = 1
WRONGLY_GIVEN: Final = 2
BUG: Final = 70
INTERRUPTED: Final = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="gonka-core")
def cli() -> None:
    """Signed chat requests for the Gonka network.

    Keys come from GONKA_PRIVATE_KEY, a file or the system's keyring, never from an option.
    `gonka COMMAND --help` tells more.
    """


_COMMANDS: Final = (
    (demo, chat, batch, proxy, doctor, explain, keys, address, account, endpoints, models),
    (send_request, sign, verify, signature, plugins, mock_node, conformance, bench),
)
for _command in chain.from_iterable(_COMMANDS):
    cli.add_command(_command)


def run(argv: Sequence[str] | None) -> int:
    """Run a command; its exit status."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        warnings.simplefilter("default", UserWarning)
        return _guarded(argv)


def _guarded(argv: Sequence[str] | None) -> int:
    try:
        status = cli.main(args=argv, prog_name="gonka", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return WRONGLY_GIVEN
    except click.ClickException as error:
        return _told(_usage(error), WRONGLY_GIVEN)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output has left; the interpreter must not complain when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ConfigurationError, PayloadError) as error:
        return _told(str(error), WRONGLY_GIVEN)
    except GonkaError as error:
        return _told(str(error), NOT_DONE)
    except Exception as error:  # noqa: BLE001 - a traceback is no answer, and an unknown error's words may hold a key
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "an unknown place"
        return _told(f"{type(error).__name__} at {where}: this is a bug of gonka-core; please report this line", BUG)
    return status if isinstance(status, int) else 0


def _usage(error: click.ClickException) -> str:
    command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "gonka"
    return f"{keytext.withheld(' '.join(error.format_message().split()).rstrip('.'))}; see: {command} --help"


def _told(line: str, status: int) -> int:
    print(f"gonka: {' '.join(line.split())}", file=sys.stderr)  # noqa: T201
    return status


def _show_warning(message: Warning | str, *_rest: object, **_more: object) -> None:
    _told(f"warning: {message}", 0)
