// SPDX-License-Identifier: GPL-2.0
/*
 * The rule set of nft as "nft -j list ruleset" writes it.
 *
 * What is taken: chains of type filter at input, output, forward and
 * prerouting, in tables ip, ip6 and inet; the chains they go to; sets and
 * verdict maps. What a rule does besides matching and deciding (marks, queues,
 * NAT) is refused, named by its path in the document.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "import_nft.h"
#include "names.h"

/* Rules that one rule may become by its sets of single values. */
#define ALTERNATIVES_MAX	4096

void nft_refuse(struct nft *nft, const struct jdoc *node, const char *fmt, ...)
{
	const struct flat_rule *rule = nft->rule.n ? nft->rule.alt[0] : NULL;
	va_list ap;

	va_start(ap, fmt);
	if (!nft->refused)
		import_vrefuse(nft->imp, jdoc_path(node),
			       rule && rule->source ? xstrdup(rule->source) :
						      NULL, fmt, ap);
	va_end(ap);
	nft->refused = true;
}

static char *key_of(struct nft *nft, const char *name)
{
	return xasprintf("%s %s %s", nft->family, nft->table, name);
}

struct nft_set *nft_find_set(struct nft *nft, const char *name)
{
	char *key = key_of(nft, name);
	struct nft_set *found = NULL;
	size_t i;

	for (i = 0; i < nft->n_sets; i++)
		if (!strcmp(nft->sets[i].key, key))
			found = &nft->sets[i];
	free(key);
	return found;
}

void nft_multiply(struct nft *nft, size_t n)
{
	struct nft_rule old = nft->rule;
	size_t i, j;

	if (n * old.n > ALTERNATIVES_MAX) {
		struct jdoc none = { NULL, NULL, 0, NULL };

		nft_refuse(nft, &none, "its sets make more than %d rules",
			   ALTERNATIVES_MAX);
		return;
	}
	nft->rule = (struct nft_rule){ NULL, 0, 0 };
	nft->rule.alt = xgrow(NULL, &nft->rule.cap, n * old.n + 1,
			      sizeof(*old.alt));
	for (i = 0; i < old.n; i++)
		for (j = 0; j < n; j++)
			nft->rule.alt[nft->rule.n++] =
				flat_rule_copy(old.alt[i]);
	for (i = 0; i < old.n; i++)
		flat_rule_free(old.alt[i]);
	free(old.alt);
}

/* --- statements ---------------------------------------------------------- */

/* What a statement or an entry of a map does in the end; false: nothing. */
static bool read_verdict(struct nft *nft, const struct jdoc *stmt,
			 enum flat_verdict *verdict, char **target)
{
	static const struct {
		const char *name;
		enum flat_verdict verdict;
	} verdicts[] = {
		{ "accept", FLAT_ACCEPT }, { "drop", FLAT_DROP },
		{ "reject", FLAT_REJECT }, { "return", FLAT_RETURN },
		{ "continue", FLAT_CONTINUE }, { "jump", FLAT_JUMP },
		{ "goto", FLAT_GOTO },
	};
	const char *name;
	struct jdoc node, to;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verdicts); i++) {
		if (!json_object_get(stmt->value, verdicts[i].name))
			continue;
		*verdict = verdicts[i].verdict;
		*target = NULL;
		if (*verdict != FLAT_JUMP && *verdict != FLAT_GOTO)
			return true;
		if (!jdoc_get(nft->imp, stmt, verdicts[i].name, JDOC_OBJECT,
			      &node) ||
		    !jdoc_need(nft->imp, &node, "target", JDOC_STRING, &to))
			return true;
		name = json_string_value(to.value);
		*target = key_of(nft, name);
		return true;
	}
	return false;
}

static void decide(struct flat_rule *rule, enum flat_verdict verdict,
		   const char *target)
{
	rule->verdict = verdict;
	free(rule->target);
	rule->target = target ? xstrdup(target) : NULL;
}

