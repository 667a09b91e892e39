"""Show people the results: tables, figures and the page."""
