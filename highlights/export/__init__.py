"""One file per format that a timeline is written as."""
