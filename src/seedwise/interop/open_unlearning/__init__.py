"""OpenUnlearning (github.com/locuslab/open-unlearning): its results in, a study's commands out."""
