"""Puts the packages of the running environment behind those of another one: `python -m tools.spark_environment DIR`."""

import sys
import sysconfig
from pathlib import Path


def main() -> None:
    """Writes the file that does it."""
    (packages,) = Path(sys.argv[1]).glob("lib/python*/site-packages")
    behind = sysconfig.get_path("purelib")
    # addsitedir reads the folder's own .pth files as well, by which an editable install is found
    (packages / "behind.pth").write_text(f"import site; site.addsitedir({behind!r})\n", encoding="utf-8")


if __name__ == "__main__":
    main()
