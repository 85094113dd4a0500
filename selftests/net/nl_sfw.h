/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The requests that the netlink tests have in common: transactions made of
 * plain rules and sets, and a fingerprint of what is running.
 */
#ifndef _SFW_SELFTEST_NL_SFW_H
#define _SFW_SELFTEST_NL_SFW_H

#include <arpa/inet.h>

#include "kselftest.h"
#include "nl.h"

/* Message under construction; a test has one at a time. */
static struct nl_msg msg;

static inline int sfw_begin(struct nl *nl, bool clone, int expect)
{
	nl_cmd(nl, &msg, SFW_CMD_TX_BEGIN);
	if (clone)
		nl_flag(&msg, SFW_A_CLONE);
	if (expect >= 0)
		nl_u32(&msg, SFW_A_EXPECT_GENERATION, expect);
	return nl_call(nl, &msg);
}

static inline int sfw_commit(struct nl *nl, bool dry_run)
{
	nl_cmd(nl, &msg, SFW_CMD_TX_COMMIT);
	if (dry_run)
		nl_flag(&msg, SFW_A_DRY_RUN);
	return nl_call(nl, &msg);
}

/* A command without attributes. */
static inline int sfw_plain(struct nl *nl, __u8 cmd)
{
	nl_cmd(nl, &msg, cmd);
	return nl_call(nl, &msg);
}

/* "DIR NUMBER allow tcp to port PORT" into @m. */
static inline void sfw_put_rule(struct nl_msg *m, int direction, int number,
				int port)
{
	size_t rule = nl_nest(m, SFW_A_RULE), list, elem;

	nl_u8(m, SFW_RULE_DIRECTION, direction);
	nl_u32(m, SFW_RULE_NUMBER, number);
	nl_u8(m, SFW_RULE_ACTION, SFW_ACTION_ALLOW);
	nl_u8(m, SFW_RULE_PROTOCOL, 6);
	list = nl_nest(m, SFW_RULE_TO_PORT);
	elem = nl_nest(m, SFW_LIST_PORT);
	nl_u16(m, SFW_PORT_FIRST, port);
	nl_end(m, elem);
	nl_end(m, list);
	nl_end(m, rule);
}

static inline int sfw_add_rule(struct nl *nl, int direction, int number)
{
	nl_cmd(nl, &msg, SFW_CMD_TX_ADD);
	sfw_put_rule(&msg, direction, number, number % 65535);
	return nl_call(nl, &msg);
}

/* Rules FIRST..LAST, many to a message. */
static inline int sfw_add_rules(struct nl *nl, int direction, int first,
				int last)
{
	int err = 0;

	while (!err && first <= last) {
		nl_cmd(nl, &msg, SFW_CMD_TX_ADD);
		while (first <= last && msg.len < 30000) {
			sfw_put_rule(&msg, direction, first, first % 65535);
			first++;
		}
		err = nl_call(nl, &msg);
	}
	return err;
}

/*
 * Addresses FIRST.. of 10.0.0.0/8, every second one, so that nothing can be
 * merged; N of them to the set @name.
 */
static inline int sfw_add_set(struct nl *nl, const char *name, __u32 first,
			      __u32 n, bool append)
{
	int err = 0;

	while (!err && n) {
		size_t set, elem;

		nl_cmd(nl, &msg, SFW_CMD_TX_ADD);
		set = nl_nest(&msg, SFW_A_SET);
		nl_str(&msg, SFW_LIST_NAME, name);
		if (append)
			nl_flag(&msg, SFW_LIST_APPEND);
		while (n && msg.len < 60000) {
			__u32 addr = htonl(0x0a000000 + 2 * first);

			elem = nl_nest(&msg, SFW_LIST_ADDR);
			nl_put(&msg, SFW_ADDR_FIRST, &addr, sizeof(addr));
			nl_end(&msg, elem);
			first++;
			n--;
		}
		nl_end(&msg, set);
		append = true;
		err = nl_call(nl, &msg);
	}
	return err;
}

