"""Methods for causal language models: losses on the tokens of answers."""
