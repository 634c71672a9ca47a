"""Real programs on real data, each short enough to copy: `main(seed)` trains and returns the figure that it is judged by."""
