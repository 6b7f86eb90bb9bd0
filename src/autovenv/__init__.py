"""A project's virtual environment is active inside the project's folder, and only there."""

__version__ = "0.1.0"
