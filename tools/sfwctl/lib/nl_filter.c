// SPDX-License-Identifier: GPL-2.0
/*
 * FILTER words: which connections are meant.
 *
 * The kernel does the filtering, so that "how many" does not cost a dump of
 * the whole table. Words are pairs of a key and a value; all have to hold.
 */
#include <stdio.h>
#include <string.h>

#include "nl_encode.h"
#include "nl_filter.h"
#include "parse.h"
#include "print.h"

enum key {
	KEY_DIR,
	KEY_PROTO,
	KEY_SRC,
	KEY_DST,
	KEY_ADDR,
	KEY_SPORT,
	KEY_DPORT,
	KEY_PORT,
	KEY_STATE,
	KEY_RULE,
	KEY_ON,
	KEY_REASON,
	N_KEYS,
};

static const struct {
	const char *name;
	const char *value;	/* what may follow */
} keys[N_KEYS] = {
	[KEY_DIR]	= { "dir", "in or out" },
	[KEY_PROTO]	= { "proto", "a protocol, such as tcp, or its number" },
	[KEY_SRC]	= { "src", "an address, or a network such as 10.0.0.0/8" },
	[KEY_DST]	= { "dst", "an address, or a network such as 10.0.0.0/8" },
	[KEY_ADDR]	= { "addr", "an address, or a network such as 10.0.0.0/8" },
	[KEY_SPORT]	= { "sport", "a port, or a range such as 1024-65535" },
	[KEY_DPORT]	= { "dport", "a port, or a range such as 1024-65535" },
	[KEY_PORT]	= { "port", "a port, or a range such as 1024-65535" },
	[KEY_STATE]	= { "state", "a state, such as tcp-established" },
	[KEY_RULE]	= { "rule", "a rule such as in:120, or in:* for the default" },
	[KEY_ON]	= { "on", "the whole name of an interface" },
	[KEY_REASON]	= { "reason", "a reason for drops, such as invalid_window" },
};

/* tcp-established, established, estab: the name, or a unique start of it. */
static int find_state(const char *word, char *candidates, size_t size)
{
	size_t len = strlen(word), used = 0;
	int state, found = -1, n = 0;

	state = parse_state(word);
	if (state >= 0)
		return state;
	*candidates = '\0';
	for (state = 0; state <= SFW_STATE_MAX; state++) {
		const char *name = sfw_option_state_name((u8)state);
		const char *tail = strncmp(name, "tcp-", 4) ? name : name + 4;

		if (!strcmp(tail, word))
			return state;
		if (*word && strncmp(name, word, len) &&
		    strncmp(tail, word, len))
			continue;
		found = state;
		n++;
		if (used < size)
			used += snprintf(candidates + used, size - used,
					 "%s%s", used ? ", " : "", name);
	}
	return n == 1 ? found : -1;
}

static bool set_state(struct nl_filter *filter, const char *word)
{
	char candidates[256];
	int state = find_state(word, candidates, sizeof(candidates));

	if (state < 0) {
		if (*candidates)
			out_err("state '%s' may be: %s", word, candidates);
		else
			out_err("'%s' is no state", word);
		return false;
	}
	filter->state = (u8)state;
	return true;
}

static bool set_rule(struct nl_filter *filter, const char *word)
{
	const char *colon = strchr(word, ':');
	char direction[16];
	int dir, number;

	if (!colon || colon - word >= (ptrdiff_t)sizeof(direction))
		return false;
	memcpy(direction, word, colon - word);
	direction[colon - word] = '\0';
	dir = parse_direction(direction);
	number = strcmp(colon + 1, "*") ? parse_rule_number(colon + 1) : 0;
	if (dir < 0 || number < 0)
		return false;
	filter->rule_direction = (u8)dir;
	filter->rule_number = (u32)number;
	return true;
}

static bool set_protocol(struct nl_filter *filter, const char *word)
{
	int protocol = parse_protocol(word);

	/* "any" is what there is without this word. */
	if (protocol < 0 || protocol > 255)
		return false;
	filter->protocol = (u8)protocol;
	return true;
}

