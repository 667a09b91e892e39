"""Paths and addresses."""

import pytest

from headstart.core import addresses


@pytest.mark.parametrize(
    ("place", "is_one"), [("https://a.org/b", True), ("http://a", True), ("/a/b", False), ("http", False)]
)
def test_only_http_addresses_are_urls(place, is_one):
    assert addresses.is_url(place) is is_one


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("https://ann:secret@example.org/a/b.zip?token=secret#x", "https://example.org/a/b.zip"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("http://ann:se#cret@example.org/a", "http://example.org/a"),
        ("http://ann:secret@[::bad/x", "http://[::bad/x"),
        ("ftp://ann:secret@example.org/a", "ftp://example.org/a"),
        ("https://example.org/@team/a@1.0", "https://example.org/@team/a@1.0"),
        ("../shared/mirror", "../shared/mirror"),
        ("folder@home/a?b", "folder@home/a?b"),
    ],
)
def test_what_is_shown_has_no_credentials(place, said):
    assert addresses.shown(place) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("403 for url: https://a.org/b?Signature=secret (gone)", "403 for url: https://a.org/b (gone)"),
        ("at http://ann:secret@a.org/b and http://ann:secret@c.org", "at http://a.org/b and http://c.org"),
        ("retries exceeded with url: /b?Signature=secret&Expires=1 (Caused", "retries exceeded with url: /b (Caused"),
        ("got 'https://ann:secret@a.org/b?c=secret', expected", "got 'https://a.org/b', expected"),
        ("why? ann@example.org", "why? ann@example.org"),
        ("got '(?P<label>a)/(?P<id>b?)(?P=id)', expected", "got '(?P<label>a)/(?P<id>b?)(?P=id)', expected"),
    ],
)
def test_a_text_is_cleaned_of_credentials(text, said):
    assert addresses.clean(text) == said
