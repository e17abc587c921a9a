"""What is set right in text that was recognised, by the words and the page that it is in."""