static bool set_reason(struct nl_filter *filter, const char *word)
{
	u8 reason;

	for (reason = 0; reason <= SFW_REASON_MAX; reason++) {
		if (strcmp(print_reasons[reason], word))
			continue;
		filter->reason = reason;
		return true;
	}
	return false;
}

static bool set_value(struct nl_filter *filter, enum key key, const char *word)
{
	int dir;

	switch (key) {
	case KEY_DIR:
		dir = parse_direction(word);
		filter->direction = (u8)dir;
		return dir >= 0;
	case KEY_PROTO:
		return set_protocol(filter, word);
	case KEY_SRC:
		return parse_addr(word, &filter->src);
	case KEY_DST:
		return parse_addr(word, &filter->dst);
	case KEY_ADDR:
		return parse_addr(word, &filter->addr);
	case KEY_SPORT:
		return parse_ports(word, &filter->sport);
	case KEY_DPORT:
		return parse_ports(word, &filter->dport);
	case KEY_PORT:
		return parse_ports(word, &filter->port);
	case KEY_RULE:
		return set_rule(filter, word);
	case KEY_ON:
		filter->ifname = word;
		return *word && strlen(word) <= SFW_IFNAME_MAX &&
		       !strpbrk(word, "*!");
	case KEY_REASON:
		return set_reason(filter, word);
	case KEY_STATE:
	case N_KEYS:
		break;
	}
	return false;
}

static int find_key(const char *word)
{
	int key;

	for (key = 0; key < N_KEYS; key++)
		if (!strcmp(keys[key].name, word))
			return key;
	out_err("unknown filter word '%s'; there are: dir, proto, src, dst, addr, sport, dport, port, state, rule, on, reason",
		word);
	return -1;
}

enum rc nl_filter_parse(struct nl_filter *filter, int argc, char **argv)
{
	int i;

	memset(filter, 0, sizeof(*filter));
	for (i = 0; i < argc; i += 2) {
		const char *value = argv[i + 1];
		int key = find_key(argv[i]);

		if (key < 0)
			return RC_USAGE;
		if (i + 1 == argc) {
			out_err("'%s' needs %s", argv[i], keys[key].value);
			return RC_USAGE;
		}
		if (filter->given & BIT(key)) {
			out_err("'%s' is there twice; every word has to hold, so one is enough",
				argv[i]);
			return RC_USAGE;
		}
		filter->given |= BIT(key);
		if (key == KEY_STATE) {
			if (!set_state(filter, value))
				return RC_USAGE;
		} else if (!set_value(filter, (enum key)key, value)) {
			out_err("'%s %s': '%s' needs %s", argv[i], value,
				argv[i], keys[key].value);
			return RC_USAGE;
		}
	}
	return RC_OK;
}

bool nl_filter_no_conn(const struct nl_filter *filter)
{
	return filter->given & BIT(KEY_REASON);
}

static bool addr_in(const struct sfw_elem *elem, u8 family,
		    const struct sfw_addr *addr)
{
	return elem->family == family &&
	       sfw_addr_cmp(addr, &elem->first) >= 0 &&
	       sfw_addr_cmp(addr, &elem->last) <= 0;
}

static bool port_in(const struct sfw_elem *elem, u16 port)
{
	return port >= elem->first.lo && port <= elem->last.lo;
}

/* As the kernel does it for connections, see sfw_codec_filter_match(). */
static bool match_ends(const struct nl_filter *f, const struct nl_subject *s)
{
	u32 given = f->given;

	if ((given & BIT(KEY_SRC)) && !addr_in(&f->src, s->family, &s->src))
		return false;
	if ((given & BIT(KEY_DST)) && !addr_in(&f->dst, s->family, &s->dst))
		return false;
	if ((given & BIT(KEY_ADDR)) &&
	    !addr_in(&f->addr, s->family, &s->src) &&
	    !addr_in(&f->addr, s->family, &s->dst))
		return false;
	if (!(given & (BIT(KEY_SPORT) | BIT(KEY_DPORT) | BIT(KEY_PORT))))
		return true;
	if (!s->has_ports)
		return false;
	if ((given & BIT(KEY_SPORT)) && !port_in(&f->sport, s->sport))
		return false;
	if ((given & BIT(KEY_DPORT)) && !port_in(&f->dport, s->dport))
		return false;
	return !(given & BIT(KEY_PORT)) || port_in(&f->port, s->sport) ||
	       port_in(&f->port, s->dport);
}

