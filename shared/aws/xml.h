#ifndef BF_AWS_XML_H
#define BF_AWS_XML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/sv.h"

/**
 * XML answers (S3, and the query protocol of SNS and STS) as a tree, by expat. Attributes,
 * comments and namespaces are dropped. Refused: a document type (and with it every entity of its
 * own), more than BF_XML_DEPTH levels or BF_XML_NODES elements.
 */
enum { BF_XML_DEPTH = 32, BF_XML_NODES = 100 * 1000 };

struct bf_xml {
    struct bf_sv name; /* without namespace prefix */
    struct bf_sv text; /* of this element itself */
    struct bf_xml *parent, *first, *last, *next;
};

/** BF_ESYNTAX with line and column when it is not well-formed. */
BF_NODISCARD enum bf_code bf_xml_parse(struct bf_arena *arena, struct bf_sv text,
                                       struct bf_xml **out, struct bf_err *err);

/** The first descendant at ${path}, "Error/Code", below ${node}; NULL when there is none. */
const struct bf_xml *bf_xml_get(const struct bf_xml *node, const char *path);

/** Its text, or the empty view. */
struct bf_sv bf_xml_text(const struct bf_xml *node, const char *path);

#endif /* BF_AWS_XML_H */
