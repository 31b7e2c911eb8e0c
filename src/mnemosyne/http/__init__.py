"""What the API and the pages share: the address, the guard, admission, limits, and problems."""
