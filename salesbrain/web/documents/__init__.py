"""Documentation pages at `/docs`: the files of `docs/` as HTML, in two languages, with search."""
