// SPDX-License-Identifier: GPL-2.0
/*
 * Rules as boxes: what the classifier's trees are made of.
 *
 * A box is a range of each field. A rule of one range each, as most are, is one
 * box. A rule with lists is the product of its lists' ranges, a negated list
 * the gaps between them; each combination is a box, and all carry the rule's
 * slot. Where that would be too many, neighbours in a list share the range from
 * the first of them to the last, and who meets the box asks the rule as well,
 * as with all that a box cannot say: patterns of interface names and protocols
 * beyond the common ones. So a box may say yes too often, never no.
 *
 * IPv6 addresses are mostly prefixes, which take half the room of ranges. A box
 * of other ranges has a second part, its highest addresses. (To ask the rule
 * instead cost 113 ns for each of 100,000 rules, 4.6 times a walk of iptables.)
 *
 * Bounds: BOXES_RULE boxes of one rule, BOXES_EACH for each rule of a set and
 * BOXES_MORE on top. A set that needs more gets fewer for each rule.
 *
 * Pure: see pure.h.
 */
#include "classify_tree.h"

#define BOXES_RULE	64
#define BOXES_EACH	3
#define BOXES_MORE	4096

enum {
	FROM,
	TO,
	FROM_PORT,
	TO_PORT,
	OPERANDS,
};

/**
 * struct operand - what a rule says about one address or port
 * @list: as a list; NULL is any
 * @kind: AF_INET, AF_INET6 or 0 for ports
 * @not: negated
 * @skip: a negated list reaches down to 0: there is no gap below it
 * @n: ranges
 * @parts: into how many boxes they go
 */
struct operand {
	const struct sfw_list *list;
	u8 kind;
	bool not;
	bool skip;
	u32 n;
	u32 parts;
};

/* The boxes of a rule. */
struct plan {
	struct operand op[OPERANDS];
	u32 n;
};

static struct sfw_addr top_of(u8 kind)
{
	switch (kind) {
	case AF_INET:
		return (struct sfw_addr){ 0, U32_MAX };
	case AF_INET6:
		return (struct sfw_addr){ ~0ULL, ~0ULL };
	}
	return (struct sfw_addr){ 0, U16_MAX };
}

static struct sfw_range6 stored_range(const struct operand *op, u32 i)
{
	if (op->kind == AF_INET6)
		return op->list->r6[i];
	return (struct sfw_range6){
		.lo.lo = op->list->r4[i].lo,
		.hi.lo = op->list->r4[i].hi,
	};
}

static struct sfw_addr addr_above(struct sfw_addr a)
{
	if (!++a.lo)
		a.hi++;
	return a;
}

static struct sfw_addr addr_below(struct sfw_addr a)
{
	if (!a.lo--)
		a.hi--;
	return a;
}

/* Ranges of a list do not touch, so only the outer gaps can be missing. */
static struct sfw_range6 operand_range(const struct operand *op, u32 i)
{
	struct sfw_range6 r = { { 0, 0 }, top_of(op->kind) };
	u32 n;

	if (!op->list)
		return r;
	if (!op->not)
		return stored_range(op, i);
	n = op->kind == AF_INET6 ? op->list->n6 : op->list->n4;
	i += op->skip;
	if (i)
		r.lo = addr_above(stored_range(op, i - 1).hi);
	if (i < n)
		r.hi = addr_below(stored_range(op, i).lo);
	return r;
}

static void operand_init(struct operand *op, const struct sfw_list *list,
			 bool not, u8 kind)
{
	struct sfw_addr zero = { 0, 0 }, top = top_of(kind);
	struct sfw_range6 first, last;

	op->list = list;
	op->kind = kind;
	op->not = not;
	op->skip = false;
	op->n = 1;
	if (list) {
		op->n = kind == AF_INET6 ? list->n6 : list->n4;
		if (not) {
			first = stored_range(op, 0);
			last = stored_range(op, op->n - 1);
			op->skip = !sfw_addr_cmp(&first.lo, &zero);
			op->n += 1 - op->skip - !sfw_addr_cmp(&last.hi, &top);
		}
	}
	op->parts = op->n;
}

