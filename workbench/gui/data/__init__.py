"""Parts of the Data tab: the thread that hears a scan, what is shown of it, the gallery, the bars, the checks.

    scan_thread     hears a scan                shown       what it has said, as the page needs it
    gallery, tiles  the pictures                chips       the choice of a class
    balance         pictures a class            checks      what was found
    card            grounds
    masks           how classes of masks look   mask_legend says which is which
    fed             what the network is fed                 fed_strip   shows it
Imports nothing: NumPy comes with the first scan, after the window's first paint.
"""
