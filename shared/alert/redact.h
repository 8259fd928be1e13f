#ifndef BF_ALERT_REDACT_H
#define BF_ALERT_REDACT_H

#include "base/arena.h"
#include "base/sv.h"

/**
 * A copy of ${text} without its secrets, before it leaves for Slack, mail or our own logs. Time
 * is linear in the text (no backtracking). Redact the joined text first and cut it afterwards: a
 * secret at the edge of a cut is not recognised any more.
 *
 *   AWS        AKIA ASIA ABIA ACCA + 16, ABSK...; secret keys and session tokens after their name
 *   Slack      xoxa- xoxb- xoxp- xoxr- xoxs- xoxe-, xapp-, hooks.slack.com/services/...
 *   JWT        eyJ...  .eyJ...  .signature
 *   PEM        private key blocks, also cut off ones, over lines
 *   vendors    ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ hf_ sk- dapi AIza glpat- pypi- npm_
 *   HTTP       Bearer and Basic credentials; scheme://user:password@
 *   URLs       X-Amz-Signature, X-Amz-Credential, X-Amz-Security-Token, Signature, sig
 *   names      password, passwd, secret, token, api_key, ... followed by = or : and a value
 *
 * A secret becomes [redacted]; the name before it stays. Hashes (sha256:..., 64 hex digits)
 * and ARNs are kept. An access key that is broken over two lines is found too.
 */
struct bf_sv bf_redact(struct bf_arena *arena, struct bf_sv text);

#endif /* BF_ALERT_REDACT_H */
