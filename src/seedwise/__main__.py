"""`python -m seedwise`."""

from seedwise.cli.main import main

if __name__ == "__main__":
    main()
