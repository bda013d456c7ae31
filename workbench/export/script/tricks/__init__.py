"""Writes the tricks, one a file; what is off is not written.

augmentation   the changed picture: moves, turns, colours, erasing in files of their own
mixing         mixup and CutMix
losses         label smoothing, class weights, and the losses of masks
gradients      penalties, noise and clipping: what happens to a gradient
accumulation   one update from several batches
averages       the weights to judge by
resampling     an epoch in which all classes come equally often
patience       the best epoch, and early stopping
plateau        a rate that falls when validation loss stands still
"""
