"""What each type of step does in an execution: the job it starts, what it yields, how it fails, what it may reuse."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, ClassVar

from localcloud import arguments
from localcloud.execution import Execution, StepFailure, StepRun
from localcloud.interfaces import Cloud, Json
from localcloud.jobs import KINDS, Job, job_name, log_events, moment, random_text
from localcloud.scenario import SECONDS_OF_A_CALL, SECONDS_OF_A_JOB, Plan, Scenario, lines_of
from localcloud.storage import Storage
from localcloud.values import Values, output_uri, text_of

KEY_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "Processing": ("AppSpecification", "Environment", "ProcessingInputs"),
    "Training": (
        "AlgorithmSpecification",
        "CheckpointConfig",
        "DebugHookConfig",
        "DebugRuleConfigurations",
        "Environment",
        "HyperParameters",
        "InputDataConfig",
    ),
    "Tuning": ("HyperParameterTuningJobConfig", "TrainingJobDefinition", "TrainingJobDefinitions"),
    "AutoML": ("AutoMLJobConfig", "AutoMLJobObjective", "InputDataConfig", "ProblemType"),
    "Transform": ("DataProcessing", "Environment", "ModelName", "TransformInput"),
    "EMR": ("ClusterId", "StepConfig"),
    "QualityCheck": ("AppSpecification", "Environment", "ProcessingInputs"),
    "ClarifyCheck": ("AppSpecification", "Environment", "ProcessingInputs"),
}
"""What makes two runs of a step equal (developer guide, pipelines-default-keys)."""
_TUNING_KEYS = {"AlgorithmSpecification", "HyperParameterRanges", "InputDataConfig", "StaticHyperParameters"}
_TUNING_KEYS |= {"TuningObjective"}

_UNITS = {"Y": 365 * 86400, "W": 7 * 86400, "D": 86400, "H": 3600, "S": 1}
_NAMED = {
    "Model": ("Model", "model"),
    "EndpointConfig": ("EndpointConfig", "endpoint-config"),
    "Endpoint": ("Endpoint", "endpoint"),
    "InferenceComponent": ("InferenceComponent", "inference-component"),
}
_DEFAULTS: dict[str, Json] = {"String": "", "Integer": 0, "Float": 0.0, "Boolean": False}


class Activities:
    """See the module's docstring. Under the cloud's lock."""

    JOB_TYPES: ClassVar[set[str]] = set(KINDS)

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.storage = Storage(cloud)
        self.jobs: dict[str, Job] = {}
        """By name."""
        self.callbacks: dict[str, tuple[Execution, StepRun]] = {}
        """By token."""
        self._cache: dict[tuple[str, str], list[tuple[Execution, StepRun]]] = {}
        self._sent = 0
        self._produced: set[str] = set()
        """Where steps have written, or would have."""

    # What an execution asks

    def begin(self, execution: Execution, run: StepRun, plan: Plan) -> float | None:
        """Start an attempt. Seconds until `finish` is to be called; None: something else will end it."""
        values = Values(execution, self.storage)
        kind = run.step.type
        if kind in KINDS:
            return self._begin_job(execution, run, plan, values)
        begin: Callable[[StepRun, Plan, Values], float | None] = {
            "Condition": self._begin_condition,
            "Fail": self._begin_fail,
            "Callback": lambda r, p, v: self._begin_callback(execution, r, p, v),
        }.get(kind, self._begin_call)
        return begin(run, plan, values)

    def finish(self, execution: Execution, run: StepRun, plan: Plan) -> None:
        """The attempt's time is over: it succeeds, or StepFailure."""
        if run.job is not None:
            self._finish_job(execution, run, plan)
        elif plan.failure is not None:
            raise StepFailure(_step_reason(plan.failure), plan.error)
        elif run.step.type in ("Lambda", "Callback"):
            self._return(run, plan.returns)
        elif run.step.type == "RegisterModel":
            self._register(execution, run)
        if run.step.type in KEY_ATTRIBUTES:
            self._cache.setdefault((execution.start.pipeline_arn, run.step.name), []).append((execution, run))

    def stopped(self, execution: Execution, run: StepRun) -> None:
        """A step was stopped: so is its job."""
        if run.job is not None and run.job.status == "InProgress":
            run.job.finish("Stopped", self.cloud.clock.now())
            self._write_logs(run.job, execution.plan(run))
            self._job_event(run.job)

    def cached(self, execution: Execution, run: StepRun) -> bool:
        """Whether an earlier run of this step is reused; `run` then has its results."""
        attributes = KEY_ATTRIBUTES.get(run.step.type)
        if attributes is None:
            return False
        try:
            request = self._request(run, Values(execution, self.storage))
        except StepFailure:
            return False
        run.cache_key = _key({k: _keyed(run.step.type, k, request[k]) for k in attributes if k in request})
        config = run.step.body.get("CacheConfig", {})
        if not config.get("Enabled"):
            return False
        oldest = self.cloud.clock.now() - seconds_of(config.get("ExpireAfter"))
        for source, earlier in reversed(self._cache.get((execution.start.pipeline_arn, run.step.name), [])):
            if earlier.cache_key == run.cache_key and (earlier.ended or 0) >= oldest:
                run.metadata, run.properties, run.files = earlier.metadata, earlier.properties, earlier.files
                run.cached_from = earlier.cached_from or source.start.arn
                return True
        return False

    def emit(self, kind: str, detail: dict[str, Json], resources: list[str]) -> None:
        """An event, as well as the scenario lets it through."""
        scenario = _scenario(self.cloud)
        faults = scenario.events()
        text = json.dumps({"detail-type": kind, "detail": detail})
        copies = 0 if any(re.search(pattern, text) for pattern in faults.lose) else 1 + faults.duplicate
        self._sent += 1
        shuffled = (self._sent * 7 % 5) / 4 * faults.disorder
        self.cloud.emit("aws.sagemaker", kind, detail, resources, copies=copies, delay=faults.delay + shuffled)

    def experiment_of(self, execution: Execution) -> dict[str, Any]:
        """PipelineExperimentConfig and MLflowConfig of an execution."""
        body = execution.start.definition.body
        answer: dict[str, Any] = {}
        if "PipelineExperimentConfig" in body:
            values = Values(execution, self.storage)
            answer["PipelineExperimentConfig"] = values.of(body["PipelineExperimentConfig"])
        if "MlflowConfig" in body:
            answer["MLflowConfig"] = dict(body["MlflowConfig"])
            if execution.start.mlflow_experiment:
                answer["MLflowConfig"]["MlflowExperimentName"] = execution.start.mlflow_experiment
        return answer

    # Jobs

    def _request(self, run: StepRun, values: Values) -> dict[str, Json]:
        shape = arguments.shape_of(run.step.type) if run.step.type in arguments.REQUESTS else None
        resolved: dict[str, Json] = values.of(run.step.arguments, shape)
        return resolved

    def _begin_job(self, execution: Execution, run: StepRun, plan: Plan, values: Values) -> float:
        kind, request = run.step.type, self._request(run, values)
        api = arguments.REQUESTS[kind]
        most = int(arguments.shape_of(kind).members[api.name].metadata["max"])
        name = request.get(api.name) or job_name(execution.id, run.step.name, most)
        arn = f"arn:aws:sagemaker:{self.cloud.region}:{self.cloud.account}:{KINDS[kind].slug}/{name}"
        shape = arguments.shape_of(kind)
        found = arguments.check(shape, {**request, api.name: name}, "request", with_expressions=False)
        if found:
            raise StepFailure(_not_invoked(api.operation, f"{len(found)} validation error detected: {found[0]}"))
        job = Job(kind, name, arn, request, self.cloud.clock.now())
        if plan.no_job or plan.error in ("Step.THROTTLING", "Step.SERVICE_FAULT"):
            raise StepFailure(_not_invoked(api.operation, plan.failure or "refused"), plan.error)
        self._check_quota(job, api.operation, plan)
        self.jobs[name] = run.job = job
        job.seconds_to_start = min(2.0, self._seconds(run, plan) / 4)
        run.metadata = _job_metadata(run, job)
        run.properties = job.describe()
        self._job_event(job)
        return self._seconds(run, plan)

    def _seconds(self, run: StepRun, plan: Plan) -> float:
        wanted = SECONDS_OF_A_JOB if plan.after is None else plan.after
        limit = _time_limit(run)
        return wanted if limit is None else min(wanted, limit)

    def _check_quota(self, job: Job, operation: str, plan: Plan) -> None:
        kind, count = job.instances
        name = f"{kind} for {job.kind.quota}"
        limit = _scenario(self.cloud).limit(name)
        if plan.error == "SageMaker.RESOURCE_LIMIT" and limit is None:
            limit = 0
        if limit is None or not kind:
            return
        running = [j for j in self.jobs.values() if j.status == "InProgress" and j.instances[0] == kind]
        used = sum(j.instances[1] for j in running if j.kind.quota == job.kind.quota)
        if used + count <= limit:
            return
        raise StepFailure(
            _not_invoked(
                operation,
                f"The account-level service limit '{name}' is {limit:g} Instances, with current utilization of "
                f"{used} Instances and a request delta of {count} Instances. Please use AWS Service Quotas to request "
                "an increase for this quota. If AWS Service Quotas is not available, contact AWS support to request "
                "an increase for this quota.",
            ),
            "SageMaker.RESOURCE_LIMIT",
        )

    def _finish_job(self, execution: Execution, run: StepRun, plan: Plan) -> None:
        job = run.job
        assert job is not None
        failure, error = self._outcome(run, plan)
        now = self.cloud.clock.now()
        job.metrics = dict(plan.metrics)
        job.exit_message = plan.exit_message
        job.finish("Failed" if failure else "Completed", now, failure)
        self._write_logs(job, plan)
        if not failure:
            self._write_files(run, plan)
        run.properties = job.describe()
        if job.type == "Tuning":
            run.properties["TrainingJobSummaries"] = job.summaries()
        if run.step.type in ("QualityCheck", "ClarifyCheck"):
            run.properties |= _baselines(run)
        self._job_event(job)
        if failure:
            raise StepFailure(_step_reason(failure), error)

    def _outcome(self, run: StepRun, plan: Plan) -> tuple[str | None, str | None]:
        """Failure and error type: the scenario's, or what the job meets by itself."""
        job = run.job
        assert job is not None
        limit, wanted = _time_limit(run), plan.after
        if limit is not None and wanted is not None and wanted > limit:
            return f"ClientError: MaxRuntimeExceeded: the job reached its limit of {limit:g} seconds", None
        if plan.failure is not None:
            return plan.failure, plan.error
        missing = self._missing_input(job)
        if missing:
            return (
                f"ClientError: No S3 objects found under S3 URL '{missing}' given in input data source. Please ensure "
                "that the bucket exists in the selected region, that objects exist under that S3 prefix, and that the "
                "role has s3:ListBucket permissions on the bucket.",
                None,
            )
        return None, None

    def _missing_input(self, job: Job) -> str | None:
        if not _scenario(self.cloud).check_inputs:
            return None
        for uri in _input_uris(job.request):
            made_here = any(uri.startswith(p) or p.startswith(uri) for p in self._produced)
            if not made_here and self.storage.is_empty(uri):
                return uri
        return None

    def _write_files(self, run: StepRun, plan: Plan) -> None:
        run.files = plan.files
        request = run.step.arguments
        for output in request.get("ProcessingOutputConfig", {}).get("Outputs", []):
            uri = output_uri(run, output["OutputName"]).rstrip("/")
            if uri:
                self._produced.add(uri)
            for name, content in plan.files.get(output["OutputName"], {}).items():
                data = content if isinstance(content, str) else json.dumps(content)
                self.storage.write(f"{uri}/{name}", data.encode())
        model = run.job.describe().get("ModelArtifacts", {}).get("S3ModelArtifacts") if run.job else None
        if model:
            self._produced.add(model)
        transformed = run.properties.get("TransformOutput", {}).get("S3OutputPath")
        if transformed:
            self._produced.add(transformed)

    def _write_logs(self, job: Job, plan: Plan) -> None:
        ended = job.ended or self.cloud.clock.now()
        delay = _scenario(self.cloud).log_delay if plan.log_delay is None else plan.log_delay
        for host, logs in plan.logs.items():
            lines = lines_of(logs, f"logs of {host}")
            writer = job.summaries()[0]["TrainingJobName"] if job.type == "Tuning" else job.name
            stream = f"{writer}/{host}-{int(job.started)}"
            if job.kind.group and lines:
                self.cloud.put_log_events(job.kind.group, stream, log_events(lines, job.started, ended), delay)

    def _job_event(self, job: Job) -> None:
        if job.kind.detail_type:
            self.emit(job.kind.detail_type, job.event(), [job.arn])

    # The other types

    def _begin_condition(self, run: StepRun, plan: Plan, values: Values) -> float:
        holds = all(values.holds(c) for c in run.step.arguments["Conditions"])
        run.branch = "IfSteps" if holds else "ElseSteps"
        run.metadata = {"Condition": {"Outcome": "True" if holds else "False"}}
        run.properties = {"Outcome": "True" if holds else "False"}
        return 0.0

    def _begin_fail(self, run: StepRun, plan: Plan, values: Values) -> float:
        message = text_of(values.of(run.step.arguments["ErrorMessage"]))[:3072]
        run.metadata = {"Fail": {"ErrorMessage": message}}
        raise StepFailure(message)

    def _begin_callback(self, execution: Execution, run: StepRun, plan: Plan, values: Values) -> float | None:
        url = str(values.of(run.step.body["SqsQueueUrl"]))
        run.token = random_text(10)
        run.metadata = {"Callback": {"CallbackToken": run.token, "SqsQueueUrl": url}}
        body = {
            "token": run.token,
            "pipelineExecutionArn": execution.start.arn,
            "arguments": values.of(run.step.arguments),
            "status": "Executing",
        }
        queue = url.rsplit("/", 1)[-1]
        sqs = self.cloud.backend("sqs")
        if queue in sqs.queues:
            sqs.send_message(queue, json.dumps(body))
        self.callbacks[run.token] = (execution, run)
        scripted = plan.returns is not None or plan.failure is not None or plan.after is not None
        return _call_seconds(plan) if scripted else None

    def _begin_call(self, run: StepRun, plan: Plan, values: Values) -> float:
        """Types that only call an API and wait a little."""
        kind, request = run.step.type, self._request(run, values)
        if plan.no_job or plan.error in ("Step.THROTTLING", "Step.SERVICE_FAULT"):
            operation = arguments.REQUESTS[kind].operation if kind in arguments.REQUESTS else kind
            raise StepFailure(_not_invoked(operation, plan.failure or "refused"), plan.error)
        if kind in arguments.REQUESTS:
            name = {} if kind == "RegisterModel" else {arguments.REQUESTS[kind].name: f"pipelines-{random_text(20)}"}
            found = arguments.check(arguments.shape_of(kind), {**name, **request}, "request", with_expressions=False)
            if found:
                operation = arguments.REQUESTS[kind].operation
                raise StepFailure(_not_invoked(operation, f"validation error detected: {found[0]}"))
            request = {**name, **request}
        run.properties = dict(request)
        account = f"arn:aws:sagemaker:{self.cloud.region}:{self.cloud.account}"
        if kind in _NAMED:
            word, slug = _NAMED[kind]
            name_of = request[arguments.REQUESTS[kind].name]
            run.properties |= {f"{word}Arn": f"{account}:{slug}/{name_of}", "CreationTime": moment(run.began)}
            run.metadata = {word: {"Arn": f"{account}:{slug}/{name_of}"}}
        elif kind == "Lambda":
            run.metadata = {"Lambda": {"Arn": str(values.of(run.step.body["FunctionArn"]))}}
        elif kind == "EMR":
            cluster = request.get("ClusterId") or f"j-{random_text(13).upper()}"
            run.properties["ClusterId"] = cluster
            step_id = f"s-{random_text(13).upper()}"
            run.metadata = {"EMR": {"ClusterId": cluster, "StepId": step_id, "StepName": run.step.name}}
        return _call_seconds(plan)

    def _return(self, run: StepRun, returns: dict[str, Json] | None) -> None:
        """Output parameters. Without a word from the scenario they are empty values of their types."""
        declared = {o["OutputName"]: o["OutputType"] for o in run.step.body.get("OutputParameters", [])}
        given = {n: _DEFAULTS[t] for n, t in declared.items()} if returns is None else returns
        missing = sorted(set(declared) - set(given))
        if missing:
            raise StepFailure(f"ClientError: The output parameters {missing} are missing in the answer")
        outputs = {name: given[name] for name in declared}
        run.properties["OutputParameters"] = outputs
        pairs = [{"Name": n, "Value": text_of(v)} for n, v in outputs.items()]
        if pairs:
            run.metadata = {k: {**v, "OutputParameters": pairs} for k, v in run.metadata.items()}

    def answer_callback(self, token: str, outputs: dict[str, Json], failure: str | None) -> str | None:
        """SendPipelineExecutionStepSuccess or ...Failure. The execution's ARN; None for an unknown token."""
        found = self.callbacks.pop(token, None)
        if found is None or found[1].status != "Executing":
            return None
        execution, run = found
        if failure is None:
            try:
                self._return(run, outputs)
            except StepFailure as error:
                failure = error.reason
        execution.complete(run, failure)
        return execution.start.arn

    def _register(self, execution: Execution, run: StepRun) -> None:
        """A new version in the model package group, which is created when it does not exist; without a group a
        package that has no versions."""
        request, backend = run.properties, self.cloud.backend("sagemaker")
        group = str(request.get("ModelPackageGroupName", "")).rsplit("/", 1)[-1]
        if group and group not in backend.model_package_groups:
            backend.create_model_package_group(group, None, [])
        metadata = {"GeneratedBy": execution.start.arn, **request.get("MetadataProperties", {})}
        arn = backend.create_model_package(
            model_package_name=None if group else f"pipelines-{random_text(20)}",
            model_package_group_name=group or None,
            model_package_description=request.get("ModelPackageDescription"),
            inference_specification=request.get("InferenceSpecification"),
            validation_specification=None,
            source_algorithm_specification=request.get("SourceAlgorithmSpecification"),
            certify_for_marketplace=False,
            tags=None,
            model_approval_status=request.get("ModelApprovalStatus", "PendingManualApproval"),
            metadata_properties=metadata,
            model_metrics=request.get("ModelMetrics"),
            client_token=None,
            customer_metadata_properties=request.get("CustomerMetadataProperties"),
            drift_check_baselines=request.get("DriftCheckBaselines"),
            domain=request.get("Domain"),
            task=request.get("Task"),
            sample_payload_url=request.get("SamplePayloadUrl"),
            additional_inference_specifications=request.get("AdditionalInferenceSpecifications"),
        )
        run.metadata = {"RegisterModel": {"Arn": arn}}
        version: dict[str, Json] = {"ModelPackageVersion": int(arn.rsplit("/", 1)[1])} if group else {}
        run.properties = {**request, **version, "ModelPackageArn": arn}
        approval = request.get("ModelApprovalStatus", "PendingManualApproval")
        detail = {
            **({"ModelPackageGroupName": group} if group else {}),
            **version,
            "ModelPackageArn": arn,
            "CreationTime": self.cloud.clock.iso(),
            "ModelPackageStatus": "Completed",
            "ModelApprovalStatus": approval,
            "MetadataProperties": metadata,
        }
        self.emit("SageMaker Model Package State Change", detail, [arn])


