"""Classification by client: the data sets and nets of the vision domain."""