/* {"vmap": {"key": ..., "data": {"set": [[value, verdict], ...]}}} */
static void read_vmap(struct nft *nft, const struct jdoc *vmap)
{
	struct nft_rule before, sum = { NULL, 0, 0 };
	struct jdoc key, data, array = { &data, "set", 0, NULL };
	const char *name;
	struct nft_set *map;
	size_t i, j;

	if (!jdoc_need(nft->imp, vmap, "key", JDOC_OBJECT, &key) ||
	    !jdoc_need(nft->imp, vmap, "data", JDOC_ANY, &data))
		return;
	name = json_string_value(data.value);
	array.value = json_object_get(data.value, "set");
	if (name && name[0] == '@') {
		map = nft_find_set(nft, name + 1);
		array.value = map ? json_object_get(map->obj, "elem") : NULL;
		if (map)
			array = (struct jdoc){ &map->node, "elem", 0,
					       array.value };
	}
	if (!json_is_array(array.value)) {
		nft_refuse(nft, &data, "this map is not here or empty");
		return;
	}
	before = nft->rule;
	for (i = 0; i < json_array_size(array.value) && !nft->refused; i++) {
		struct jdoc pair = { &array, NULL, i,
				     json_array_get(array.value, i) };
		struct jdoc value = { &pair, NULL, 0,
				      json_array_get(pair.value, 0) };
		struct jdoc what = { &pair, NULL, 1,
				     json_array_get(pair.value, 1) };
		enum flat_verdict verdict = FLAT_CONTINUE;
		char *target = NULL;

		nft->rule = before;
		nft->rule.alt = NULL;
		nft->rule.cap = 0;
		nft->rule.alt = xgrow(NULL, &nft->rule.cap, before.n + 1,
				      sizeof(*before.alt));
		for (j = 0; j < before.n; j++)
			nft->rule.alt[j] = flat_rule_copy(before.alt[j]);
		if (!value.value || !what.value ||
		    !read_verdict(nft, &what, &verdict, &target))
			jdoc_error(nft->imp, &pair, "this is not a value and a verdict");
		else
			nft_match_value(nft, &key, &value, "==");
		for (j = 0; j < nft->rule.n; j++) {
			decide(nft->rule.alt[j], verdict, target);
			sum.alt = xgrow(sum.alt, &sum.cap, sum.n + 1,
					sizeof(*sum.alt));
			sum.alt[sum.n++] = nft->rule.alt[j];
		}
		free(target);
		free(nft->rule.alt);
	}
	for (j = 0; j < before.n; j++)
		flat_rule_free(before.alt[j]);
	free(before.alt);
	nft->rule = sum;
}

static void read_limit(struct nft *nft, const struct jdoc *limit)
{
	static const char *const units[] = { "second", "minute", "hour", NULL };
	struct sfw_rate rate = { 0 };
	long long count = 0, burst = 0;
	const char *per, *unit;
	struct jdoc node;

	if (!json_is_object(limit->value)) {
		nft_refuse(nft, limit,
			   "a limit by name counts for all rules that name it, and sfw limits single rules");
		return;
	}
	unit = jdoc_text(limit, "rate_unit");
	if (json_is_true(json_object_get(limit->value, "inv"))) {
		nft_refuse(nft, limit,
			   "what is over a limit cannot be asked for, only what is within");
		return;
	}
	if (unit && strcmp(unit, "packets")) {
		nft_refuse(nft, limit, "sfw limits packets, not %s", unit);
		return;
	}
	if (!jdoc_need(nft->imp, limit, "rate", JDOC_INTEGER, &node) ||
	    !jdoc_integer(nft->imp, limit, "rate", 1, U32_MAX, &count) ||
	    !jdoc_need(nft->imp, limit, "per", JDOC_STRING, &node))
		return;
	jdoc_integer(nft->imp, limit, "burst", 0, U32_MAX, &burst);
	per = json_string_value(node.value);
	if (names_index(units, per) < 0) {
		nft_refuse(nft, &node, "a rate here is per second, minute or hour");
		return;
	}
	if (nft->rule.n > 1) {
		nft_refuse(nft, limit,
			   "a limit together with a set of several values needs several rules, and it counts for one");
		return;
	}
	rate.unit = names_index(units, per);
	rate.count = count;
	rate.burst = burst == SFW_RATE_BURST_DEFAULT ? 0 : burst;
	if (nft->rule.n) {
		nft->rule.alt[0]->match.limit = rate;
		nft->rule.alt[0]->match.flags |= SFW_RULE_F_LIMIT;
	}
}

static void read_log(struct nft *nft, const struct jdoc *log)
{
	char *prefix = import_comment(jdoc_text(log, "prefix"));
	size_t i;

	for (i = 0; i < nft->rule.n; i++) {
		struct sfw_rule *m = &nft->rule.alt[i]->match;

		m->flags |= SFW_RULE_F_LOG;
		if (!m->comment && prefix)
			m->comment = xstrdup(prefix);
	}
	free(prefix);
}

