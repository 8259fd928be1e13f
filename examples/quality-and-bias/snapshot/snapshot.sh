#!/bin/bash
set -eu
day=$1
mkdir -p /opt/ml/processing/output/applications
printf 'age,income,approved\n41,52000,1\n' > "/opt/ml/processing/output/applications/$day.csv"