def _scenario(cloud: Cloud) -> Scenario:
    return Scenario(cloud.scenario)


def _call_seconds(plan: Plan) -> float:
    return SECONDS_OF_A_CALL if plan.after is None else plan.after


def _not_invoked(operation: str, details: str) -> str:
    return f"ClientError: Failed to invoke sagemaker:{operation}. Error Details: {details}"


def _step_reason(failure: str) -> str:
    """A step repeats its job's reason behind "ClientError: "."""
    return failure if failure.startswith("ClientError: Failed to invoke") else f"ClientError: {failure}"


def _job_metadata(run: StepRun, job: Job) -> dict[str, Json]:
    if run.step.type in ("QualityCheck", "ClarifyCheck"):
        shown = ("CheckType", "ModelPackageGroupName", "SkipCheck", "RegisterNewBaseline")
        members = {m: run.step.body[m] for m in shown if isinstance(run.step.body.get(m), (str, bool))}
        return {run.step.type: {**members, "CheckJobArn": job.arn}}
    words = {"Tuning": "TuningJob"}
    return {words.get(run.step.type, job.kind.word): {"Arn": job.arn}}


def _baselines(run: StepRun) -> dict[str, Json]:
    base = output_uri(run, "quality_check_output") or output_uri(run, "analysis_result")
    constraints, statistics = f"{base.rstrip('/')}/constraints.json", f"{base.rstrip('/')}/statistics.json"
    return {
        "CalculatedBaselineConstraints": constraints,
        "CalculatedBaselineStatistics": statistics,
        "BaselineUsedForDriftCheckConstraints": run.step.body.get("SuppliedBaselineConstraints") or constraints,
        "BaselineUsedForDriftCheckStatistics": run.step.body.get("SuppliedBaselineStatistics") or statistics,
    }


