#!/bin/bash
rm -rf /tmp/cache
