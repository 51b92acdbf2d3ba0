"""``python -m mainstay`` is the ``mainstay`` command."""

from mainstay.cli.main import main

main()
