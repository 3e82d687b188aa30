"""The layout and the macros that come with sesmail."""
