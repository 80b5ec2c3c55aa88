"""Collects what the operator must know: errors, which stop the migration, and decisions. Never contains a secret."""

import os
import sys


class Report:
    """Collects lines `file:line: text`; `file:` alone where there is no line."""

    def __init__(self):
        self.errors = []
        self.points = []

    @staticmethod
    def place(path, number):
        return path if number is None else f"{path}:{number}"

    def error(self, path, number, text):
        self.errors.append(f"{self.place(path, number)}: error: {text}")

    def look(self, path, number, text):
        """A decision for the operator. Returns the same as a comment for the new file."""
        self.points.append(f"{self.place(path, number)}: {text}")
        return f"LOOK {self.place(os.path.basename(path), number)}: {text}"

    def print(self, stream=sys.stderr):
        for line in self.points + self.errors:
            print(line, file=stream)


class Source:
    """A report bound to one of the old files, and the texts that are taken from that file."""

    def __init__(self, path, report):
        self.path = path
        self.report = report

    def error(self, number, text):
        self.report.error(self.path, number, text)

    def look(self, number, text):
        return self.report.look(self.path, number, text)

    def text(self, number, what, value):
        """Bytes of the old file as text for YAML, or None with an error."""
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError as wrong:
            self.error(
                number,
                f"{what}: expected UTF-8, found the byte {value[wrong.start]:#04x} "
                "(iconv -f latin1 -t utf-8 turns an old file into UTF-8)",
            )
            return None
        if any(ord(character) < 0x20 or ord(character) == 0x7F for character in text):
            self.error(number, f"{what}: expected text, found a control character")
            return None
        return text
