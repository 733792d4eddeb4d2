"""Families of learning problems, one folder each."""
