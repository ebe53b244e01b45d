"""`make run`, `make stop`, `make clean`: see launcher."""
