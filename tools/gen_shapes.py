"""Generates shared/shapes/shapes_generated.c, the request and response shapes of the API model, from botocore.

usage: gen_shapes.py [--check]     --check: fail when the committed file is not what this botocore gives
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import botocore
import botocore.session
from botocore.model import Shape

OUTPUT = Path(__file__).parents[1] / "shared/shapes/shapes_generated.c"

# (name in our table, service, operation, "in", "out" or "out.MEMBER"): the roots; all below them comes along. A
# service written as "bedrock:Pascal" has its members in PascalCase, as a pipeline writes them.
ROOTS = [
    ("CreateProcessingJob", "sagemaker", "CreateProcessingJob", "in"),
    ("CreateTrainingJob", "sagemaker", "CreateTrainingJob", "in"),
    ("CreateHyperParameterTuningJob", "sagemaker", "CreateHyperParameterTuningJob", "in"),
    ("CreateTransformJob", "sagemaker", "CreateTransformJob", "in"),
    ("CreateAutoMLJob", "sagemaker", "CreateAutoMLJob", "in"),
    ("CreateJob", "sagemaker", "CreateJob", "in"),
    ("CreateModel", "sagemaker", "CreateModel", "in"),
    ("CreateModelPackage", "sagemaker", "CreateModelPackage", "in"),
    ("CreateEndpointConfig", "sagemaker", "CreateEndpointConfig", "in"),
    ("CreateEndpoint", "sagemaker", "CreateEndpoint", "in"),
    ("CreateInferenceComponent", "sagemaker", "CreateInferenceComponent", "in"),
    ("CreatePipeline", "sagemaker", "CreatePipeline", "in"),
    ("UpdatePipeline", "sagemaker", "UpdatePipeline", "in"),
    ("StartPipelineExecution", "sagemaker", "StartPipelineExecution", "in"),
    ("RunJobFlow", "emr", "RunJobFlow", "in"),
    ("DescribeProcessingJob", "sagemaker", "DescribeProcessingJob", "out"),
    ("DescribeTrainingJob", "sagemaker", "DescribeTrainingJob", "out"),
    ("DescribeHyperParameterTuningJob", "sagemaker", "DescribeHyperParameterTuningJob", "out"),
    ("ListTrainingJobsForHyperParameterTuningJob", "sagemaker", "ListTrainingJobsForHyperParameterTuningJob", "out"),
    ("DescribeTransformJob", "sagemaker", "DescribeTransformJob", "out"),
    ("DescribeAutoMLJob", "sagemaker", "DescribeAutoMLJob", "out"),
    ("DescribeJob", "sagemaker", "DescribeJob", "out"),
    ("DescribeModel", "sagemaker", "DescribeModel", "out"),
    ("DescribeModelPackage", "sagemaker", "DescribeModelPackage", "out"),
    ("DescribeEndpointConfig", "sagemaker", "DescribeEndpointConfig", "out"),
    ("DescribeEndpoint", "sagemaker", "DescribeEndpoint", "out"),
    ("DescribeInferenceComponent", "sagemaker", "DescribeInferenceComponent", "out"),
    ("CreateAction", "sagemaker", "CreateAction", "in"),
    ("CreateArtifact", "sagemaker", "CreateArtifact", "in"),
    ("CreateContext", "sagemaker", "CreateContext", "in"),
    ("AddAssociation", "sagemaker", "AddAssociation", "in"),
    ("EmrStep", "emr", "DescribeStep", "out.Step"),
    ("StartJobRun", "emr-serverless", "StartJobRun", "in"),
    ("CreateApplication", "emr-serverless", "CreateApplication", "in"),
    ("GetJobRun", "emr-serverless", "GetJobRun", "out"),
    ("CreateCustomModel", "bedrock:Pascal", "CreateCustomModel", "in"),
    ("GetCustomModel", "bedrock:Pascal", "GetCustomModel", "out"),
    ("CreateCustomModelDeployment", "bedrock:Pascal", "CreateCustomModelDeployment", "in"),
    ("GetCustomModelDeployment", "bedrock:Pascal", "GetCustomModelDeployment", "out"),
    ("CreateModelImportJob", "bedrock:Pascal", "CreateModelImportJob", "in"),
    ("GetModelImportJob", "bedrock:Pascal", "GetModelImportJob", "out"),
    ("CreateProvisionedModelThroughput", "bedrock:Pascal", "CreateProvisionedModelThroughput", "in"),
    ("GetProvisionedModelThroughput", "bedrock:Pascal", "GetProvisionedModelThroughput", "out"),
    ("CreateScheduleInput", "scheduler", "CreateSchedule", "in"),
]
PASCAL = ":Pascal"
KINDS = {
    "structure": "STRUCTURE",
    "list": "LIST",
    "map": "MAP",
    "string": "STRING",
    "integer": "INTEGER",
    "long": "INTEGER",
    "float": "NUMBER",
    "double": "NUMBER",
    "boolean": "BOOLEAN",
    "timestamp": "TIMESTAMP",
    "blob": "STRING",
}
LIMIT = 2**53  # bounds are doubles; beyond this one there is none


def text(value: str) -> str:
    """A C string literal; "??" is split so that no trigraph appears."""
    escaped = "".join(
        c
        if " " <= c <= "~" and c not in '"\\'
        else f"\\{c}"
        if c in '"\\'
        else "".join(f"\\{b:03o}" for b in c.encode())
        for c in value
    )
    return '"' + escaped.replace("??", '?" "?') + '"'


def pattern(value: str) -> str:
    """The model's patterns are Java's; PCRE2 wants these few spelt otherwise."""
    value = value.replace("\\p{Alnum}", "\\p{Xan}")
    value = re.sub(r"\$\{1,\d+\}$", "", value)  # "(...)*${1,128}": a quantified anchor, without a meaning
    for pairs in ("\\uD800\\uDC00-\\uDBFF\\uDFFF", "\\uD800\\uDBFF-\\uDC00\\uDFFF"):  # surrogates, in two spellings
        value = value.replace(pairs, "\\x{10000}-\\x{10FFFF}")
    return re.sub(r"\\u([0-9A-Fa-f]{4})", r"\\x{\1}", value)


class Table:
    def __init__(self) -> None:
        self.session = botocore.session.get_session()
        self.index: dict[tuple[str, str], int] = {}
        self.rows: list[str] = []
        self.arrays: list[str] = []

    def add(self, service: str, shape: Shape) -> int:
        key = (service, shape.name)
        if key in self.index:
            return self.index[key]
        at = self.index[key] = len(self.rows)
        self.rows.append("")
        self.rows[at] = self.row(service, shape, at)
        return at

    def row(self, service: str, shape: Shape, at: int) -> str:
        meta = shape.metadata
        parts = [f".name = {text(shape.name)}", f".kind = BF_SHAPE_{KINDS[shape.type_name]}"]
        for bound in ("min", "max"):
            if bound in meta and abs(meta[bound]) < LIMIT:
                parts.append(f".has_{bound} = true, .{bound} = {meta[bound]:.15g}")
        if meta.get("pattern"):
            parts.append(f".pattern = {text(pattern(meta['pattern']))}")
        if shape.type_name == "string" and meta.get("enum"):
            self.arrays.append(f"static const char *const enums_{at}[] = {{{', '.join(map(text, meta['enum']))}}};")
            parts.append(f".words = enums_{at}, .count = {len(meta['enum'])}")
        if getattr(shape, "is_tagged_union", False):
            parts.append(".one = true")
        if shape.type_name == "list":
            parts.append(f".item = {self.add(service, shape.member)}")
        if shape.type_name == "map":
            parts.append(f".key = {self.add(service, shape.key)}, .item = {self.add(service, shape.value)}")
        if shape.type_name == "structure" and shape.members:
            members = []
            for name, member in shape.members.items():
                required = ", .required = true" if name in shape.required_members else ""
                written = name[0].upper() + name[1:] if service.endswith(PASCAL) else name
                members.append(f"    {{.name = {text(written)}, .shape = {self.add(service, member)}{required}}},")
            self.arrays.append(f"static const struct bf_member members_{at}[] = {{\n" + "\n".join(members) + "\n};")
            parts.append(f".members = members_{at}, .count = {len(members)}")
        return "    {" + ", ".join(parts) + "},"

    def root(self, service: str, operation: str, side: str) -> int:
        model = self.session.get_service_model(service.removesuffix(PASCAL)).operation_model(operation)
        shape = model.input_shape if side == "in" else model.output_shape
        return self.add(service, shape.members[side[4:]] if side.startswith("out.") else shape)


def generate() -> str:
    table = Table()
    roots = [
        f"    {{{text(name)}, {table.root(service, operation, side)}}}," for name, service, operation, side in ROOTS
    ]
    source = "\n".join(
        [
            f"/* Generated by tools/gen_shapes.py from the models of botocore {botocore.__version__} (Apache-2.0) */",
            '#include "shapes/table.h"',
            "",
            *table.arrays,
            "",
            "const struct bf_shape bf_shapes[] = {",
            *table.rows,
            "};",
            f"const size_t bf_shape_count = {len(table.rows)};",
            "",
            "const struct bf_shape_root bf_shape_roots[] = {",
            *roots,
            "};",
            f"const size_t bf_shape_root_count = {len(roots)};",
            f"const char bf_shapes_version[] = {text('botocore ' + botocore.__version__)};",
            "",
        ]
    )
    return subprocess.run(
        ["clang-format", "--style=file", f"--assume-filename={OUTPUT}"],
        input=source,
        text=True,
        capture_output=True,
        check=True,
    ).stdout


def main() -> int:
    source = generate()
    if "--check" in sys.argv:
        if not OUTPUT.exists() or OUTPUT.read_text() != source:
            print(f"{OUTPUT} is not current: run tools/gen_shapes.py", file=sys.stderr)
            return 1
        return 0
    OUTPUT.write_text(source)
    print(f"{OUTPUT}: {len(source) // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
