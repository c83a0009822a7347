"""Results as one page of HTML that holds everything it needs and opens from the disk."""
