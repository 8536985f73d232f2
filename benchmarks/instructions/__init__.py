"""Instructions of the hot path, counted by valgrind: the guard against growth that noise cannot touch."""
