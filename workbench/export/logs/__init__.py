"""GIVES a run to programs that people know: TensorBoard's event files, JSON, MLflow. It reads the journal and nothing else.

event_files   the files of TensorBoard, written by its own package; TensorFlow is not loaded for that
follower      from the journal into such files, live and afterwards by the same call
own_folder    those in a run's own folder: one writer at a time, which goes on where the last one stopped
__main__      that writer as a process: it goes with a run at work, at low priority
board         TensorBoard itself, as a process that shows some runs on this machine alone
trees         a run as plain values, for whoever reads JSON
json_file     one JSON file with all of a run
tracking      a run for MLflow, by its own client
"""