bool nl_filter_match(const struct nl_filter *f, const struct nl_subject *s)
{
	u32 given = f->given;

	if ((given & BIT(KEY_DIR)) && f->direction != s->direction)
		return false;
	if ((given & BIT(KEY_PROTO)) &&
	    (!s->family || f->protocol != s->protocol))
		return false;
	if ((given & BIT(KEY_STATE)) && (!s->has_state || f->state != s->state))
		return false;
	if ((given & BIT(KEY_REASON)) &&
	    (!s->has_reason || f->reason != s->reason))
		return false;
	if ((given & BIT(KEY_RULE)) &&
	    (!s->has_rule || f->rule_direction != s->rule_direction ||
	     f->rule_number != s->rule_number))
		return false;
	if ((given & BIT(KEY_ON)) && strcmp(f->ifname, s->ifname))
		return false;
	return match_ends(f, s);
}

bool nl_filter_put(struct nlmsghdr *nlh, size_t size,
		   const struct nl_filter *filter)
{
	const struct {
		enum key key;
		u16 type;
		u8 value;
	} numbers[] = {
		{ KEY_DIR, SFW_FILTER_DIRECTION, filter->direction },
		{ KEY_PROTO, SFW_FILTER_PROTOCOL, filter->protocol },
		{ KEY_STATE, SFW_FILTER_STATE, filter->state },
		{ KEY_RULE, SFW_FILTER_RULE_DIRECTION, filter->rule_direction },
	};
	const struct {
		enum key key;
		u16 type;
		const struct sfw_elem *elem;
		bool (*put)(struct nlmsghdr *nlh, size_t size, u16 type,
			    const struct sfw_elem *elem);
	} elems[] = {
		{ KEY_SRC, SFW_FILTER_SRC, &filter->src, nl_put_addr },
		{ KEY_DST, SFW_FILTER_DST, &filter->dst, nl_put_addr },
		{ KEY_ADDR, SFW_FILTER_ADDR, &filter->addr, nl_put_addr },
		{ KEY_SPORT, SFW_FILTER_SPORT, &filter->sport, nl_put_port },
		{ KEY_DPORT, SFW_FILTER_DPORT, &filter->dport, nl_put_port },
		{ KEY_PORT, SFW_FILTER_PORT, &filter->port, nl_put_port },
	};
	struct nlattr *nest;
	bool ok = true;
	size_t i;

	if (!filter->given)
		return true;
	nest = mnl_attr_nest_start_check(nlh, size, SFW_A_FILTER);
	if (!nest)
		return false;
	for (i = 0; ok && i < ARRAY_SIZE(numbers); i++)
		if (filter->given & BIT(numbers[i].key))
			ok = mnl_attr_put_u8_check(nlh, size, numbers[i].type,
						   numbers[i].value);
	for (i = 0; ok && i < ARRAY_SIZE(elems); i++)
		if (filter->given & BIT(elems[i].key))
			ok = elems[i].put(nlh, size, elems[i].type,
					  elems[i].elem);
	if (filter->given & BIT(KEY_RULE))
		ok = ok && mnl_attr_put_u32_check(nlh, size,
						  SFW_FILTER_RULE_NUMBER,
						  filter->rule_number);
	if (filter->given & BIT(KEY_ON))
		ok = ok && mnl_attr_put_strz_check(nlh, size,
						   SFW_FILTER_INTERFACE,
						   filter->ifname);
	if (ok)
		mnl_attr_nest_end(nlh, nest);
	else
		mnl_attr_nest_cancel(nlh, nest);
	return ok;
}
