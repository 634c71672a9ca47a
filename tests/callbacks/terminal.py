"""What a terminal of 80 columns shows in the end, of all that was written to it."""

from __future__ import annotations

import re

TOKEN = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|([\r\n])|([^\x1b\r\n]+)")
COLUMNS = 80


def shown(written: str) -> list[str]:
    """The lines that are left, with colours, erased lines and a cursor that moves up; longer lines wrap."""
    lines, row, column = [""], 0, 0
    for number, code, move, text in TOKEN.findall(written):
        if move == "\r":
            column = 0
        elif move == "\n":
            row, column = row + 1, 0
        elif code == "A":
            row -= int(number or 1)
        elif code == "K":
            lines[row] = "" if number == "2" else lines[row][:column]
        for letter in text:
            if column == COLUMNS:
                row, column = row + 1, 0
            while len(lines) <= row:
                lines.append("")
            lines[row] = lines[row].ljust(column)[:column] + letter + lines[row][column + 1 :]
            column += 1
        while len(lines) <= row:
            lines.append("")
    return [line.rstrip() for line in lines if line.strip()]