static void read_statement(struct nft *nft, const struct jdoc *stmt,
			   const char **acted)
{
	enum flat_verdict verdict;
	const char *name;
	char *target;
	struct jdoc node;
	json_t *value;
	size_t i;

	if (read_verdict(nft, stmt, &verdict, &target)) {
		for (i = 0; i < nft->rule.n; i++)
			decide(nft->rule.alt[i], verdict, target);
		free(target);
		return;
	}
	json_object_foreach(stmt->value, name, value) {
		node = (struct jdoc){ stmt, name, 0, value };
		if (*acted && (!strcmp(name, "match") || !strcmp(name, "vmap")))
			nft_refuse(nft, &node,
				   "it stands behind %s, which is about more packets then",
				   *acted);
		else if (!strcmp(name, "match"))
			nft_match(nft, &node);
		else if (!strcmp(name, "vmap"))
			read_vmap(nft, &node);
		else if (!strcmp(name, "limit"))
			read_limit(nft, &node);
		else if (!strcmp(name, "log"))
			read_log(nft, &node);
		else if (strcmp(name, "counter"))
			nft_refuse(nft, &node, "sfw has nothing for the statement '%s'",
				   name);
		if (!strcmp(name, "limit") || !strcmp(name, "log"))
			*acted = name;
		return;
	}
	jdoc_error(nft->imp, stmt, "this is an empty statement");
}

/* --- objects ------------------------------------------------------------- */

static u8 table_families(const char *family)
{
	if (!strcmp(family, "ip"))
		return SFW_FAMILY_4;
	if (!strcmp(family, "ip6"))
		return SFW_FAMILY_6;
	return !strcmp(family, "inet") ? FLAT_FAMILIES : 0;
}

/* Family, table and name of an object; false after a complaint. */
static bool read_names(struct nft *nft, const struct jdoc *obj,
		       const char *name_key, char **key)
{
	struct jdoc family, table, name;

	if (!jdoc_need(nft->imp, obj, "family", JDOC_STRING, &family) ||
	    !jdoc_need(nft->imp, obj, "table", JDOC_STRING, &table) ||
	    !jdoc_need(nft->imp, obj, name_key, JDOC_STRING, &name))
		return false;
	nft->family = json_string_value(family.value);
	nft->table = json_string_value(table.value);
	*key = key_of(nft, json_string_value(name.value));
	return true;
}

static void read_hook(struct nft *nft, const struct jdoc *obj,
		      struct flat_chain *chain)
{
	static const char *const hooks[] = {
		"input", "forward", "output", "prerouting", NULL,
	};
	const char *type = jdoc_text(obj, "type");
	const char *policy = jdoc_text(obj, "policy");
	const char *hook = jdoc_text(obj, "hook");
	int index = hook ? names_index(hooks, hook) : -1;

	if (policy && !strcmp(policy, "drop"))
		chain->policy = SFW_ACTION_DENY;
	if (!hook)
		return;
	if (chain->families && index >= 0 && type && !strcmp(type, "filter"))
		chain->hook = index;
	else if (chain->policy == SFW_ACTION_DENY)
		nft_refuse(nft, obj, "its policy drops, and sfw has no list of type %s at %s",
			   type ?: "?", hook);
	nft->refused = false;
}

static void read_chain(struct nft *nft, const struct jdoc *obj)
{
	struct flat_chain *chain;
	char *key;

	if (!read_names(nft, obj, "name", &key))
		return;
	if (flat_chain(&nft->flat, key, false)) {
		jdoc_error(nft->imp, obj, "there are two chains of this name");
	} else {
		chain = flat_chain(&nft->flat, key, true);
		chain->families = table_families(nft->family);
		read_hook(nft, obj, chain);
	}
	free(key);
}

static void read_set(struct nft *nft, const struct jdoc *obj)
{
	struct nft_set *set;
	char *key;

	if (!read_names(nft, obj, "name", &key))
		return;
	nft->sets = xgrow(nft->sets, &nft->cap_sets, nft->n_sets + 1,
			  sizeof(*nft->sets));
	set = &nft->sets[nft->n_sets++];
	set->key = key;
	set->obj = obj->value;
	/* Its parents do not live as long: the path begins at the set. */
	set->node = (struct jdoc){ obj->up->up, xstrdup(key), 0, obj->value };
	set->list = NULL;
}

/* A chain that is at no place of ours; its rules are refused one by one. */
static const char *foreign(const struct nft *nft, const json_t *chains,
			   const char *key)
{
	size_t i;
	json_t *entry;

	json_array_foreach(chains, i, entry) {
		json_t *chain = json_object_get(entry, "chain");
		const char *type = json_string_value(json_object_get(chain, "type"));
		const char *family = json_string_value(json_object_get(chain, "family"));
		const char *table = json_string_value(json_object_get(chain, "table"));
		const char *name = json_string_value(json_object_get(chain, "name"));
		struct flat_chain *known;
		char *own;

		if (!type || !family || !table || !name)
			continue;
		own = xasprintf("%s %s %s", family, table, name);
		known = strcmp(own, key) ? NULL :
			flat_chain((struct flat *)&nft->flat, key, false);
		free(own);
		if (known && known->hook == FLAT_NO_HOOK)
			return type;
	}
	return NULL;
}

