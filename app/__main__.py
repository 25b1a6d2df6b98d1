"""``python -m app``: the commands."""

import sys

from app.cli import main

sys.exit(main())
