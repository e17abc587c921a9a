"""Files and folders: opened, handed over, put in their place, kept private."""
