"""Tell the feature store that a day is complete: a marker that its readers wait for."""

import argparse

import boto3

parser = argparse.ArgumentParser()
parser.add_argument("--day", required=True)
day = parser.parse_args().day
boto3.client("s3").put_object(Bucket="buzz-features", Key=f"aggregates/dt={day}/_PUBLISHED", Body=b"")
print(f"features of {day} are published")
