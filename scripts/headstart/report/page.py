"""Write pages of one file each, from a template: they fetch nothing, and contain all their pictures."""

import re
from pathlib import Path

import jinja2

from headstart.core import durations
from headstart.core.files import atomic
from headstart.report.gallery import data

KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
RUN = re.compile(r'<td class="run"[^>]*>[^<]*')  # the cells with figures of the run


def picture(path):
    """Return a picture's file as a data: URL."""
    return data(Path(path).read_bytes(), KINDS[Path(path).suffix])


def write(target, template, **context):
    """Write the page that a Jinja template makes of ``context``; the file appears when it is whole."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(template).parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {"duration": durations.said}
    page = templates.get_template(Path(template).name).render(context)
    with atomic(target) as temporary:
        temporary.write_text(page + "\n", encoding="utf-8")


def lasting(path):
    """Return a page as bytes, without the seconds: these differ when the same page is made again."""
    return RUN.sub("", Path(path).read_text(encoding="utf-8")).encode()
