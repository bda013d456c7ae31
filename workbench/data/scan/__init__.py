"""LOOKS THROUGH a recipe's pictures for the data tab, in processes of its own: what is there, and what is odd about it.

    request     from a recipe to messages, in the order in which they are said (read this first)
    __main__    the process: takes one request, and ends when it is not wanted any more
    measuring   what is noted of a picture; look: a process that does it for files
    album       small pictures and notes in flat files, kept in the cache
    near        pictures that are nearly the same
    findings    what is worth a sentence
    message     how the process and whoever started it speak
    asking      the other side: starts the process and reads what it says

Knows NumPy and Pillow; no Keras, no Qt. Imports nothing here, as the window's side needs the least of it.
"""
