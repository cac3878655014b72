"""`ellie`, and `python -m bot`."""


def main() -> None:
    """Run the command line and end the process with its exit status."""
    from bot.cli.main import main as run

    run()


if __name__ == "__main__":
    main()
