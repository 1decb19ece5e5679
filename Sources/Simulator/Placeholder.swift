// placeholder of Simulator
