"""The review page: a person watches, decides, cuts again and exports, in a browser on this machine.

browser ──► access (who is let in) ──► app (addresses) ──► session (the timeline, undo, saving)
                                                     ├──► job (cutting, with progress and cancel)
                                                     └──► pictures, folder (what may be read and downloaded)
"""
