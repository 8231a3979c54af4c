"""Drawings of pygal's as parts of a page."""

import re

# Scripts, comments and what only a file of its own needs.
_BESIDES = re.compile(r'<script.*?</script>|<!--.*?-->|<title>Pygal</title>|\s+xmlns(?::\w+)?="[^"]*"', re.DOTALL)


def embeddable(drawing: str) -> str:
    """Returns a drawing as an `svg` element without scripts."""
    return _BESIDES.sub("", drawing)
