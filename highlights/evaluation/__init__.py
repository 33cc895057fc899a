"""Results against truth, by the metrics of the field; each file says its conventions and where it differs from its source.

results, truth ──► inputs ──► judged       events, score, cuts, readings, reel of one match
                              evaluation   all matches together ──► table, JSON, page
                              comparison   with another evaluation
"""
