"""Starting cases by hand: which processes can be started, and their start forms."""
