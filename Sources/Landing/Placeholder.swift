// placeholder of Landing
