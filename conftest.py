"""What every test of this tree shares: no property fails for the time that a busy machine takes."""

from hypothesis import settings

settings.register_profile("pillion", deadline=None)
settings.load_profile("pillion")
