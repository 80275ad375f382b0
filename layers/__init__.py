"""Shows what ``models`` computed: declared layers, the one door to a browser, the pages and the open-data endpoints."""
