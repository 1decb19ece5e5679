"""Counts rows by Spark: for each line on standard input, a list of Parquet files as JSON, a line with the number of
rows and of different offsets in them."""

import json
import sys

from pyspark.sql import SparkSession, functions

settings = {
    "spark.ui.enabled": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "1",
}
builder = SparkSession.builder.master("local[1]")
for name, value in settings.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("OFF")
for line in sys.stdin:
    rows = spark.read.parquet(*json.loads(line)).select("_kafka_incarnation", "_kafka_partition", "_kafka_offset")
    print(rows.count(), rows.distinct().count(), flush=True)
