# says: Your code raised ValueError
def to_lines(readings):
    raise ValueError("no")


def from_lines(text):
    raise ValueError("no")


def in_kelvin(readings):
    raise ValueError("no")
