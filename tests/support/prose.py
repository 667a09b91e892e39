"""Count the words of sentences and the characters of table cells in Markdown pages."""

import re

WORDS, CELL = 30, 300


def blocks(text):
    """Yield the paragraphs, list items and table cells of a page, without code blocks, as ``(kind, text)``."""
    text = re.sub(r"(?ms)^ *```.*?^ *```$|<!--.*?-->", "", text)
    for block in re.split(r"\n\s*\n", text):
        lines = [line for line in block.split("\n") if line.strip() and not line.startswith("    ")]
        if lines and lines[0].startswith("|"):
            for line in lines:
                yield from (("cell", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1])
            continue
        for item in re.split(r"(?m)^\s*(?:[-*]|\d+\.) ", "\n".join(lines)):
            yield "paragraph", " ".join(item.split())


def sentences(text):
    """Return the sentences of a paragraph; code, links' targets and numbers count as a word at most."""
    text = re.sub(r"`[^`]*`", "code", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return re.split(r"(?<=[.!?])\s+(?=[A-Z`\[(\"a-z0-9])", text)


def long_cells(text):
    """Return the table cells of a page that are longer than `CELL` characters."""
    return [cell for kind, cell in blocks(text) if kind == "cell" and len(cell) > CELL]


def long_sentences(text):
    """Return the sentences of a page that have more than `WORDS` words."""
    return [said for _, block in blocks(text) for said in sentences(block) if len(said.split()) > WORDS]