/* What a namespace runs, without figures that move by themselves. */
struct sfw_seen {
	__u64 hash;
	int gen;		/* of the status */
	int mode;		/* -1: no rule set */
	int rules;
	int sets;
	bool ordered;		/* rules came ascending, in before out */
	int last;		/* its direction * 100000 + number */
};

static inline void sfw_hash(struct sfw_seen *seen, const struct nlattr *a)
{
	const __u8 *p = (const __u8 *)a;
	int i;

	for (i = 0; a && i < a->nla_len; i++)
		seen->hash = (seen->hash ^ p[i]) * 0x100000001b3ULL;
}

static inline void sfw_seen_cb(const struct nlmsghdr *h, void *arg)
{
	static const int stable[] = {
		SFW_A_GENERATION, SFW_A_MODE, SFW_A_AUDIT, SFW_A_DEFAULT_IN,
		SFW_A_DEFAULT_OUT, SFW_A_OPTIONS, SFW_A_EFFECTIVE,
		SFW_A_RULES_IN, SFW_A_RULES_OUT,
	};
	const char *p = (const char *)h + NLMSG_HDRLEN + GENL_HDRLEN;
	size_t len = h->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, i;
	const struct genlmsghdr *g = NLMSG_DATA(h);
	struct sfw_seen *seen = arg;
	const struct nlattr *a;
	int key;

	if (g->cmd == SFW_CMD_STATUS_GET) {
		for (i = 0; i < ARRAY_SIZE(stable); i++)
			sfw_hash(seen, nl_top(h, stable[i]));
		a = nl_top(h, SFW_A_GENERATION);
		seen->gen = a ? (int)nl_get_u32(a) : -1;
		a = nl_top(h, SFW_A_MODE);
		seen->mode = a ? nl_get_u8(a) : -1;
		return;
	}
	while ((a = nl_first(p, len))) {
		int type = a->nla_type & NLA_TYPE_MASK;
		size_t step = NLA_ALIGN(a->nla_len);

		if (type == SFW_A_SET) {
			seen->sets++;
			sfw_hash(seen, a);
		} else if (type == SFW_A_RULE) {
			const struct nlattr *d = nl_sub(a, SFW_RULE_DIRECTION);
			const struct nlattr *n = nl_sub(a, SFW_RULE_NUMBER);

			seen->rules++;
			sfw_hash(seen, a);
			key = d && n ? nl_get_u8(d) * 100000 + (int)nl_get_u32(n) : 0;
			if (key <= seen->last)
				seen->ordered = false;
			seen->last = key;
		}
		if (step >= len)
			break;
		p += step;
		len -= step;
	}
}

static inline void sfw_seen_init(struct sfw_seen *seen)
{
	memset(seen, 0, sizeof(*seen));
	seen->hash = 0xcbf29ce484222325ULL;
	seen->ordered = true;
}

/* Fill @seen; the first error of the three requests it takes. */
static inline int sfw_look(struct nl *nl, struct sfw_seen *seen)
{
	int err;

	sfw_seen_init(seen);
	nl_cmd(nl, &msg, SFW_CMD_STATUS_GET);
	err = nl_send(nl, &msg) ?: nl_answer(nl, sfw_seen_cb, seen);
	if (err || seen->mode < 0)
		return err;
	nl_cmd(nl, &msg, SFW_CMD_SET_GET);
	err = nl_dump(nl, &msg, sfw_seen_cb, seen);
	if (err)
		return err;
	nl_cmd(nl, &msg, SFW_CMD_RULE_GET);
	return nl_dump(nl, &msg, sfw_seen_cb, seen);
}

/* Load a set of N rules from nothing. */
static inline int sfw_load(struct nl *nl, int n)
{
	return sfw_begin(nl, false, -1) ?:
	       sfw_add_rules(nl, SFW_DIRECTION_IN, 1, n) ?:
	       sfw_commit(nl, false);
}

#endif /* _SFW_SELFTEST_NL_SFW_H */
