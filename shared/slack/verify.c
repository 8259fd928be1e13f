#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"
#include "crypto/crypto.h"
#include "slack/slack.h"
#include "json/json.h"

enum { SKEW = 300, SIGNATURE = 67 };

static bool decimal(struct bf_sv text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len != 0 && text.len <= 15;
}

bool bf_slack_verify(struct bf_arena *arena, struct bf_sv signing_secret,
                     const struct bf_slack_signed *request, int64_t now)
{
    int64_t at = 0;

    if (signing_secret.len == 0 || !decimal(request->timestamp) ||
        !bf_sv_i64(request->timestamp, 0, INT64_MAX / 2, &at) ||
        request->signature.len != SIGNATURE) {
        return false;
    }
    int64_t skew = now > at ? now - at : at - now;
    if (skew > SKEW) {
        return false;
    }
    struct bf_buf signed_text = bf_buf_new(arena, request->body.len + 64);
    bf_buf_addz(&signed_text, "v0:");
    bf_buf_add(&signed_text, request->timestamp);
    bf_buf_addc(&signed_text, ':');
    bf_buf_add(&signed_text, request->body);
    struct bf_digest mac = bf_hmac_sha256(signing_secret, bf_buf_sv(&signed_text));
    struct bf_sv expected =
        bf_sv_printf(arena, "v0=" BF_SV_FMT, BF_SV_ARG(bf_digest_hex(arena, &mac)));
    return bf_secret_equal(expected, request->signature);
}

enum bf_code bf_slack_secret_parse(struct bf_arena *arena, struct bf_sv text,
                                   struct bf_slack_secret *out, struct bf_err *err)
{
    bf_json *json = NULL;
    struct bf_err why = {0};

    /* The parser's message may quote the text, and the text is the secret. */
    if (bf_json_parse(arena, text, NULL, &json, &why) != BF_OK ||
        bf_json_kind(json) != BF_JSON_OBJECT) {
        return bf_err_set(err, BF_EINVALID, BF_NOWHERE,
                          "the Slack secret is not a JSON object; it is to be "
                          "{\"bot_token\": \"xoxb-...\", \"signing_secret\": \"...\"}");
    }
    *out = (struct bf_slack_secret){.bot_token = bf_json_str(json, "bot_token"),
                                    .signing_secret = bf_json_str(json, "signing_secret")};
    return BF_OK;
}
