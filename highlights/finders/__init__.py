"""When does it happen? Each finder turns the analysis, or a model's answers, into moments: raw claims for the merger."""
