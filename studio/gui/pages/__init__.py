"""One folder a page: ``page.py`` shows, ``presenter.py`` decides and knows no Qt."""
