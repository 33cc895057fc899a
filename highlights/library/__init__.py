"""The library: a folder of result folders, what is in them, what waits to be run, and what can be searched.

Highlights/
  derby/ …  final/ …       result folders, as a run or a batch makes them; nothing else says which matches there are
  recordings/              files that were dropped on the page
  reels/                   reels of several matches
  .jobs/ID.json            what is to be run, is running, or has failed
  .index.sqlite            read from the result folders; it can be deleted at any time
"""
