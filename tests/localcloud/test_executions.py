"""Executions, through boto3: what runs in which order, what fails how, and what EventBridge hears of it."""

from __future__ import annotations

import json

import pytest
from sagemaker_world import (
    DEFINITIONS,
    ROLE,
    TYPES,
    World,
    client,
    condition,
    create,
    described,
    document,
    metric,
    processing,
    refused,
    report,
    start,
    steps,
)

TRACEBACK = ["start", "Traceback (most recent call last):", '  File "/opt/ml/a.py", line 1', "ZeroDivisionError: x"]


# Running


def test_a_run_succeeds_with_events_in_order(world: World) -> None:
    create((DEFINITIONS / "hello.definition.json").read_text(), "hello")
    arn = start("hello", who="week 9")
    assert described(arn)["PipelineExecutionStatus"] == "Executing"
    world.clock.advance(1)
    assert steps(arn)["greet"]["StepStatus"] == "Executing"
    world.clock.advance(100)
    done = described(arn)
    assert done["PipelineExecutionStatus"] == "Succeeded"
    assert "FailureReason" not in done
    assert done["PipelineExperimentConfig"] == {"ExperimentName": "hello", "TrialName": arn.split("/")[-1]}
    assert world.states() == ["Executing", "Succeeded"]
    assert world.steps_of("greet") == ["Starting", "Executing", "Succeeded"]
    job = steps(arn)["greet"]["Metadata"]["ProcessingJob"]["Arn"].split("/")[-1]
    shown = client().describe_processing_job(ProcessingJobName=job)
    assert shown["ProcessingJobStatus"] == "Completed"
    assert shown["AppSpecification"]["ContainerArguments"] == ["--name", "week 9"]
    first, last = (e for e in world.events if "Execution Status" in e["detail-type"])
    assert set(first["detail"]) == {
        "pipelineExecutionDisplayName",
        "currentPipelineExecutionStatus",
        "previousPipelineExecutionStatus",
        "executionStartTime",
        "pipelineArn",
        "pipelineExecutionArn",
    }
    assert first["detail"]["previousPipelineExecutionStatus"] is None
    assert last["detail"]["previousPipelineExecutionStatus"] == "Executing"
    assert last["detail"]["executionEndTime"] == "2026-03-01T00:00:31Z"
    assert last["resources"] == [arn.split("/execution")[0], arn]


