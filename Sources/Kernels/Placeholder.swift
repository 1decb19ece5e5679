// placeholder of Kernels