static void read_rule(struct nft *nft, const struct jdoc *obj,
		      const json_t *all)
{
	struct jdoc chain_name, expr, stmt, handle;
	const char *acted = NULL, *strange;
	struct flat_chain *chain;
	struct flat_rule *rule;
	char *key, *where, *source;
	size_t i, errors = nft->imp->count[IMPORT_ERROR];

	if (!read_names(nft, obj, "chain", &key))
		return;
	chain = flat_chain(&nft->flat, key, false);
	if (!chain) {
		jdoc_need(nft->imp, obj, "chain", JDOC_STRING, &chain_name);
		jdoc_error(nft->imp, &chain_name, "there is no such chain");
		free(key);
		return;
	}
	where = jdoc_path(obj);
	source = jdoc_get(nft->imp, obj, "handle", JDOC_INTEGER, &handle) ?
		 xasprintf("%s handle %lld", key,
			   (long long)json_integer_value(handle.value)) :
		 xstrdup(key);
	rule = flat_rule_new(chain->families, where, source);
	rule->match.comment = import_comment(jdoc_text(obj, "comment"));
	nft->rule.alt = xgrow(NULL, &nft->rule.cap, 1, sizeof(rule));
	nft->rule.alt[0] = rule;
	nft->rule.n = 1;
	nft->refused = false;
	strange = foreign(nft, all, key);
	if (strange) {
		nft_refuse(nft, obj,
			   "it is in a chain of type %s that is at no place where sfw filters",
			   strange);
	} else if (jdoc_need(nft->imp, obj, "expr", JDOC_ARRAY, &expr)) {
		for (i = 0; i < json_array_size(expr.value) && !nft->refused;
		     i++)
			if (jdoc_element(nft->imp, &expr, i, JDOC_OBJECT,
					 &stmt))
				read_statement(nft, &stmt, &acted);
	}
	for (i = 0; i < nft->rule.n; i++) {
		if (nft->refused || errors != nft->imp->count[IMPORT_ERROR])
			flat_rule_free(nft->rule.alt[i]);
		else
			flat_append(chain, nft->rule.alt[i]);
	}
	free(nft->rule.alt);
	nft->rule = (struct nft_rule){ NULL, 0, 0 };
	free(source);
	free(where);
	free(key);
}

/* Every object of a kind, in the order of the document. */
static void each(struct nft *nft, const struct jdoc *all, const char *kind,
		 void (*read)(struct nft *nft, const struct jdoc *obj))
{
	struct jdoc entry, obj;
	size_t i;

	for (i = 0; i < json_array_size(all->value); i++) {
		/* The first round has complained about what is none. */
		if (read != read_chain &&
		    !json_is_object(json_array_get(all->value, i)))
			continue;
		if (!jdoc_element(nft->imp, all, i, JDOC_OBJECT, &entry) ||
		    !jdoc_get(nft->imp, &entry, kind, JDOC_OBJECT, &obj))
			continue;
		if (read)
			read(nft, &obj);
		else
			read_rule(nft, &obj, all->value);
	}
}

void import_nft(struct import *imp)
{
	struct nft nft = {
		.imp = imp,
		.flat.imp = imp,
		.flat.complete = true,
	};
	struct jdoc top, all;
	size_t i;

	if (!jdoc_load(imp, &top))
		return;
	if (!json_is_object(top.value) ||
	    !json_object_get(top.value, "nftables")) {
		jdoc_error(imp, &top,
			   "this is not what \"nft -j list ruleset\" writes: an object with nftables");
	} else if (jdoc_get(imp, &top, "nftables", JDOC_ARRAY, &all)) {
		each(&nft, &all, "chain", read_chain);
		each(&nft, &all, "set", read_set);
		each(&nft, &all, "map", read_set);
		each(&nft, &all, "rule", NULL);
		if (!imp->count[IMPORT_ERROR])
			flat_build(&nft.flat);
	}
	flat_free(&nft.flat);
	for (i = 0; i < nft.n_sets; i++) {
		free(nft.sets[i].key);
		free((char *)nft.sets[i].node.key);
		sfw_list_put(nft.sets[i].list);
	}
	free(nft.sets);
	json_decref(top.value);
}
