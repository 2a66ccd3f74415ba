"""The figures of the pages, each as plotly's own description."""
