// SPDX-License-Identifier: GPL-2.0
/*
 * One trial of the classifier; see classify_case.h.
 *
 * Bytes choose among few addresses, ports and names, so that rules overlap and
 * packets meet their ends. Where the bytes end, numbers that follow from them
 * go on, so that a few bytes are a whole trial.
 *
 * Pure: see pure.h.
 */
#include "selftest/classify_case.h"

#define FEW		48
#define MANY		320
#define PACKETS		64
#define CHANGES		3

struct trial {
	const u8 *data;
	size_t len;
	u32 state;
	struct sfw_rule *rule;		/* all that were made */
	struct sfw_rule **set;		/* those in force, ascending */
	struct sfw_rule **other;	/* those before */
	u32 made;
	u32 n;
};

static u8 take(struct trial *t)
{
	u8 byte = 0;

	if (t->len) {
		byte = *t->data++;
		t->len--;
	}
	t->state = (t->state ^ byte) * 0x9e3779b1;
	t->state ^= t->state >> 15;
	return t->len || byte ? byte : t->state >> 8;
}

static struct sfw_addr take_addr(struct trial *t, u8 family)
{
	u8 way = take(t);
	struct sfw_addr a = { 0, 0 };

	if (family == AF_INET6) {
		a.hi = way & 1 ? 0x20010db800000000ULL + (way & 6) : way & 8;
		a.lo = way & 16 ? ~0ULL - take(t) : take(t);
		if (way & 32)
			a.hi |= (u64)take(t) << 16;
		return a;
	}
	switch (way & 3) {
	case 0:
		a.lo = 0x0a000000 + take(t);
		break;
	case 1:
		a.lo = 0x0a000000 + (take(t) << 12);
		break;
	case 2:
		a.lo = U32_MAX - take(t);
		break;
	default:
		a.lo = (u32)take(t) << 24 | take(t);
	}
	return a;
}

static int add_addr(struct trial *t, struct sfw_list *list)
{
	u8 way = take(t), family = way & 1 ? AF_INET6 : AF_INET;
	struct sfw_addr a = take_addr(t, family), b;

	if (way & 2)
		return sfw_list_add_prefix(list, family, &a, take(t) %
					   (family == AF_INET ? 33 : 129));
	b = way & 4 ? take_addr(t, family) : a;
	return sfw_addr_cmp(&a, &b) > 0 ?
	       sfw_list_add_range(list, family, &b, &a) :
	       sfw_list_add_range(list, family, &a, &b);
}

static int add_port(struct trial *t, struct sfw_list *list)
{
	u8 way = take(t);
	u16 a = way & 1 ? 65535 - take(t) : take(t), b = a;

	if (way & 2)
		b = way & 4 ? 65535 : a + (a < 65000 ? take(t) : 0);
	return sfw_list_add_port(list, a, b);
}

/* NULL in one half of all cases. */
static int take_list(struct trial *t, bool ports, struct sfw_list **list)
{
	u8 way = take(t);
	u32 n = way & 2 ? 1 : way >> 4;
	int err = 0;

	*list = NULL;
	if (way & 1)
		return 0;
	*list = sfw_list_new(NULL);
	if (!*list)
		return -ENOMEM;
	for (n += !n; n && !err; n--)
		err = ports ? add_port(t, *list) : add_addr(t, *list);
	return err ? err : sfw_list_compile(*list);
}

static const char *take_name(struct trial *t, bool pattern)
{
	static const char *const names[] = {
		"eth0", "eth1", "eth10", "lo", "veth1234567890a", "e", "e*", "veth*",
	};

	return names[take(t) % (pattern ? 8 : 6)];
}

