// placeholder of CommandSupport
