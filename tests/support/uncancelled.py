"""Work that nobody stops."""


def never():
    return False
