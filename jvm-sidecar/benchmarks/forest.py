"""Turns the trees of a PMML document, and rows, into `trees.h` for `plain.c`.

Usage: python forest.py DOCUMENT ROWS.TSV OUTPUT
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

PMML = "{http://www.dmg.org/PMML-4_4}"


class Forest:
    """The trees as questions with two answers, each of which is a question or `-1 - leaf`."""

    def __init__(self, document: ElementTree.Element) -> None:
        self.columns: dict[str, int] = {}  # those that questions are about, with their places in a row
        self.codes = {
            field.attrib["name"]: {
                value.attrib["value"]: code for code, value in enumerate(field.findall(f"{PMML}Value"))
            }
            for field in document.iter(f"{PMML}DataField")
            if field.attrib["dataType"] == "string"
        }
        self.nodes: list[str] = []
        self.leaves: list[list[float]] = []
        self.roots: list[int] = []
        self.weights: list[float] = []
        for segment in document.iter(f"{PMML}Segment"):
            tree = segment.find(f"{PMML}TreeModel")
            if tree is not None:
                last = tree.attrib.get("noTrueChildStrategy") == "returnLastPrediction"
                root = tree.find(f"{PMML}Node")
                assert root is not None
                self.roots.append(self.add(root, last))
                self.weights.append(float(segment.attrib.get("weight", 1)))

    def leaf(self, node: ElementTree.Element) -> int:
        """Adds a node's score or distribution as a leaf."""
        counts = [float(share.attrib["recordCount"]) for share in node.findall(f"{PMML}ScoreDistribution")]
        self.leaves.append([count / sum(counts) for count in counts] or [float(node.attrib["score"])])
        return -len(self.leaves)

    def add(self, node: ElementTree.Element, last: bool) -> int:
        """Adds what is below a node; returns its first question or leaf."""
        children = node.findall(f"{PMML}Node")
        if not children:
            return self.leaf(node)
        otherwise = self.leaf(node) if last else -1
        for child in reversed(children):
            below = self.add(child, last)
            otherwise = below if child.find(f"{PMML}True") is not None else self.ask(child, below, otherwise)
        return otherwise

    def ask(self, child: ElementTree.Element, yes: int, no: int) -> int:
        """Adds the question whether a row belongs to a child."""
        simple, chosen = child.find(f"{PMML}SimplePredicate"), child.find(f"{PMML}SimpleSetPredicate")
        predicate = simple if simple is not None else chosen
        assert predicate is not None
        name = predicate.attrib["field"]
        bound, accepted = "0", 0
        if chosen is not None:
            array = chosen.find(f"{PMML}Array")
            assert array is not None
            accepted = sum(1 << self.codes[name][text.strip('"')] for text in (array.text or "").split())
        elif name in self.codes:
            accepted = 1 << self.codes[name][predicate.attrib["value"]]
        else:
            assert predicate.attrib["operator"] == "lessOrEqual", predicate.attrib
            bound = predicate.attrib["value"]
        self.nodes.append(
            f"{{{bound}, {accepted}ULL, {self.columns.setdefault(name, len(self.columns))}, {yes}, {no}}}"
        )
        return len(self.nodes) - 1

    def header(self, rows: list[dict[str, str]]) -> str:
        """The arrays as C; a category that no tree has seen gets a code that no question accepts."""
        encoded = [
            ", ".join(
                str(self.codes[name].get(row[name], 63)) if name in self.codes else row[name] for name in self.columns
            )
            for row in rows
        ]
        cells = ",".join("{" + row + "}" for row in encoded)
        leaves = ["{" + ", ".join(map(repr, leaf)) + "}" for leaf in self.leaves]
        return "\n".join(
            [
                f"#define ROWS {len(rows)}",
                f"#define TREES {len(self.roots)}",
                f"#define CLASSES {len(self.leaves[0])}",
                f"static const node nodes[] = {{{','.join(self.nodes)}}};",
                f"static const double leaves[][CLASSES] = {{{','.join(leaves)}}};",
                f"static const int roots[] = {{{','.join(map(str, self.roots))}}};",
                f"static const double weights[] = {{{','.join(map(str, self.weights))}}};",
                f"static const double rows[][{len(self.columns)}] = {{{cells}}};",
                "",
            ]
        )


def main(document: Path, table: Path, output: Path) -> None:
    """Writes the header of a document and a table of rows."""
    names, *rows = [line.split("\t") for line in table.read_text().splitlines()]
    forest = Forest(ElementTree.parse(document).getroot())
    output.write_text(forest.header([dict(zip(names, row, strict=True)) for row in rows]))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
