// placeholder of Kafka