/* At most @most boxes; none if the rule cannot match in this family. */
static void plan_rule(struct plan *plan, const struct sfw_rule *rule, bool v6,
		      u32 most)
{
	u8 family = v6 ? AF_INET6 : AF_INET;
	u64 n = 1;
	int i, big;

	plan->n = 0;
	if (!(rule->families & (v6 ? SFW_FAMILY_6 : SFW_FAMILY_4)))
		return;
	operand_init(&plan->op[FROM], rule->from,
		     rule->flags & SFW_RULE_F_NOT_FROM, family);
	operand_init(&plan->op[TO], rule->to,
		     rule->flags & SFW_RULE_F_NOT_TO, family);
	operand_init(&plan->op[FROM_PORT], rule->from_port,
		     rule->flags & SFW_RULE_F_NOT_FROM_PORT, 0);
	operand_init(&plan->op[TO_PORT], rule->to_port,
		     rule->flags & SFW_RULE_F_NOT_TO_PORT, 0);
	for (;;) {
		n = 1;
		big = 0;
		for (i = 0; i < OPERANDS; i++) {
			/* Two lists have at most 2^40 pairs. */
			n *= plan->op[i].parts < BIT(16) ?
			     plan->op[i].parts :
			     plan->op[i].parts ? BIT(16) - 1 : 0;
			if (plan->op[i].parts > plan->op[big].parts)
				big = i;
		}
		if (n <= most)
			break;
		plan->op[big].parts = (plan->op[big].parts + 1) / 2;
		if (plan->op[big].parts > most)
			plan->op[big].parts = most;
	}
	plan->n = n;
}

/* One part of an operand: the ranges in it, first to last. True if exact. */
static bool operand_part(const struct operand *op, u32 part,
			 struct sfw_range6 *r)
{
	u32 first = div_u64((u64)part * op->n, op->parts);
	u32 end = div_u64((u64)(part + 1) * op->n, op->parts);

	*r = operand_range(op, first);
	if (end - first > 1)
		r->hi = operand_range(op, end - 1).hi;
	return end - first == 1;
}

static u32 addr_word(const struct sfw_addr *a, int i)
{
	u64 half = i < 2 ? a->hi : a->lo;

	return i & 1 ? half : half >> 32;
}

/* Onto four words: where the words before are not one value, anything. True if
 * the words say all that the range says.
 */
static bool project6(u32 *range, const struct sfw_range6 *r)
{
	bool one = true, exact = true;
	int i;

	for (i = 0; i < 4; i++, range += 2) {
		u32 lo = addr_word(&r->lo, i), hi = addr_word(&r->hi, i);

		range[0] = one ? lo : 0;
		range[1] = one ? hi : U32_MAX;
		exact = exact && (one || (!lo && hi == U32_MAX));
		one = one && lo == hi;
	}
	return exact;
}

/*
 * The smallest prefix with the range in it, as one number: behind its bits a
 * one. True if the prefix is the range.
 */
static bool encode6(const struct sfw_range6 *r, u64 *hi, u64 *lo, bool *host)
{
	struct sfw_addr x = { r->lo.hi ^ r->hi.hi, r->lo.lo ^ r->hi.lo };
	unsigned int i;

	/* All bits below the highest one. */
	for (i = 1; i < 64; i *= 2) {
		x.hi |= x.hi >> i;
		x.lo |= x.lo >> i;
	}
	if (x.hi)
		x.lo = ~0ULL;
	*host = !x.lo;
	*hi = r->lo.hi & ~x.hi;
	*lo = r->lo.lo & ~x.lo;
	if (x.hi)
		*hi |= x.hi - (x.hi >> 1);
	else if (x.lo)
		*lo |= x.lo - (x.lo >> 1);
	return !(r->lo.hi & x.hi) && !(r->lo.lo & x.lo) &&
	       !(~r->hi.hi & x.hi) && !(~r->hi.lo & x.lo);
}

