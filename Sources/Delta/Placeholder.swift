// placeholder of Delta
