"""The application as a WSGI server loads it; settings come from the environment."""

from app import create_app

app = create_app()
