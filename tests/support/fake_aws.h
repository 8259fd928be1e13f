#ifndef BF_TESTS_SUPPORT_FAKE_AWS_H
#define BF_TESTS_SUPPORT_FAKE_AWS_H

#include "aws/aws.h"
#include "fake_http.h"

/**
 * An AWS session on a fake world: region us-west-2, a fixed key. Header-only, because the support
 * sources are linked with every test. Free it with bf_aws_session_free.
 */
static inline struct bf_aws_session *fake_aws_session(struct fake_http *world)
{
    static const char *const env[] = {"AWS_REGION=us-west-2", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE",
                                      "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG", NULL};

    return bf_aws_session_new(&world->http, env);
}

/** A client on it, without log and deadline. */
static inline struct bf_aws fake_aws(struct bf_aws_session *session, struct bf_arena *arena)
{
    return (struct bf_aws){.session = session, .arena = arena};
}

#endif /* BF_TESTS_SUPPORT_FAKE_AWS_H */
