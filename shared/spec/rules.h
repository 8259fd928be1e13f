#ifndef BF_SPEC_RULES_H
#define BF_SPEC_RULES_H

#include "spec/field.h"

/** The rules that rows of the field table name, by the file they are in. */

/* rules_common.c */
bf_rule bf_rule_role, bf_rule_experiment, bf_rule_bucket, bf_rule_network;
bf_rule bf_rule_tag, bf_rule_tags;
bf_rule bf_rule_channel, bf_rule_holiday, bf_rule_depends_on, bf_rule_raw;

/* rules_job.c */
bf_rule bf_rule_instance_type, bf_rule_compute, bf_rule_code, bf_rule_source, bf_rule_location;
bf_rule bf_rule_arguments, bf_rule_env_value, bf_rule_inputs;
bf_rule bf_rule_report_output, bf_rule_report_file, bf_rule_spot;

/* rules_retry.c */
bf_rule bf_rule_retry, bf_rule_policy, bf_rule_retry_error, bf_rule_cache;

/* rules_model.c */
bf_rule bf_rule_tune, bf_rule_range, bf_rule_container, bf_rule_variant;

/* rules_check.c: of quality_check and clarify_check, emr, raw */
bf_rule bf_rule_check, bf_rule_dataset, bf_rule_format, bf_rule_config;
bf_rule bf_rule_cluster_config, bf_rule_sagemaker;

/* parameters.c, schedules.c, triggers.c */
bf_rule bf_rule_parameter, bf_rule_schedule, bf_rule_trigger;
/** The name of event ${index} of triggers, NULL past the end. */
const char *bf_trigger_event_name(size_t index);

#endif /* BF_SPEC_RULES_H */
