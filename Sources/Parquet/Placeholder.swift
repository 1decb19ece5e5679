// placeholder of Parquet
