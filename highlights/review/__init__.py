"""The review page: a person watches, decides, cuts again and hands over, in a browser on this machine.

browser ──► door (who may come in) ──► app (addresses) ──► session (the timeline, undo, saving)
                                                      ├──► job (cutting, with progress and cancel)
                                                      └──► pictures, folder (what may be read and downloaded)
"""
