"""The renderers: each takes one panel's data and returns one inline SVG."""
