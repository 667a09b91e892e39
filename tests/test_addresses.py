"""Paths and addresses."""

import pytest

from headstart import addresses


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
        ("../shared/mirror", "../shared/mirror"),
        ("folder@home/a?b", "folder@home/a?b"),
    ],
)
def test_what_is_shown_has_no_credentials(place, said):
    assert addresses.shown(place) == said
