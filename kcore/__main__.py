"""`python -m kcore`: the command `kcore`."""

import sys

from .cli.main import main

sys.exit(main())
