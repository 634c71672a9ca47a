"""The command line: what it takes, and which module answers."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from ..plugin import KINDS

EPILOG = (
    "Environment: KCORE_BACKEND chooses the backend, KCORE_KERNELS=acme,... lets kernels of packages compute ops, "
    "KCORE_PLUGINS=acme,... limits which packages are used, KCORE_CUDA_GRAPH=1 has steps recorded as CUDA graphs, "
    "KCORE_DATA_HOME holds data sets, KCORE_OFFLINE=1 forbids the network."
)


def parser() -> argparse.ArgumentParser:
    """What `kcore` takes."""
    top = argparse.ArgumentParser(prog="kcore", description="Keras-style deep learning on plain arrays.", epilog=EPILOG)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="train a small network on digits and show how it does", epilog=EPILOG)
    demo.add_argument(
        "--dataset", choices=("digits", "mnist"), default="digits", help="digits ships with kcore (default)"
    )
    demo.add_argument("--epochs", type=_at_least_one, help="how often all samples are seen")
    demo.add_argument("--backend", help="the backend to train on, as numpy or cupy")
    demo.add_argument("--seed", type=int, help="repeat a run bit for bit")
    demo.add_argument("--program", action="store_true", help="print the training step that ran")

    listing = commands.add_parser("list", help="list what is registered, as `kcore list losses`")
    listing.add_argument("kind", nargs="?", metavar="KIND", help=f"{', '.join(KINDS)}; left out, these are listed")

    datasets = commands.add_parser("datasets", help="list data sets and where they are, or fetch them", epilog=EPILOG)
    actions = datasets.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="list every data set's files and where they are")
    fetch = actions.add_parser("fetch", help="put data sets into a folder, as for a class that is offline")
    fetch.add_argument("names", nargs="+", metavar="NAME", help="such as mnist")
    fetch.add_argument("--to", required=True, metavar="DIR", help="the folder, which KCORE_DATA_HOME should then name")

    doctor = commands.add_parser(
        "doctor", help="say what kcore runs with here, and what is wrong and its cure", epilog=EPILOG
    )
    doctor.add_argument("--backend", help="the backend to examine, as cupy; by default the one in use")

    plugins = commands.add_parser("plugins", help="list the installed plugins and whether they work, or begin one")
    actions = plugins.add_subparsers(dest="action", metavar="ACTION")
    new = actions.add_parser("new", help="write a package with parts of your own, and tests that pass at once")
    new.add_argument("name", metavar="NAME", help="of the package and its namespace, as in acme/focal")
    kinds = f"{', '.join(KINDS)}; or all. By default layers and losses"
    new.add_argument("--kinds", metavar="KIND", nargs="+", default=["layers", "losses"], help=kinds)
    new.add_argument("--to", metavar="DIR", default=".", help="the folder to write the package's folder into")
    return top


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"at least 1 epoch is needed, got {number}")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status.

    What a user can mend, such as a file that is not there, is said in one line and not by a traceback.
    """
    options = parser().parse_args(arguments)
    try:
        if options.command == "demo":
            from .demo import demo

            demo(options.dataset, options.epochs, options.backend, options.seed, options.program)
        elif options.command == "list":
            from .listing import list_kind, list_kinds

            list_kind(options.kind) if options.kind else list_kinds()
        elif options.command == "datasets":
            from .datasets import fetch, list_datasets

            list_datasets() if options.action == "list" else fetch(options.names, options.to)
        elif options.command == "doctor":
            from .doctor import doctor

            return doctor(options.backend)
        elif options.action == "new":
            from .new_plugin import write_plugin

            print(write_plugin(options.name, options.kinds, options.to))
        else:
            from .listing import list_plugins

            list_plugins()
    except BrokenPipeError:  # who reads has seen enough, as `| head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (ImportError, OSError, ValueError) as error:
        print(f"kcore {options.command}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
