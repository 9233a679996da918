"""Parts that pages are built of; they know no service."""