static void protocol_bits(const struct sfw_rule *rule, bool v6, u16 *mask,
			  u16 *want, u32 *meta)
{
	u16 bit = SFW_BOX_OTHER;

	if (!(rule->flags & SFW_RULE_F_PROTOCOL))
		return;
	if (rule->protocol == IPPROTO_TCP)
		bit = SFW_BOX_TCP;
	else if (rule->protocol == IPPROTO_UDP)
		bit = SFW_BOX_UDP;
	else if (rule->protocol == (v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
		bit = SFW_BOX_ICMP;
	else
		*meta |= SFW_BOX_CHECK;
	*mask |= bit;
	*want |= bit;
}

/* All that is the same in each box of the rule. */
static void describe(const struct sfw_rule *rule, bool v6, u16 *mask, u16 *want,
		     u32 *meta)
{
	u32 flags = rule->flags;

	*mask = 0;
	*want = 0;
	protocol_bits(rule, v6, mask, want, meta);
	if (flags & (SFW_RULE_F_TCP_FLAGS | SFW_RULE_F_ESTABLISHED |
		     SFW_RULE_F_ICMP_TYPE)) {
		*mask |= SFW_BOX_TRANSPORT;
		*want |= SFW_BOX_TRANSPORT;
	}
	if (flags & SFW_RULE_F_TCP_FLAGS) {
		*mask |= rule->tcp_mask;
		*want |= rule->tcp_set;
	}
	if (flags & SFW_RULE_F_ESTABLISHED) {
		*mask |= SFW_BOX_ESTABLISHED;
		*want |= SFW_BOX_ESTABLISHED;
	}
	if (rule->from_port || rule->to_port) {
		*mask |= SFW_BOX_PORTS;
		*want |= SFW_BOX_PORTS;
	}
	if (flags & SFW_RULE_F_IFNAME)
		*meta |= SFW_BOX_CHECK;
	if (sfw_box_may_hide(rule))
		*meta |= SFW_BOX_PLAIN;
}

/* The addresses of an IPv6 box, and what of its meta follows from them. */
static int add_addr6(struct sfw_boxes *b, const struct sfw_range6 *from,
		     const struct sfw_range6 *to, u32 *meta)
{
	struct sfw_box6 *box = &((struct sfw_box6 *)b->box)[b->n];
	u32 *range = sfw_boxes_range(b, b->n, 0);
	bool exact, prefixes, host;

	exact = project6(&range[2 * SFW_CUT_SRC], from);
	exact = project6(&range[2 * SFW_CUT_DST6], to) && exact;
	prefixes = encode6(from, &box->src_hi, &box->src_lo, &host);
	*meta |= host ? SFW_BOX_SRC_HOST : 0;
	prefixes = encode6(to, &box->dst_hi, &box->dst_lo, &host) && prefixes;
	*meta |= host ? SFW_BOX_DST_HOST : 0;
	if (!exact)
		*meta &= ~SFW_BOX_PLAIN;
	if (prefixes)
		return 0;

	if (!b->top) {
		b->top = sfw_alloc(b->cap, sizeof(*b->top));
		if (!b->top)
			return -ENOMEM;
	}
	*meta |= SFW_BOX_RANGES;
	box->src_hi = from->lo.hi;
	box->src_lo = from->lo.lo;
	box->dst_hi = to->lo.hi;
	box->dst_lo = to->lo.lo;
	b->top[b->n] = (struct sfw_top6){
		.src_hi = from->hi.hi,
		.src_lo = from->hi.lo,
		.dst_hi = to->hi.hi,
		.dst_lo = to->hi.lo,
	};
	return 0;
}

static int add_box(struct sfw_boxes *b, const struct sfw_rule *rule,
		   const struct sfw_range6 *r, u32 meta)
{
	u32 flags = rule->flags;
	u32 *range = sfw_boxes_range(b, b->n, 0);
	u16 sport[2] = { r[FROM_PORT].lo.lo, r[FROM_PORT].hi.lo };
	u16 dport[2] = { r[TO_PORT].lo.lo, r[TO_PORT].hi.lo };
	u16 mask, want;
	int err;

	describe(rule, b->v6, &mask, &want, &meta);
	if (flags & SFW_RULE_F_ICMP_TYPE) {
		sport[0] = rule->icmp_type;
		sport[1] = rule->icmp_type;
	}
	if (flags & SFW_RULE_F_ICMP_CODE) {
		dport[0] = rule->icmp_code;
		dport[1] = rule->icmp_code;
	}
	range[2 * SFW_CUT_SPORT] = sport[0];
	range[2 * SFW_CUT_SPORT + 1] = sport[1];
	range[2 * SFW_CUT_DPORT] = dport[0];
	range[2 * SFW_CUT_DPORT + 1] = dport[1];
	range[2 * SFW_CUT_PROTOCOL] = 0;
	range[2 * SFW_CUT_PROTOCOL + 1] = 255;
	if (flags & SFW_RULE_F_PROTOCOL) {
		range[2 * SFW_CUT_PROTOCOL] = rule->protocol;
		range[2 * SFW_CUT_PROTOCOL + 1] = rule->protocol;
	}
	range[2 * SFW_CUT_IFNAME] = 0;
	range[2 * SFW_CUT_IFNAME + 1] = U32_MAX;
	if ((flags & SFW_RULE_F_IFNAME) && !(flags & SFW_RULE_F_NOT_IFNAME) &&
	    !sfw_rule_ifname_is_wildcard(rule)) {
		range[2 * SFW_CUT_IFNAME] = sfw_cut_ifname(rule->ifname);
		range[2 * SFW_CUT_IFNAME + 1] = range[2 * SFW_CUT_IFNAME];
	}

	if (b->v6) {
		struct sfw_box6 *box = &((struct sfw_box6 *)b->box)[b->n];

		err = add_addr6(b, &r[FROM], &r[TO], &meta);
		if (err)
			return err;
		box->sport = sport[0];
		box->sport_span = sport[1] - sport[0];
		box->dport = dport[0];
		box->dport_span = dport[1] - dport[0];
		box->mask = mask;
		box->want = want;
	} else {
		struct sfw_box4 *box = &((struct sfw_box4 *)b->box)[b->n];

		range[2 * SFW_CUT_SRC] = r[FROM].lo.lo;
		range[2 * SFW_CUT_SRC + 1] = r[FROM].hi.lo;
		range[2 * SFW_CUT_DST4] = r[TO].lo.lo;
		range[2 * SFW_CUT_DST4 + 1] = r[TO].hi.lo;
		box->src = r[FROM].lo.lo;
		box->src_span = r[FROM].hi.lo - r[FROM].lo.lo;
		box->dst = r[TO].lo.lo;
		box->dst_span = r[TO].hi.lo - r[TO].lo.lo;
		box->sport = sport[0];
		box->sport_span = sport[1] - sport[0];
		box->dport = dport[0];
		box->dport_span = dport[1] - dport[0];
		box->mask = mask;
		box->want = want;
	}
	/* What has to ask the rule cannot hide others. */
	if (meta & SFW_BOX_CHECK)
		meta &= ~SFW_BOX_PLAIN;
	*sfw_boxes_meta(b, b->n) = meta;
	b->n++;
	return 0;
}

static int add_rule(struct sfw_boxes *b, const struct sfw_rule *rule, u32 slot,
		    u32 most)
{
	struct sfw_range6 r[OPERANDS];
	struct plan plan;
	u32 i, rest;
	int op, err;

	plan_rule(&plan, rule, b->v6, most);
	for (i = 0; i < plan.n; i++) {
		u32 meta = slot;

		rest = i;
		for (op = 0; op < OPERANDS; op++) {
			u32 parts = plan.op[op].parts;

			if (!operand_part(&plan.op[op], rest % parts, &r[op]))
				meta |= SFW_BOX_CHECK;
			rest /= parts;
		}
		err = add_box(b, rule, r, meta);
		if (err)
			return err;
	}
	return 0;
}

static const struct sfw_rule *rule_at(struct sfw_rule *const *rules,
				      const u32 *index, u32 i)
{
	return rules[index ? index[i] : i];
}

/* Boxes of all rules if each gets at most @most. */
static int count_boxes(u64 *sum, struct sfw_rule *const *rules,
		       const u32 *index, u32 n, bool v6, u32 most)
{
	struct plan plan;
	u32 i;

	*sum = 0;
	for (i = 0; i < n; i++) {
		plan_rule(&plan, rule_at(rules, index, i), v6, most);
		*sum += plan.n;
		if (!(i & 1023) && sfw_pause())
			return -EINTR;
	}
	return 0;
}

/**
 * sfw_boxes_make() - make the boxes of rules
 * @b: filled in, to be given back with sfw_boxes_destroy()
 * @rules: all rules
 * @index: those that are asked for, ascending; NULL is all
 * @n: how many are asked for; the slots are 0 and up in their order
 * @v6: as IPv6 packets see them, else IPv4
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if a fatal signal is pending; then nothing is
 * to be given back.
 */
int sfw_boxes_make(struct sfw_boxes *b, struct sfw_rule *const *rules,
		   const u32 *index, u32 n, bool v6)
{
	u64 most_all = (u64)n * BOXES_EACH + BOXES_MORE;
	u32 most = BOXES_RULE;
	u64 sum;
	u32 i;
	int err;

	memset(b, 0, sizeof(*b));
	b->v6 = v6;
	b->fields = v6 ? SFW_CUT_FIELDS6 : SFW_CUT_FIELDS4;
	b->size = v6 ? sizeof(struct sfw_box6) : sizeof(struct sfw_box4);
	for (;; most /= 2) {
		err = count_boxes(&sum, rules, index, n, v6, most);
		if (err)
			return err;
		if (sum <= most_all || most == 1)
			break;
	}
	if (!sum)
		return 0;
	b->cap = sum;
	b->box = sfw_alloc(sum, b->size);
	b->range = sfw_alloc(sum, b->fields * 2 * sizeof(*b->range));
	if (!b->box || !b->range) {
		sfw_boxes_destroy(b);
		return -ENOMEM;
	}
	for (i = 0; i < n; i++) {
		err = add_rule(b, rule_at(rules, index, i), i, most);
		if (!err && !(i & 1023) && sfw_pause())
			err = -EINTR;
		if (err) {
			sfw_boxes_destroy(b);
			return err;
		}
	}
	return 0;
}

/**
 * sfw_boxes_destroy() - give back what sfw_boxes_make() took
 * @b: the boxes; may be all zeroes
 *
 * Context: may sleep.
 */
void sfw_boxes_destroy(struct sfw_boxes *b)
{
	sfw_free(b->box);
	sfw_free(b->top);
	sfw_free(b->range);
	b->box = NULL;
	b->top = NULL;
	b->range = NULL;
	b->n = 0;
}
