// placeholder of Vitals
