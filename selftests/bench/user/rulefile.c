// SPDX-License-Identifier: GPL-2.0
/*
 * Rule files like those that people have, for timing what reads them.
 *
 * usage: rulefile acl|firewall|chain ipv4|ipv6 specific|users stateful|stateless
 *		N [SEED]
 *
 * The rules are those of gen.c, three of four in, the others out; what no rule
 * allows is denied. In a stateless file each rule that allows what has replies
 * is followed by its return rule in the other direction, as the narrowest line
 * that lets the replies pass, but for one in fifty, which was forgotten. N
 * counts these, too.
 */
#include <stdio.h>
#include <string.h>

#include <icmp.h>
#include "gen.h"
#include "print.h"

/* Of 1,000: rules in; return rules that are forgotten. */
#define IN		750
#define FORGOTTEN	20

/* The ports of those who begin connections. */
#define CLIENT_LO	1024
#define CLIENT_HI	65535

struct writer {
	struct gen_rnd rnd;
	u32 left;		/* rules to be written */
	u32 number[2];
	u32 step;
};

static void fail(const char *what)
{
	fprintf(stderr, "rulefile: %s\n"
		"usage: rulefile acl|firewall|chain ipv4|ipv6 specific|users stateful|stateless N [SEED]\n",
		what);
	exit(2);
}

static int one_of(const char *word, const char *(*name)(int), int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (!strcmp(word, name(i)))
			return i;
	fail(word);
	return -1;
}

static const char *kind_name(int i)
{
	return gen_kind_name(i);
}

static const char *order_name(int i)
{
	return gen_order_name(i);
}

static const char *family_name(int i)
{
	return i ? "ipv6" : "ipv4";
}

static const char *mode_name(int i)
{
	return print_modes[i];
}

static void write_rule(struct writer *w, struct sfw_rule *rule)
{
	char *text;

	if (!w->left)
		return;
	w->left--;
	w->number[rule->direction] += w->step;
	rule->number = w->number[rule->direction];
	text = print_rule_text(rule);
	puts(text);
	free(text);
}

/* Has it replies, and which of ICMP? */
static bool turn(struct sfw_rule *rule)
{
	struct sfw_list *list;
	int type;

	if (rule->flags & SFW_RULE_F_ICMP_TYPE) {
		if (sfw_icmp_class(rule->protocol, rule->icmp_type) !=
		    SFW_ICMP_QUERY)
			return false;
		for (type = 0; type < 256; type++)
			if (sfw_icmp_class(rule->protocol, type) ==
			    SFW_ICMP_REPLY &&
			    sfw_icmp_query_type(rule->protocol, type) ==
			    rule->icmp_type)
				break;
		rule->icmp_type = type;
	}
	list = rule->from;
	rule->from = rule->to;
	rule->to = list;
	list = rule->from_port;
	rule->from_port = rule->to_port;
	rule->to_port = list;
	rule->direction = !rule->direction;
	rule->flags |= SFW_RULE_F_RETURN;
	return true;
}

static void write_return(struct writer *w, const struct sfw_rule *rule)
{
	struct sfw_rule back = *rule;
	struct sfw_list *ports = NULL;

	if (rule->action != SFW_ACTION_ALLOW || !turn(&back) ||
	    gen_rnd_below(&w->rnd, 1000) < FORGOTTEN)
		return;
	if (!back.to_port && back.flags & SFW_RULE_F_PROTOCOL &&
	    sfw_packet_has_ports(back.protocol)) {
		ports = sfw_list_new(NULL);
		if (!ports ||
		    sfw_list_add_port(ports, CLIENT_LO, CLIENT_HI) ||
		    sfw_list_compile(ports))
			fail("out of memory");
		back.to_port = ports;
	}
	write_rule(w, &back);
	sfw_list_put(ports);
}

int main(int argc, char **argv)
{
	struct writer w = { .step = 10 };
	struct gen_set *set;
	int kind, family, order, mode;
	u32 i, n, seed;

	if (argc < 6 || argc > 7)
		fail("it needs five words");
	kind = one_of(argv[1], kind_name, GEN_KINDS);
	family = one_of(argv[2], family_name, 2);
	order = one_of(argv[3], order_name, GEN_ORDERS);
	mode = one_of(argv[4], mode_name, 2);
	n = strtoul(argv[5], NULL, 10);
	if (!n || n > 32766)
		fail("N is from 1 to 32766");
	seed = argc > 6 ? strtoul(argv[6], NULL, 10) : 1;

	while (w.step > 1 && n * w.step > 32766)
		w.step--;
	w.left = n;
	w.rnd.state = seed * 0x9e3779b97f4a7c15ULL + 7;
	printf("sfw 1\nmode %s\ndefault in deny\ndefault out deny\n",
	       print_modes[mode]);
	set = gen_set_new(kind, family ? AF_INET6 : AF_INET, order, n, seed);
	for (i = 0; i < set->n; i++) {
		struct sfw_rule *rule = &set->rule[i];

		rule->direction = gen_rnd_below(&w.rnd, 1000) < IN ?
				  SFW_DIRECTION_IN : SFW_DIRECTION_OUT;
		write_rule(&w, rule);
		if (mode == SFW_MODE_STATELESS)
			write_return(&w, rule);
	}
	gen_set_free(set);
	return 0;
}
