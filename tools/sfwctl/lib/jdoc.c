// SPDX-License-Identifier: GPL-2.0
/*
 * JSON documents that others wrote: see jdoc.h.
 *
 * Tried and rejected: json_unpack(). It says where in its own format string
 * something did not fit, which is no help to whoever has the document.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jdoc.h"

static const char *const kinds[] = {
	"an object", "an array", "a text", "an integer", "true or false", "",
};

bool jdoc_load(struct import *imp, struct jdoc *top)
{
	json_error_t error;

	memset(top, 0, sizeof(*top));
	top->value = json_loadb(imp->text, imp->len, JSON_REJECT_DUPLICATES,
				&error);
	if (top->value)
		return true;
	import_error(imp, xasprintf("%d:%d", error.line, error.column),
		     "this is no JSON document: %s", error.text);
	return false;
}

static void write_path(FILE *out, const struct jdoc *node)
{
	if (!node->up)
		return;
	write_path(out, node->up);
	if (node->key)
		fprintf(out, "%s%s", node->up->up ? "." : "", node->key);
	else
		fprintf(out, "[%zu]", node->index);
}

char *jdoc_path(const struct jdoc *node)
{
	char *text = NULL;
	size_t size;
	FILE *out;

	if (!node->up)
		return xstrdup("document");
	out = open_memstream(&text, &size);
	if (!out)
		xalloc_fail();
	write_path(out, node);
	if (fclose(out))
		xalloc_fail();
	return text;
}

void jdoc_error(struct import *imp, const struct jdoc *node, const char *fmt,
		...)
{
	va_list ap;

	va_start(ap, fmt);
	import_verror(imp, jdoc_path(node), fmt, ap);
	va_end(ap);
}

void jdoc_refuse(struct import *imp, const struct jdoc *node, const char *fmt,
		 ...)
{
	va_list ap;

	va_start(ap, fmt);
	import_vrefuse(imp, jdoc_path(node), NULL, fmt, ap);
	va_end(ap);
}

static bool is_kind(const json_t *value, enum jdoc_kind kind)
{
	switch (kind) {
	case JDOC_OBJECT:
		return json_is_object(value);
	case JDOC_ARRAY:
		return json_is_array(value);
	case JDOC_STRING:
		return json_is_string(value);
	case JDOC_INTEGER:
		return json_is_integer(value);
	case JDOC_BOOL:
		return json_is_boolean(value);
	case JDOC_ANY:
		break;
	}
	return true;
}

static bool check_kind(struct import *imp, const struct jdoc *node,
		       enum jdoc_kind kind)
{
	static const char *const found[] = {
		"an object", "an array", "a text", "an integer",
		"a number with a fraction", "true", "false", "null",
	};

	if (is_kind(node->value, kind))
		return true;
	jdoc_error(imp, node, "this is %s; %s belongs here",
		   found[json_typeof(node->value)], kinds[kind]);
	return false;
}

bool jdoc_get(struct import *imp, const struct jdoc *obj, const char *key,
	      enum jdoc_kind kind, struct jdoc *child)
{
	child->up = obj;
	child->key = key;
	child->index = 0;
	child->value = json_object_get(obj->value, key);
	return child->value && check_kind(imp, child, kind);
}

bool jdoc_need(struct import *imp, const struct jdoc *obj, const char *key,
	       enum jdoc_kind kind, struct jdoc *child)
{
	if (!json_object_get(obj->value, key)) {
		child->up = obj;
		child->key = key;
		child->value = NULL;
		jdoc_error(imp, child, "this is missing; %s belongs here",
			   kinds[kind]);
		return false;
	}
	return jdoc_get(imp, obj, key, kind, child);
}

bool jdoc_element(struct import *imp, const struct jdoc *array, size_t index,
		  enum jdoc_kind kind, struct jdoc *child)
{
	child->up = array;
	child->key = NULL;
	child->index = index;
	child->value = json_array_get(array->value, index);
	return child->value && check_kind(imp, child, kind);
}

bool jdoc_integer(struct import *imp, const struct jdoc *obj, const char *key,
		  long long min, long long max, long long *value)
{
	struct jdoc node;

	if (!jdoc_get(imp, obj, key, JDOC_INTEGER, &node))
		return false;
	*value = json_integer_value(node.value);
	if (*value >= min && *value <= max)
		return true;
	jdoc_error(imp, &node, "%lld is out of range; a number from %lld to %lld belongs here",
		   *value, min, max);
	return false;
}

void jdoc_only(struct import *imp, const struct jdoc *obj,
	       const char *const *keys)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(obj->value, key, value) {
		struct jdoc node = { obj, key, 0, value };

		for (i = 0; keys[i] && strcmp(keys[i], key);)
			i++;
		if (!keys[i])
			jdoc_error(imp, &node,
				   "no such field is known, and it may narrow the rule");
	}
}

const char *jdoc_text(const struct jdoc *obj, const char *key)
{
	return json_string_value(json_object_get(obj->value, key));
}
