"""An AWS on loopback for the demo, the system tests, and anyone who wants to test against SageMaker Pipelines."""