def _time_limit(run: StepRun) -> float | None:
    limit = run.step.arguments.get("StoppingCondition", {}).get("MaxRuntimeInSeconds")
    return float(limit) if isinstance(limit, int) else None


def _input_uris(request: dict[str, Json]) -> list[str]:
    found = [i.get("S3Input", {}).get("S3Uri") for i in request.get("ProcessingInputs", [])]
    channels = request.get("InputDataConfig", [])
    channels = channels if isinstance(channels, list) else []
    channels += [{"DataSource": request.get("TransformInput", {}).get("DataSource", {})}]
    found += [c.get("DataSource", {}).get("S3DataSource", {}).get("S3Uri") for c in channels]
    return [uri for uri in found if isinstance(uri, str) and uri.startswith("s3://")]


def _key(attributes: dict[str, Json]) -> str:
    return json.dumps(attributes, sort_keys=True)


def _keyed(step_type: str, name: str, value: Json) -> Json:
    if step_type == "Tuning" and name == "TrainingJobDefinition":
        return {k: v for k, v in value.items() if k in _TUNING_KEYS}
    return value


def seconds_of(duration: str | None) -> float:
    """Seconds of an ISO 8601 duration, as leniently as the service reads it; without one, for ever."""
    if duration is None:
        return float("inf")
    date, _, time = duration.upper().removeprefix("P").partition("T")
    seconds = sum(int(n) * _UNITS.get(unit, 30 * 86400) for n, unit in re.findall(r"(\d+)([YMWDH])", date))
    seconds += sum(int(n) * _UNITS.get(unit, 60) for n, unit in re.findall(r"(\d+)([HMS])", time))
    return float(seconds)
