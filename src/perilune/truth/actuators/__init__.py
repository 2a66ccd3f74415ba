"""What turns a command into forces: engines that burn steadily and nozzles that pulse."""
