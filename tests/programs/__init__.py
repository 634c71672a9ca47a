"""Real programs on real data, short enough to copy: `main(seed)` trains, and returns the figure it is judged by."""
