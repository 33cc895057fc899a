"""When does it happen? Each finder turns what is known of a recording into moments, raw claims that the merger weighs."""
