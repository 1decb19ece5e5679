// hot loops
