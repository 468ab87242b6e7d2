"""The REST API below `/router`: thin handlers, one table of routes, one place for errors."""
