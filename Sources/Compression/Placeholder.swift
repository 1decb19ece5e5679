// placeholder of Compression
