"""A whole platform on one machine: broker, registry and API as processes of one folder."""
