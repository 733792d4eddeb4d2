"""Bringing results in and out: stores and tables."""
