"""`python -m opsbook` is the command `opsbook`."""

from opsbook.cli import main

if __name__ == "__main__":
    main()
