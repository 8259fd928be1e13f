"""Sessions of one day: events of a user that are less than the gap apart."""

import argparse

from pyspark.sql import SparkSession, Window
from pyspark.sql import functions as F


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", required=True)
    parser.add_argument("--sessions", required=True)
    parser.add_argument("--gap-minutes", type=int, default=30)
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName("sessions").getOrCreate()
    by_user = Window.partitionBy("user_id").orderBy("at")
    gap = F.col("at").cast("long") - F.lag("at").over(by_user).cast("long")
    first = F.when(gap.isNull() | (gap > arguments.gap_minutes * 60), 1).otherwise(0)
    events = spark.read.parquet(arguments.events).withColumn("first", first)
    numbered = events.withColumn("session", F.sum("first").over(by_user))
    sessions = numbered.groupBy("user_id", "session").agg(
        F.min("at").alias("begin"), F.max("at").alias("end"), F.count("*").alias("events")
    )
    sessions.write.mode("overwrite").parquet(arguments.sessions)


if __name__ == "__main__":
    main()