static int take_rule(struct trial *t, struct sfw_rule *rule)
{
	static const u8 protocols[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6,
		IPPROTO_SCTP, 47, IPPROTO_TCP, IPPROTO_TCP,
	};
	u8 way = take(t), more = take(t);
	int err;

	rule->number = 1;
	rule->action = SFW_ACTION_ALLOW;
	rule->protocol = protocols[way & 7];
	if (way & 8)
		rule->flags |= SFW_RULE_F_PROTOCOL;
	err = take_list(t, false, &rule->from);
	if (!err)
		err = take_list(t, false, &rule->to);
	if (!err && way & 8 && sfw_packet_has_ports(rule->protocol)) {
		err = take_list(t, true, &rule->from_port);
		if (!err)
			err = take_list(t, true, &rule->to_port);
	}
	if (err)
		return err;
	if (way & 16 && rule->from)
		rule->flags |= SFW_RULE_F_NOT_FROM;
	if (way & 32 && rule->to)
		rule->flags |= SFW_RULE_F_NOT_TO;
	if (way & 64 && rule->from_port)
		rule->flags |= SFW_RULE_F_NOT_FROM_PORT;
	if (way & 128 && rule->to_port)
		rule->flags |= SFW_RULE_F_NOT_TO_PORT;
	if (more & 1)
		err = sfw_rule_set_ifname(rule, take_name(t, true));
	if ((more & 3) == 3)
		rule->flags |= SFW_RULE_F_NOT_IFNAME;
	if ((more & 12) == 12) {
		rule->flags |= SFW_RULE_F_LIMIT;
		rule->limit.count = 1;
	}
	if (!(way & 8))
		goto check;
	if (rule->protocol == IPPROTO_TCP && more & 16) {
		rule->flags |= more & 32 ? SFW_RULE_F_ESTABLISHED :
					   SFW_RULE_F_TCP_FLAGS;
		/* Often none at all, which is a rule as well. */
		rule->tcp_mask = take(t) & 3 ? take(t) : 0;
		rule->tcp_set = take(t) & rule->tcp_mask;
	}
	if ((rule->protocol == IPPROTO_ICMP ||
	     rule->protocol == IPPROTO_ICMPV6) && more & 16) {
		rule->flags |= SFW_RULE_F_ICMP_TYPE;
		rule->icmp_type = take(t) & 7;
		if (more & 32) {
			rule->flags |= SFW_RULE_F_ICMP_CODE;
			rule->icmp_code = take(t) & 3;
		}
	}
check:
	return err ? err : sfw_rule_check(rule) ? -EINVAL : 0;
}

/* An end of a range, or beside it; or anything. */
static void near_addr(struct trial *t, const struct sfw_list *list, u8 family,
		      struct sfw_addr *a)
{
	u8 way = take(t);
	const struct sfw_elem *e;

	*a = take_addr(t, family);
	if (!list || !(way & 7))
		return;
	e = &list->elem[take(t) % list->n_elem];
	if (e->family != family)
		return;
	*a = way & 8 ? e->first : e->last;
	a->lo += way & 16 ? 0 : way & 32 ? 1 : -1;
	if (family == AF_INET)
		a->lo = (u32)a->lo;
}

static u16 near_port(struct trial *t, const struct sfw_list *list)
{
	u8 way = take(t);
	const struct sfw_elem *e;

	if (!list || !(way & 7))
		return way & 8 ? take(t) : 65535 - take(t);
	e = &list->elem[take(t) % list->n_elem];
	return (way & 8 ? e->first.lo : e->last.lo) +
	       (way & 16 ? 0 : way & 32 ? 1 : -1);
}

static void take_packet(struct trial *t, struct sfw_packet *pkt)
{
	static const struct sfw_rule none;
	const struct sfw_rule *r = &none;
	u8 way = take(t);

	if (t->n)
		r = t->set[(take(t) << 8 | take(t)) % t->n];
	memset(pkt, 0, sizeof(*pkt));
	pkt->family = way & 1 ? AF_INET6 : AF_INET;
	pkt->protocol = way & 2 ? r->protocol : take(t);
	near_addr(t, r->from, pkt->family, &pkt->src);
	near_addr(t, r->to, pkt->family, &pkt->dst);
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	if (pkt->has_ports) {
		pkt->sport = near_port(t, r->from_port);
		pkt->dport = near_port(t, r->to_port);
	}
	pkt->icmp_type = take(t) & 7;
	pkt->icmp_code = take(t) & 3;
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = way & 4 ? r->tcp_set : take(t);
	pkt->ifname = (way & 24) == 24 ? NULL : take_name(t, false);
	pkt->fragment = !(way & 224);
}

