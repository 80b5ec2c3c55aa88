"""Messages of AMI: ordered headers whose names are compared without case and may be repeated."""

import re

MARKS, ESCAPED = r'[,"\\()\[\]]', r"\\\g<0>"


class Message:
    """`message["Channel"]` is the first header of that name. Lines without a name are in `text`."""

    __slots__ = ("headers", "text")

    def __init__(self, headers=(), text=()):
        self.headers = [(str(name), str(value)) for name, value in headers]
        self.text = list(text)

    @classmethod
    def parse(cls, block):
        """Reads the lines of one message, without the blank line behind it."""
        message = cls()
        for line in block.decode("utf-8", "surrogateescape").split("\r\n"):
            name, colon, value = line.partition(":")
            if colon and name and " " not in name:
                message.headers.append((name, value.removeprefix(" ")))
            else:
                message.text.append(line)
        return message

    def all(self, name):
        """The values of all headers of that name, in order."""
        return [value for other, value in self.headers if other.lower() == name.lower()]

    def get(self, name, default=None):
        return next(iter(self.all(name)), default)

    def __getitem__(self, name):
        values = self.all(name)
        if not values:
            raise KeyError(name)
        return values[0]

    def __contains__(self, name):
        return bool(self.all(name))

    def __repr__(self):
        return f"Message({self.headers!r}{f', {self.text!r}' if self.text else ''})"


def _variables(values):
    """Pairs as Asterisk reads them: what would separate or group arguments is escaped."""
    for name, value in values.items():
        if not name or any(mark in name for mark in '=,"\\'):
            raise ValueError(f"expected the name of a variable; found {name!r}")
        yield f"{name}={re.sub(MARKS, ESCAPED, str(value))}"


def encode(headers):
    """The bytes of an action. A list is several headers, a dict the variables of several; None is left out."""
    lines = []
    for name, value in headers:
        if isinstance(value, dict):
            value = list(_variables(value))
        for each in value if isinstance(value, list | tuple) else [] if value is None else [value]:
            line = f"{name}: {str(each).lower() if isinstance(each, bool) else each}"
            if any(byte in line for byte in "\r\n\0"):
                raise ValueError(f"{name}: expected a value without line ends and NUL")
            lines.append(line)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")
