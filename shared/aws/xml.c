#include "aws/xml.h"

#include <expat.h>

#include "base/buf.h"

enum { MAX_XML = 64 * 1024 * 1024 };

struct parse {
    struct bf_arena *arena;
    XML_Parser expat;
    struct bf_xml *root, *at;
    struct bf_buf text; /* of the element that is open */
    size_t depth, nodes;
    const char *refused;
};

static void refuse(struct parse *p, const char *why)
{
    p->refused = why;
    (void)XML_StopParser(p->expat, XML_FALSE);
}

static void on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    struct parse *p = user;
    const char *colon = strrchr(name, ':');

    (void)attributes;
    if (p->depth == BF_XML_DEPTH || p->nodes == BF_XML_NODES) {
        refuse(p, "too deep or too many elements");
        return;
    }
    p->depth++;
    p->nodes++;
    struct bf_xml *node = BF_NEW(p->arena, struct bf_xml);
    node->name = bf_sv_dup(p->arena, bf_sv_of(colon == NULL ? name : colon + 1));
    node->parent = p->at;
    if (p->at == NULL) {
        p->root = node;
    } else if (p->at->first == NULL) {
        p->at->first = node;
    } else {
        p->at->last->next = node;
    }
    if (p->at != NULL) {
        p->at->last = node;
    }
    p->at = node;
    bf_buf_clear(&p->text);
}

static void on_end(void *user, const XML_Char *name)
{
    struct parse *p = user;

    (void)name;
    if (p->at->first == NULL) { /* text beside elements is layout */
        p->at->text = bf_sv_dup(p->arena, bf_buf_sv(&p->text));
    }
    bf_buf_clear(&p->text);
    p->at = p->at->parent;
    p->depth--;
}

static void on_text(void *user, const XML_Char *text, int len)
{
    struct parse *p = user;

    bf_buf_add(&p->text, (struct bf_sv){.ptr = text, .len = (size_t)len});
}

static void on_doctype(void *user, const XML_Char *name, const XML_Char *sysid,
                       const XML_Char *pubid, int internal)
{
    (void)name;
    (void)sysid;
    (void)pubid;
    (void)internal;
    refuse(user, "a document type");
}

static enum bf_code parse_all(struct parse *p, struct bf_sv text, struct bf_err *err)
{
    if (text.len > MAX_XML) {
        return bf_err_set(err, BF_ETOOLARGE, BF_NOWHERE, "XML of %zu bytes; allowed are %d",
                          text.len, MAX_XML);
    }
    XML_SetUserData(p->expat, p);
    XML_SetElementHandler(p->expat, on_start, on_end);
    XML_SetCharacterDataHandler(p->expat, on_text);
    XML_SetStartDoctypeDeclHandler(p->expat, on_doctype);
    if (XML_Parse(p->expat, text.len == 0 ? "" : text.ptr, (int)text.len, XML_TRUE) ==
        XML_STATUS_OK) {
        return BF_OK;
    }
    const struct bf_loc loc = {.line = (unsigned)XML_GetCurrentLineNumber(p->expat),
                               .col = (unsigned)XML_GetCurrentColumnNumber(p->expat) + 1};
    return bf_err_set(
        err, BF_ESYNTAX, loc, "not the XML expected (line %u, column %u): %s", loc.line, loc.col,
        p->refused != NULL ? p->refused : XML_ErrorString(XML_GetErrorCode(p->expat)));
}

enum bf_code bf_xml_parse(struct bf_arena *arena, struct bf_sv text, struct bf_xml **out,
                          struct bf_err *err)
{
    struct parse p = {
        .arena = arena, .expat = XML_ParserCreate("UTF-8"), .text = bf_buf_new(arena, MAX_XML)};

    if (p.expat == NULL) {
        return bf_err_set(err, BF_EINTERNAL, BF_NOWHERE, "no memory for the XML parser");
    }
    enum bf_code code = parse_all(&p, text, err);
    XML_ParserFree(p.expat);
    *out = p.root;
    return code;
}

const struct bf_xml *bf_xml_get(const struct bf_xml *node, const char *path)
{
    struct bf_sv rest = bf_sv_of(path);

    while (node != NULL && rest.len != 0) {
        struct bf_sv name = bf_sv_cut(&rest, '/');
        node = node->first;
        while (node != NULL && !bf_sv_eq(node->name, name)) {
            node = node->next;
        }
    }
    return node;
}

struct bf_sv bf_xml_text(const struct bf_xml *node, const char *path)
{
    const struct bf_xml *found = bf_xml_get(node, path);

    return found == NULL ? (struct bf_sv){0} : found->text;
}
