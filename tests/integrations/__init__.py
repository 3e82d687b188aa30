"""Tests of the doors to other worlds."""
