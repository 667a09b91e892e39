"""Write pages of one file each, from a template: they fetch nothing, and contain all their pictures."""

import re
from pathlib import Path

import jinja2

from headstart.core.files import atomic
from headstart.report.gallery import data

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
RUN = re.compile(r'<td class="run"[^>]*>[^<]*')  # the cells with figures of the run


def picture(path):
    """Return a picture's file as a data: address that contains it."""
    return data(Path(path).read_bytes(), KINDS[Path(path).suffix])


def duration(seconds):
    """Return seconds as a person says them: 42 s, 3 min, 2.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"


def write(target, template, **context):
    """Write the page that a Jinja template makes of ``context``; the file appears when it is whole."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(template).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"duration": duration}
    page = templates.get_template(Path(template).name).render(context)
    with atomic(target) as temporary:
        temporary.write_text(page + "\n", encoding="utf-8")


def lasting(path):
    """Return a page as bytes, without the seconds: these differ when the same page is made again."""
    return RUN.sub("", Path(path).read_text(encoding="utf-8")).encode()
