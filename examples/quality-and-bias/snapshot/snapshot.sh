#!/bin/bash
# The applications of one day, as one CSV with a header. usage: snapshot.sh YYYY-MM-DD
set -euo pipefail
day=$1
aws s3 cp --recursive "s3://buzz-credit/applications/dt=$day/" /tmp/parts/
out=/opt/ml/processing/output/applications/$day.csv
parts=(/tmp/parts/*.csv)
head -n 1 "${parts[0]}" >"$out"
tail -q -n +2 "${parts[@]}" >>"$out"
echo "$(($(wc -l <"$out") - 1)) applications on $day"
