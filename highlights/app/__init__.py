"""The program in a browser on this machine: add a match, watch it being read, review it, search, share.

browser ──► access (of the review page) ──► site ──► addresses      home, adding, jobs, search, season
                                                └──► /match/NAME/   the review page of one match
"""