def test_events_have_the_members_of_the_published_samples(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {"pipelines": {"demo": {"steps": {"a": {"fail": "AlgorithmError: , exit code: 1"}}}}}
    start()
    world.clock.advance(100)
    step = [e["detail"] for e in world.events if e["detail"].get("stepName")][-1]
    assert step["metadata"]["processingJob"]["arn"].startswith(
        "arn:aws:sagemaker:us-west-2:123456789012:processing-job/"
    )
    assert step["failureReason"] == "ClientError: AlgorithmError: , exit code: 1"
    assert {"stepStartTime", "stepEndTime", "stepName", "stepType", "previousStepStatus"} < set(step)
    job = [e["detail"] for e in world.events if e["detail-type"] == "SageMaker Processing Job State Change"][-1]
    assert job["ProcessingJobStatus"] == "Failed"
    assert isinstance(job["ProcessingEndTime"], int)
    assert job["ProcessingEndTime"] > 1_700_000_000_000


def test_a_failing_step_has_its_log_where_sagemaker_puts_it(world: World) -> None:
    create(document(processing("load_rows"), processing("next", DependsOn=["load_rows"])))
    world.scenario = {
        "pipelines": {
            "demo": {
                "runs": [
                    {
                        "steps": {
                            "load_rows": {
                                "after": 60,
                                "exit_code": 3,
                                "exit_message": "no rows",
                                "logs": {"algo-1": [{"line": "INFO row {n}", "repeat": 3}, "", *TRACEBACK]},
                                "log_delay": 5,
                            }
                        }
                    }
                ]
            }
        }
    }
    arn = start()
    world.clock.advance(200)
    row = steps(arn)["load_rows"]
    assert row["StepStatus"] == "Failed"
    assert row["FailureReason"] == "ClientError: AlgorithmError: , exit code: 3"
    assert "next" not in steps(arn)
    assert described(arn)["FailureReason"] == "Step failure: One or multiple steps failed."
    job = row["Metadata"]["ProcessingJob"]["Arn"].split("/")[-1]
    assert "_" not in job
    assert client().describe_processing_job(ProcessingJobName=job)["ExitMessage"] == "no rows"
    ((group, stream), lines) = next(iter(world.logs.items()))
    assert group == "/aws/sagemaker/ProcessingJobs"
    assert stream.startswith(f"{job}/algo-1-17723232")
    assert [text for _, text in lines] == ["INFO row 1", "INFO row 2", "INFO row 3", " ", *TRACEBACK]
    assert [at for at, _ in lines] == sorted(at for at, _ in lines)
    assert world.log_delays == [5.0]
    second = start()
    world.clock.advance(200)
    assert described(second)["PipelineExecutionStatus"] == "Succeeded"


def test_a_run_is_chosen_by_its_parameters(world: World) -> None:
    create(document(processing("a"), parameters=TYPES[:1]))
    bad = {"parameters": {"day": "2026-03-*"}, "steps": {"a": {"fail": True}}}
    world.scenario = {"pipelines": {"demo": {"when": [bad]}}}
    good, other = start(day="2026-02-28"), start(day="2026-03-02")
    world.clock.advance(200)
    assert described(good)["PipelineExecutionStatus"] == "Succeeded"
    assert described(other)["PipelineExecutionStatus"] == "Failed"


def test_steps_wait_for_what_they_refer_to_and_others_run_beside(world: World) -> None:
    uri = {"Get": "Steps.a.ProcessingJobArn"}
    second = processing("b", arguments={"Environment": {"JOB": uri}})
    create(document(second, processing("a"), processing("c")))
    arn = start()
    world.clock.advance(2)
    assert set(steps(arn)) == {"a", "c"}
    world.clock.advance(30)
    assert set(steps(arn)) == {"a", "b", "c"}
    world.clock.advance(100)
    rows = client().list_pipeline_execution_steps(PipelineExecutionArn=arn, SortOrder="Ascending", MaxResults=2)
    assert [r["StepName"] for r in rows["PipelineExecutionSteps"]] == ["a", "c"]
    more = client().list_pipeline_execution_steps(
        PipelineExecutionArn=arn, SortOrder="Ascending", MaxResults=2, NextToken=rows["NextToken"]
    )
    assert [r["StepName"] for r in more["PipelineExecutionSteps"]] == ["b"]
    assert "NextToken" not in more


def test_parallelism_is_limited(world: World) -> None:
    create(document(*(processing(n) for n in "abc")), ParallelismConfiguration={"MaxParallelExecutionSteps": 1})
    arn = start()
    world.clock.advance(2)
    assert set(steps(arn)) == {"a"}
    world.clock.advance(200)
    assert described(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert set(steps(arn)) == {"a", "b", "c"}


@pytest.mark.parametrize(("auc", "branch", "status"), [(0.8, "good", "Succeeded"), (0.6, "bad", "Failed")])
def test_a_condition_reads_the_report_and_takes_one_branch(world: World, auc: float, branch: str, status: str) -> None:
    fail = {
        "Name": "bad",
        "Type": "Fail",
        "Arguments": {"ErrorMessage": {"Std:Join": {"On": " ", "Values": ["AUC", metric("auc.value")]}}},
    }
    clauses = [
        {"Type": "GreaterThanOrEqualTo", "LeftValue": metric("auc.value"), "RightValue": 0.7},
        {"Type": "Not", "Condition": {"Type": "LessThan", "LeftValue": metric("rows[0]"), "RightValue": 10}},
    ]
    create(document(report(), condition("gate", clauses, [processing("good")], [fail])))
    files = {"report": {"metrics.json": {"auc": {"value": auc}, "rows": [12]}}}
    world.scenario = {"pipelines": {"demo": {"steps": {"evaluate": {"files": files}}}}}
    client("s3").create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    arn = start()
    world.clock.advance(200)
    shown = steps(arn)
    assert set(shown) == {"evaluate", "gate", branch}
    assert shown["gate"]["Metadata"]["Condition"]["Outcome"] == str(branch == "good")
    assert described(arn)["PipelineExecutionStatus"] == status
    body = client("s3").get_object(Bucket="data", Key="report/metrics.json")["Body"].read()
    assert json.loads(body)["auc"]["value"] == auc
    if branch == "bad":
        assert shown["bad"]["FailureReason"] == "AUC 0.6"
        assert shown["bad"]["Metadata"]["Fail"]["ErrorMessage"] == "AUC 0.6"
        call = client().retry_pipeline_execution
        refused("ValidationException", call, PipelineExecutionArn=arn, ClientRequestToken="r" * 32)


def test_a_missing_report_fails_the_condition(world: World) -> None:
    clauses = [{"Type": "Equals", "LeftValue": metric("auc"), "RightValue": 1}]
    create(document(report(), condition("gate", clauses, [processing("good")], [])))
    arn = start()
    world.clock.advance(200)
    assert "property file" in steps(arn)["gate"]["FailureReason"]
    assert described(arn)["PipelineExecutionStatus"] == "Failed"


def test_values_of_different_kinds_cannot_be_compared(world: World) -> None:
    clauses = [{"Type": "GreaterThan", "LeftValue": "1", "RightValue": 1}]
    create(document(condition("gate", clauses, [processing("a")], [])))
    arn = start()
    world.clock.advance(10)
    assert "cannot compare" in steps(arn)["gate"]["FailureReason"]


def test_a_number_where_text_stands_fails_when_the_job_is_created(world: World) -> None:
    arguments = {"Environment": {"N": {"Get": "Parameters.n"}}}
    create(document(processing("a", arguments=arguments), parameters=[TYPES[2]]))
    arn = start()
    world.clock.advance(100)
    row = steps(arn)["a"]
    assert row["FailureReason"].startswith(
        "ClientError: Failed to invoke sagemaker:CreateProcessingJob. Error Details:"
    )
    assert row["Metadata"] == {}


def test_a_quota_error_has_no_job_and_no_log(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {
        "limits": {"ml.m5.large for processing job usage": 0},
        "pipelines": {"demo": {"steps": {"a": {"logs": {"algo-1": ["x"]}}}}},
    }
    arn = start()
    world.clock.advance(100)
    row = steps(arn)["a"]
    assert (
        "The account-level service limit 'ml.m5.large for processing job usage' is 0 Instances, with current "
        "utilization of 0 Instances and a request delta of 1 Instances." in row["FailureReason"]
    )
    assert row["Metadata"] == {}
    assert not world.logs


def test_a_retry_policy_tries_again_and_counts(world: World) -> None:
    policy = {
        "ExceptionType": ["SageMaker.CAPACITY_ERROR"],
        "IntervalSeconds": 10,
        "BackoffRate": 2.0,
        "MaxAttempts": 2,
    }
    create(document(processing("a", RetryPolicies=[policy])))
    attempts = [{"error": "SageMaker.CAPACITY_ERROR"}, {"error": "SageMaker.CAPACITY_ERROR"}]
    world.scenario = {"pipelines": {"demo": {"steps": {"a": {"after": 5, "attempts": attempts}}}}}
    arn = start()
    world.clock.advance(1 + 5 + 10 + 4)
    assert steps(arn)["a"]["AttemptCount"] == 2
    world.clock.advance(100)
    row = steps(arn)["a"]
    assert (row["StepStatus"], row["AttemptCount"]) == ("Succeeded", 3)
    assert world.states() == ["Executing", "Succeeded"]
    attempts.append({"error": "SageMaker.CAPACITY_ERROR"})
    other = start()
    world.clock.advance(200)
    assert (steps(other)["a"]["StepStatus"], steps(other)["a"]["AttemptCount"]) == ("Failed", 3)


def test_an_equal_step_is_reused_until_it_expires(world: World) -> None:
    cache = {"CacheConfig": {"Enabled": True, "ExpireAfter": "PT1H"}}
    arguments = {"Environment": {"DAY": {"Get": "Parameters.day"}}}
    create(document(processing("a", arguments=arguments, **cache), parameters=TYPES[:1]))
    first = start(day="1")
    world.clock.advance(100)
    again, other = start(day="1"), start(day="2")
    world.clock.advance(100)
    row = steps(again)["a"]
    assert row["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert row["Metadata"] == steps(first)["a"]["Metadata"]
    assert "CacheHitResult" not in steps(other)["a"]
    hits = [e["detail"] for e in world.events if "cacheHitResult" in e["detail"]]
    assert hits[-1]["cacheHitResult"] == {"sourcePipelineExecutionArn": first}
    world.clock.advance(3600)
    late = start(day="1")
    world.clock.advance(100)
    assert "CacheHitResult" not in steps(late)["a"]


def test_an_input_that_is_not_there_fails_the_job(world: World) -> None:
    s3 = client("s3")
    s3.create_bucket(Bucket="data", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    inner = {"S3Uri": "s3://data/code/", "LocalPath": "/opt/ml/processing/input/code", "S3DataType": "S3Prefix"}
    inputs = {"ProcessingInputs": [{"InputName": "code", "S3Input": {**inner, "S3InputMode": "File"}}]}
    create(document(processing("a", arguments=inputs)))
    bad = start()
    world.clock.advance(100)
    assert "No S3 objects found under S3 URL 's3://data/code/'" in steps(bad)["a"]["FailureReason"]
    s3.put_object(Bucket="data", Key="code/a.py", Body=b"")
    good = start()
    world.clock.advance(100)
    assert steps(good)["a"]["StepStatus"] == "Succeeded"


def test_a_job_ends_at_its_time_limit(world: World) -> None:
    create(document(processing("a", arguments={"StoppingCondition": {"MaxRuntimeInSeconds": 60}})))
    world.scenario = {"default": {"after": 90}}
    arn = start()
    world.clock.advance(61)
    assert "MaxRuntimeExceeded" in steps(arn)["a"]["FailureReason"]


def test_stop_ends_running_steps_and_retry_runs_them_again(world: World) -> None:
    create(document(processing("a"), processing("b", DependsOn=["a"])))
    arn, sm = start(), client()
    world.clock.advance(40)
    sm.stop_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="s" * 32)
    assert described(arn)["PipelineExecutionStatus"] == "Stopping"
    world.clock.advance(10)
    assert described(arn)["PipelineExecutionStatus"] == "Stopped"
    assert {n: r["StepStatus"] for n, r in steps(arn).items()} == {"a": "Succeeded", "b": "Stopped"}
    refused("ValidationException", sm.stop_pipeline_execution, PipelineExecutionArn=arn, ClientRequestToken="x" * 32)
    again = sm.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="r" * 32)
    assert again["PipelineExecutionArn"] == arn
    sm.retry_pipeline_execution(PipelineExecutionArn=arn, ClientRequestToken="r" * 32)
    world.clock.advance(100)
    assert described(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert world.states() == ["Executing", "Stopping", "Stopped", "Executing", "Succeeded"]
    assert world.steps_of("a") == ["Starting", "Executing", "Succeeded"]


def test_a_lambda_step_returns_what_the_scenario_says(world: World) -> None:
    announce = {
        "Name": "announce",
        "Type": "Lambda",
        "FunctionArn": "arn:aws:lambda:us-west-2:123456789012:function:announce",
        "OutputParameters": [{"OutputName": "id", "OutputType": "String"}],
        "Arguments": {"x": 1},
    }
    reader = processing("b", arguments={"Environment": {"ID": {"Get": "Steps.announce.OutputParameters['id']"}}})
    create(document(announce, reader))
    world.scenario = {"pipelines": {"demo": {"steps": {"announce": {"returns": {"id": 7}}}}}}
    arn = start()
    world.clock.advance(100)
    assert steps(arn)["announce"]["Metadata"]["Lambda"]["OutputParameters"] == [{"Name": "id", "Value": "7"}]
    job = steps(arn)["b"]["Metadata"]["ProcessingJob"]["Arn"].split("/")[-1]
    assert client().describe_processing_job(ProcessingJobName=job)["Environment"] == {"ID": "7"}
    world.scenario = {"pipelines": {"demo": {"steps": {"announce": {"returns": {}}}}}}
    other = start()
    world.clock.advance(100)
    assert "missing in the answer" in steps(other)["announce"]["FailureReason"]


def test_a_callback_step_waits_for_its_answer(world: World) -> None:
    step = {
        "Name": "wait",
        "Type": "Callback",
        "SqsQueueUrl": "https://sqs.us-west-2.amazonaws.com/123456789012/callbacks",
        "OutputParameters": [{"OutputName": "id", "OutputType": "String"}],
        "Arguments": {"day": "1"},
    }
    queue = client("sqs").create_queue(QueueName="callbacks")["QueueUrl"]
    create(document(step))
    arn, sm = start(), client()
    world.clock.advance(1000)
    body = json.loads(client("sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"])
    assert body["pipelineExecutionArn"] == arn
    assert body["arguments"] == {"day": "1"}
    refused("ResourceNotFound", sm.send_pipeline_execution_step_success, CallbackToken="0000000000")
    sm.send_pipeline_execution_step_success(
        CallbackToken=body["token"], OutputParameters=[{"Name": "id", "Value": "x"}]
    )
    world.clock.advance(1)
    assert described(arn)["PipelineExecutionStatus"] == "Succeeded"


def test_the_daily_pipeline_registers_a_model(world: World) -> None:
    create((DEFINITIONS / "ctr-daily.production.definition.json").read_text(), "ctr-daily")
    files = {"report": {"metrics.json": {"auc": 0.81, "rows": 100_000}}}
    plan = {"evaluate": {"files": files}, "train": {"metrics": {"valid:auc": 0.81}}}
    world.scenario = {"pipelines": {"ctr-daily": {"steps": {**plan, "announce": {"returns": {"message_id": "m"}}}}}}
    arn = start("ctr-daily", run_date="2026-03-01")
    world.clock.advance(1000)
    assert described(arn)["PipelineExecutionStatus"] == "Succeeded", steps(arn)
    sm = client()
    listed = sm.list_model_packages(ModelPackageGroupName="ctr-models")["ModelPackageSummaryList"]
    assert [p["ModelPackageVersion"] for p in listed] == [1]
    package = sm.describe_model_package(ModelPackageName=listed[0]["ModelPackageArn"])
    assert package["MetadataProperties"]["GeneratedBy"] == arn
    assert package["CustomerMetadataProperties"]["run_date"] == "2026-03-01"
    job = steps(arn)["train"]["Metadata"]["TrainingJob"]["Arn"].split("/")[-1]
    shown = sm.describe_training_job(TrainingJobName=job)
    assert shown["SecondaryStatus"] == "Completed"
    assert shown["FinalMetricDataList"][0]["Value"] == pytest.approx(0.81)
    assert shown["ModelArtifacts"]["S3ModelArtifacts"].endswith(f"{job}/output/model.tar.gz")
    assert world.steps_of("reject") == []


def test_a_pipeline_of_500_steps_runs_in_reasonable_time(world: World) -> None:
    chain = [processing(f"s{i}", DependsOn=[f"s{i - 1}"] if i else []) for i in range(500)]
    create(document(*chain))
    world.scenario = {"default": {"after": 1}}
    arn = start()
    world.clock.advance(1100)
    assert described(arn)["PipelineExecutionStatus"] == "Succeeded"
    assert len(world.steps_of("s499")) == 3


# Events and answers that are not as one would wish


def test_events_are_lost_doubled_and_disordered_by_the_scenario(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {"events": {"duplicate": 1, "lose": 'currentStepStatus": "Executing', "disorder": 4, "delay": 1}}
    start()
    world.clock.advance(100)
    told = [e for e in world.events if e["detail"].get("currentStepStatus") == "Executing"]
    assert [e["copies"] for e in told] == [0]
    assert {e["copies"] for e in world.events if e not in told} == {2}
    delays = [e["delay"] for e in world.events]
    assert min(delays) >= 1
    assert max(delays) <= 5
    assert delays != sorted(delays)


def test_answers_lag_by_the_scenario(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {"default": {"after": 10}, "lag": {"seconds": 5}}
    arn = start()
    world.clock.advance(12)
    assert world.states()[-1] == "Succeeded"
    assert described(arn)["PipelineExecutionStatus"] == "Executing"
    assert steps(arn)["a"]["StepStatus"] == "Executing"
    world.clock.advance(5)
    assert described(arn)["PipelineExecutionStatus"] == "Succeeded"


def test_executions_are_listed_with_reasons_times_and_pages(world: World) -> None:
    create(document(processing("a")))
    world.scenario = {"pipelines": {"demo": {"runs": [{"steps": {"a": {"fail": True}}}]}}}
    arns = []
    for _ in range(3):
        arns.append(start())
        world.clock.advance(100)
    sm = client()
    rows = sm.list_pipeline_executions(PipelineName="demo")["PipelineExecutionSummaries"]
    assert [r["PipelineExecutionArn"] for r in rows] == arns[::-1]
    assert rows[-1]["PipelineExecutionFailureReason"] == "Step failure: One or multiple steps failed."
    late = sm.list_pipeline_executions(PipelineName="demo", CreatedAfter=described(arns[1])["CreationTime"])
    assert [r["PipelineExecutionArn"] for r in late["PipelineExecutionSummaries"]] == [arns[2]]
    refused("ResourceNotFound", sm.list_pipeline_executions, PipelineName="nobody")
    assert len(world.published["sagemaker/executions"]({})) == 3


def test_a_tuning_job_logs_by_its_training_jobs(world: World) -> None:
    ranges = {"ContinuousParameterRanges": [{"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5"}]}
    config = {
        "Strategy": "Bayesian",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 3, "MaxParallelTrainingJobs": 1},
        "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "auc"},
        "ParameterRanges": ranges,
    }
    training = {
        "AlgorithmSpecification": {"TrainingImage": "x", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://models/x"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "StaticHyperParameters": {"epochs": "3"},
    }
    arguments = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": training}
    best = {"Std:Join": {"On": "/", "Values": ["s3:/", {"Get": "Steps.tune.TrainingJobSummaries[0].TrainingJobName"}]}}
    reader = processing("use", arguments={"Environment": {"MODEL": best}})
    create(document({"Name": "tune", "Type": "Tuning", "Arguments": arguments}, reader))
    world.scenario = {"pipelines": {"demo": {"steps": {"tune": {"logs": {"algo-1": ["x"]}}}}}}
    arn, sm = start(), client()
    world.clock.advance(100)
    name = steps(arn)["tune"]["Metadata"]["TuningJob"]["Arn"].split("/")[-1]
    shown = sm.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert shown["HyperParameterTuningJobStatus"] == "Completed"
    child = shown["BestTrainingJob"]["TrainingJobName"]
    listed = sm.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    assert len(listed["TrainingJobSummaries"]) == 3
    assert sm.describe_training_job(TrainingJobName=child)["HyperParameters"] == {"epochs": "3"}
    ((group, stream),) = world.logs
    assert group == "/aws/sagemaker/TrainingJobs"
    assert stream.startswith(f"{child}/algo-1-")
    job = steps(arn)["use"]["Metadata"]["ProcessingJob"]["Arn"].split("/")[-1]
    assert sm.describe_processing_job(ProcessingJobName=job)["Environment"] == {"MODEL": f"s3://{child}"}


def test_a_running_pipeline_is_not_deleted(world: World) -> None:
    create(document(processing("a")))
    start()
    call = client().delete_pipeline
    refused("ConflictException", call, PipelineName="demo", ClientRequestToken="d" * 32)


def test_what_is_not_supported_is_loud(world: World) -> None:
    create(document(processing("a")))
    config = {"SourcePipelineExecutionArn": "arn:aws:sagemaker:us-west-2:1:pipeline/a/execution/b"}
    with pytest.raises(Exception, match="SelectiveExecutionConfig"):
        client().start_pipeline_execution(
            PipelineName="demo",
            ClientRequestToken="t" * 32,
            SelectiveExecutionConfig={**config, "SelectedSteps": [{"StepName": "a"}]},
        )
