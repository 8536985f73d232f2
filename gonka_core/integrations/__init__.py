"""Drop-ins for other people's clients. Each module imports what it is for, and nothing here imports them."""
