// placeholder of WebHDFS
