"""`make demo`."""

from demo.tour import main

if __name__ == "__main__":
    main()