static bool agrees(const struct trial *t, const struct sfw_classifier *cls,
		   const struct sfw_packet *pkt, u32 from)
{
	u32 i, found;

	for (i = from; i < t->n; i++)
		if (sfw_rule_match(t->set[i], pkt))
			break;
	found = sfw_classify_next(cls, pkt, from);
	return found == (i < t->n ? i : SFW_CLASSIFY_NONE);
}

static int ask(struct trial *t, const struct sfw_classifier *cls, u32 packets)
{
	struct sfw_packet pkt;
	u32 found;

	while (packets--) {
		take_packet(t, &pkt);
		if (!agrees(t, cls, &pkt, 0))
			return -EBADMSG;
		found = sfw_classify_next(cls, &pkt, 0);
		if (found != SFW_CLASSIFY_NONE &&
		    !agrees(t, cls, &pkt, found + 1))
			return -EBADMSG;
		if (!agrees(t, cls, &pkt, take(t)))
			return -EBADMSG;
		if (sfw_pause())
			return -EINTR;
	}
	return 0;
}

/* A new rule in the place of another, or before it; or that one goes. */
static int change(struct trial *t)
{
	struct sfw_rule *rule = &t->rule[t->made];
	u32 at = (take(t) << 8 | take(t)) % (t->n + 1);
	u8 way = take(t);
	int err;

	if (at < t->n && way & 1) {
		memmove(&t->set[at], &t->set[at + 1],
			(--t->n - at) * sizeof(*t->set));
		if (way & 2)
			return 0;
	}
	t->made++;
	err = take_rule(t, rule);
	if (err)
		return err;
	memmove(&t->set[at + 1], &t->set[at],
		(t->n++ - at) * sizeof(*t->set));
	t->set[at] = rule;
	/* Numbers of a hundred each leave room for all changes. */
	rule->number = at ? t->set[at - 1]->number + 1 : 1;
	return at + 1 < t->n && t->set[at + 1]->number <= rule->number ?
	       -EAGAIN : 0;
}

static int run(struct trial *t)
{
	struct sfw_classifier *cls, *old;
	struct sfw_rule **before;
	u32 want, i;
	int err;

	want = take(t) & 7 ? take(t) % FEW : MANY - take(t) % 64;
	for (; t->n < want; t->n++) {
		t->set[t->n] = &t->rule[t->made++];
		err = take_rule(t, t->set[t->n]);
		if (err)
			return err;
		t->set[t->n]->number = (t->n + 1) * 100;
	}
	err = sfw_classify_rebuild(&cls, t->set, t->n, NULL);
	if (err)
		return err;
	err = ask(t, cls, PACKETS);
	for (i = 0; i < CHANGES && !err; i++) {
		/* The old one's array has to stay until the new one is made. */
		memcpy(t->other, t->set, t->n * sizeof(*t->set));
		before = t->set;
		t->set = t->other;
		t->other = before;
		err = change(t);
		if (err)
			break;
		old = cls;
		err = sfw_classify_rebuild(&cls, t->set, t->n, old);
		if (err)
			break;
		sfw_classify_free(old);
		err = ask(t, cls, PACKETS / 4);
	}
	sfw_classify_free(cls);
	return err == -EAGAIN ? 0 : err;
}

/**
 * sfw_classify_case() - one trial
 * @data: any bytes
 * @len: how many
 *
 * Context: may sleep.
 * Return: 0; -EBADMSG if the classifier and a walk over the rules differ,
 * -EINVAL for a rule that is none, -ENOMEM, or -EINTR if a fatal signal is
 * pending.
 */
int sfw_classify_case(const u8 *data, size_t len)
{
	struct trial t = { .data = data, .len = len, .state = len };
	int err = -ENOMEM;
	u32 i;

	t.rule = sfw_alloc(MANY + CHANGES, sizeof(*t.rule));
	t.set = sfw_alloc(MANY + CHANGES, sizeof(*t.set));
	t.other = sfw_alloc(MANY + CHANGES, sizeof(*t.other));
	if (t.rule && t.set && t.other)
		err = run(&t);
	for (i = 0; i < t.made; i++)
		sfw_rule_destroy(&t.rule[i]);
	sfw_free(t.rule);
	sfw_free(t.set);
	sfw_free(t.other);
	return err;
}
