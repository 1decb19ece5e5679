// commands as processes
