"""The documents of the router, as they are stored and as they cross the API."""
