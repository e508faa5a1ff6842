"""Lets `python -m doudi.office.console` stand for `doudi-office`."""

from doudi.office.console import main

if __name__ == "__main__":
    main()
