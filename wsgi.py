"""The application as a WSGI server loads it; settings come from the environment."""

import gc

from app import create_app

# What is made here lives as long as the process. Looking through it for rubbish again and again while it
# grows takes a sixth of the start, and a part of every later collection: it is set aside.
gc.disable()
app = create_app()
gc.freeze()
gc.enable()
