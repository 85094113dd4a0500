// SPDX-License-Identifier: GPL-2.0
/*
 * From words to struct meter_config.
 *
 *	op=run		packets of @flows flows, at random (order=seq: in turn)
 *	   new		every packet begins a flow, the first is number @start
 *	   setup	establish the flows: UDP there and back, TCP handshakes
 *	   flood	as new, from addresses and ports all over the place that
 *			never come twice, and @mix established packets of
 *			@flows flows after each batch, timed apart
 *	   hook		on=1: register a hook at PRE_ROUTING that does nothing,
 *			on=0: remove it
 *	   clock	cpu_us=, what the machine has spent on the guest, on
 *			its kernel and on processes that have ended
 *	family=4|6	proto=tcp|udp	dev=NAME (b0)
 *	hooks=pre|both	PRE_ROUTING, or LOCAL_IN as well (pre for run, both for
 *			the others: nf_conntrack confirms at LOCAL_IN)
 *	sbase= dbase=	addresses, 198.18.0.0 and 203.0.113.1, 2001:db8:1:: and
 *			2001:db8:2::1	nsrc=65536
 *	sport=1024 dport=53 payload=18 flows=1 start=0 pkts=1000000 seed=
 *	batch=64	packets that are built and timed together, 1 to 64
 *	mix=16		of op=flood, 0 to 64
 *	csum=done|check	done: the device has checked them, as most do
 *
 * No state, no locks.
 */
#include <linux/in.h>
#include <linux/inet.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/string.h>

#include "config.h"

struct word {
	const char *text;
	int value;
};

static const struct word ops[] = {
	{ "run", METER_RUN },
	{ "new", METER_NEW },
	{ "setup", METER_SETUP },
	{ "flood", METER_FLOOD },
	{ "hook", METER_HOOK },
	{ "clock", METER_CLOCK },
	{ }
};

static const struct word protos[] = {
	{ "tcp", IPPROTO_TCP },
	{ "udp", IPPROTO_UDP },
	{ "6", IPPROTO_TCP },
	{ "17", IPPROTO_UDP },
	{ }
};

static const struct word families[] = { { "4", 0 }, { "6", 1 }, { } };
static const struct word hooks[] = { { "pre", 0 }, { "both", 1 }, { } };
static const struct word orders[] = { { "rand", 0 }, { "seq", 1 }, { } };
static const struct word csums[] = { { "done", 0 }, { "check", 1 }, { } };
static const struct word bools[] = { { "0", 0 }, { "1", 1 }, { } };

/* The value of a word, or -1. */
static int find(const struct word *list, const char *text)
{
	for (; list->text; list++)
		if (!strcmp(list->text, text))
			return list->value;
	return -1;
}

/* IPv4 addresses are kept in the last four bytes. */
static bool parse_address(struct in6_addr *addr, const char *text, bool v6)
{
	memset(addr, 0, sizeof(*addr));
	if (v6)
		return in6_pton(text, -1, addr->s6_addr, -1, NULL);
	return in4_pton(text, -1, addr->s6_addr + 12, -1, NULL);
}

/* Texts whose meaning depends on words that may come later. */
struct later {
	const char *hooks;
	const char *sbase;
	const char *dbase;
};

static bool parse_word(struct meter_config *c, const char *key,
		       const char *value, struct later *later)
{
	const struct {
		const char *key;
		u32 *number;
		u32 min;
		u32 max;
	} numbers[] = {
		{ "nsrc", &c->sources, 1, 1U << 31 },
		{ "sport", &c->sport, 1, 65535 },
		{ "dport", &c->dport, 1, 65535 },
		{ "payload", &c->payload, 0, 1400 },
		{ "flows", &c->flows, 1, U32_MAX },
		{ "start", &c->start, 0, U32_MAX },
		{ "pkts", &c->pkts, 1, U32_MAX },
		{ "seed", &c->seed, 1, U32_MAX },
		{ "batch", &c->batch, 1, METER_BATCH },
		{ "mix", &c->mix, 0, METER_BATCH },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(key, numbers[i].key))
			return !kstrtou32(value, 0, numbers[i].number) &&
			       *numbers[i].number >= numbers[i].min &&
			       *numbers[i].number <= numbers[i].max;
	if (!strcmp(key, "dev"))
		return strscpy(c->dev, value, sizeof(c->dev)) > 0;
	if (!strcmp(key, "hooks")) {
		later->hooks = value;
		return true;
	}
	if (!strcmp(key, "sbase")) {
		later->sbase = value;
		return true;
	}
	if (!strcmp(key, "dbase")) {
		later->dbase = value;
		return true;
	}

	if (!strcmp(key, "op")) {
		i = find(ops, value);
		c->op = i;
	} else if (!strcmp(key, "proto")) {
		i = find(protos, value);
		c->proto = i;
	} else if (!strcmp(key, "family")) {
		i = find(families, value);
		c->v6 = i;
	} else if (!strcmp(key, "order")) {
		i = find(orders, value);
		c->in_order = i;
	} else if (!strcmp(key, "csum")) {
		i = find(csums, value);
		c->check = i;
	} else if (!strcmp(key, "on")) {
		i = find(bools, value);
		c->on = i;
	} else {
		return false;
	}
	return i >= 0;
}

/**
 * meter_config_parse() - understand what was written
 * @config: filled, with defaults for what @words does not say
 * @words: KEY=VALUE, between blanks; is cut into pieces
 * @wrong: on an error, what is wrong: a part of @words or a sentence
 *
 * Return: 0 or -EINVAL.
 */
int meter_config_parse(struct meter_config *config, char *words,
		       const char **wrong)
{
	struct meter_config *c = config;
	struct later later = { };
	char *key, *value;
	int both;

	*c = (struct meter_config){
		.op = METER_RUN,
		.proto = IPPROTO_UDP,
		.dev = "b0",
		.sources = 65536,
		.sport = 1024,
		.dport = 53,
		.payload = 18,
		.flows = 1,
		.pkts = 1000000,
		.seed = 2463534242U,
		.batch = METER_BATCH,
		.mix = 16,
	};
	while ((key = strsep(&words, " \t\n"))) {
		if (!*key)
			continue;
		*wrong = key;
		value = strchr(key, '=');
		if (!value)
			return -EINVAL;
		*value++ = '\0';
		if (!parse_word(c, key, value, &later))
			return -EINVAL;
	}

	*wrong = "sbase is not an address of the family";
	if (!later.sbase)
		later.sbase = c->v6 ? "2001:db8:1::" : "198.18.0.0";
	if (!parse_address(&c->src, later.sbase, c->v6))
		return -EINVAL;
	*wrong = "dbase is not an address of the family";
	if (!later.dbase)
		later.dbase = c->v6 ? "2001:db8:2::1" : "203.0.113.1";
	if (!parse_address(&c->dst, later.dbase, c->v6))
		return -EINVAL;
	*wrong = "hooks can be pre or both";
	if (!later.hooks)
		later.hooks = c->op == METER_RUN ? "pre" : "both";
	both = find(hooks, later.hooks);
	if (both < 0)
		return -EINVAL;
	c->local_in = both;

	*wrong = "nsrc has to be a power of 2";
	if (!is_power_of_2(c->sources))
		return -EINVAL;
	*wrong = "not so many flows with nsrc sources and 65535 ports";
	if (c->sport + ((u64)c->start + (c->op == METER_NEW ? c->pkts :
					 c->flows) - 1) / c->sources > 65535)
		return -EINVAL;
	return 0;
}
