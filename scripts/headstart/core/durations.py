"""Say how long something takes."""


def said(seconds, most=90):
    """Return seconds in words of one unit, 42 s, 3 min or 2.5 h: below ``most`` of a unit, that unit."""
    if seconds < most:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < most * 60 else f"{seconds / 3600:.1f} h"
