#ifndef CLI_GRAPH_H
#define CLI_GRAPH_H

#include "base/buf.h"
#include "spec/spec.h"

/** A pipeline as a picture; every two steps that need each other have one arrow. */
void bf_graph_dot(struct bf_buf *out, const struct bf_pipeline *pipeline);
void bf_graph_mermaid(struct bf_buf *out, const struct bf_pipeline *pipeline);
/** Boxes in rows, each below what it needs; arrows that others imply are left out. */
void bf_graph_svg(struct bf_buf *out, const struct bf_pipeline *pipeline);

#endif /* CLI_GRAPH_H */
