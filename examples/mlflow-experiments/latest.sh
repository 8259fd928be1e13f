#!/bin/bash
# The newest model under one name, for notebooks. usage: latest.sh S3_URI
set -euo pipefail
aws s3 cp "$1" s3://buzz-ml-dev/creatives/latest/model.tar.gz
