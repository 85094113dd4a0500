// SPDX-License-Identifier: GPL-2.0
/*
 * First match over ordered rules.
 *
 * Rules become boxes, a range in each field (classify_box.c), and boxes become
 * trees (classify_build.c). A node of a tree looks at one field of the packet
 * and has up to 16 children, parted at 15 numbers; a leaf is a few boxes in
 * place, in the order of their rules, that are tried one after the other. Five
 * rules:
 *
 *	1 deny  tcp from 10.0.0.0/8     to 192.0.2.10 port 22
 *	2 allow tcp from 198.51.100.7   to 192.0.2.10 port 22
 *	3 allow tcp                     to 192.0.2.10 port 443
 *	4 allow udp                     to 192.0.2.53 port 53
 *	5 deny  any                     to 192.0.2.0/24
 *
 * are one leaf, as any list that is as short. With leaves of two boxes, a node
 * on the destination would be cut where ranges begin or end:
 *
 *	              .10   .11   .53   .54    .0 of the next network
 *	    -  |  5  | 1-3,5 |  5  | 4,5 |  5  |  -
 *
 * Rule 5 is in five children, but covers each of them: whatever came behind it
 * would be left out. The child of .10 has four boxes left and is cut again, by
 * port:
 *
 *	         22     23    443    444
 *	     5  | 1,2,5 |  5  | 3,5 |  5
 *
 * and there by source. A packet to 192.0.2.10 port 443 passes two nodes and is
 * in the first box it meets, that of rule 3. A packet of port 22 from elsewhere
 * ends at 5.
 *
 * Rule 5 was copied many times, and a list of many such rules would be copied
 * without end. So boxes that are wide in source, in destination or in both
 * have trees of their own, four in all. They are walked down together; then
 * their leaves, in the order of the trees' lowest rules, and none any more once
 * that rule is behind one that matched; the same number ends the walk along a
 * leaf.
 *
 * Costs, for IPv4 (make bench-classify measures them): 32 bytes for each copy
 * of a box, 128 for a node, 1.2 to 1.9 boxes; about a microsecond of a rule to
 * build; 7 to 8 nodes for a packet over all trees with 10,000 rules and 10 to 11
 * with 100,000. The goal of 64 bytes a rule is kept by five of the six lists
 * below: with 10,000 rules they take 49 to 60, with 100,000 52 to 63. A firewall
 * list with specific rules first takes 69 and 65. An IPv6 box has 48 bytes, one of
 * ranges 80, and a rule 73 to 99. In ns, uniform traffic, minimum of the rounds;
 * the goals for IPv4 are 90 and 150, for IPv6 1.6 times what IPv4 takes:
 *
 *	rules, order		acl		firewall	chain
 *	10^4, specific	v4 65  v6 98	   95  180	  77  108
 *	      users	   82     147	   88  152	  88  151
 *	10^5, specific	   131    181	  214  319	 150  240
 *	      users	   142    241	  116  262	 121  232
 *
 * What stands against the goals: firewall lists name ranges of ports for
 * everybody, and a packet is compared with 40 boxes where there are 100,000 such
 * rules, for copies that would part them have no room in 64 bytes a rule. An
 * IPv6 box is half as large again, and asks for twice the steps to cut at more
 * than the first word of an address. When look-ups depend on each other they
 * take as long; what a processor waits for is the outcome of comparisons.
 *
 * In the kernel (make bench, row 2, IPv4): 10,000 rules cost 0.002 of what
 * nftables' pipapo map takes where the rules that match are spread or come late.
 * Of the set that pipapo likes best, where the match comes early, it is 0.18; the
 * goal is 0.05. A packet costs 1.3 times as much with 10,000 disjoint rules as
 * with 100, and as much with 100,000; the goals are 3 and 4 times. Rules that all
 * overlap in ranges miss them by far, 51 and 558 times, for no tree within the
 * bounds below parts them: what is left is a walk, at a thirteenth to a
 * twentieth of what iptables takes for it.
 *
 * Bounds, whatever the rules: memory as classify_build.c has it, and time to
 * build as well. What does not fit stays a long leaf, which is right but slow.
 * sfw_classify_bound() says how slow at worst, and 'sfwctl status' shows it.
 *
 * From a place on. A caller may go on behind the rule that matched, as is
 * needed where a limit is used up. Such rules hide no others. Behind a rule that
 * does, there is nothing left in the leaf, and the rules are walked one by one:
 * nobody who decides packets comes there.
 *
 * Synchronisation: a classifier is immutable. It does not own the rules; they
 * outlive it. Look-ups need RCU in the kernel and nothing in user space.
 *
 * Tried and rejected. Nodes of two children: 1.6 to 3 times slower. Trees two by
 * two, so that the later ones can be left out: a sixth to a third slower, for the
 * processor cannot foresee how deep each goes; nor can it who stops a leaf's
 * walk, which is why each tree has its own code for that. All 15 comparisons of
 * a node at once: as fast. What is in many children kept beside a node instead
 * of copied: half as many boxes, but each such place is one more to come back
 * to, and no faster.
 * Grouping prefixes at /16 instead of /8: twice the comparisons where lists are
 * in people's order, as a wide rule's tree is then never left out. Making
 * copies dearer in the choice of cuts than they are: up to three times the
 * comparisons. Tuple space search and its kin: 200 to 4,800 ns, as much as a
 * walk over 100 rules. Bit vectors: quadratic memory.
 *
 * Pure: see pure.h.
 */
#include "classify_tree.h"

/* What look-ups want to know of a packet. */
struct question {
	u32 field[SFW_CUT_FIELDS6];
	u32 bits;		/* SFW_BOX_* */
};

static __always_inline void question_init(struct question *q,
					  const struct sfw_packet *pkt,
					  const struct sfw_trees *t, bool v6)
{
	u32 bits = 0, sport = 0, dport = 0;

	switch (pkt->protocol) {
	case IPPROTO_TCP:
		bits = SFW_BOX_TCP;
		if (pkt->fragment)
			break;
		bits |= pkt->tcp.flags;
		if (pkt->tcp.flags & (SFW_TCP_ACK | SFW_TCP_RST))
			bits |= SFW_BOX_ESTABLISHED;
		break;
	case IPPROTO_UDP:
		bits = SFW_BOX_UDP;
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		bits = v6 == (pkt->protocol == IPPROTO_ICMPV6) ? SFW_BOX_ICMP :
								 SFW_BOX_OTHER;
		if (!pkt->fragment) {
			sport = pkt->icmp_type;
			dport = pkt->icmp_code;
		}
		break;
	default:
		bits = SFW_BOX_OTHER;
	}
	if (!pkt->fragment) {
		bits |= SFW_BOX_TRANSPORT;
		if (pkt->has_ports) {
			bits |= SFW_BOX_PORTS;
			sport = pkt->sport;
			dport = pkt->dport;
		}
	}
	q->bits = bits;
	q->field[SFW_CUT_SPORT] = sport;
	q->field[SFW_CUT_DPORT] = dport;
	q->field[SFW_CUT_PROTOCOL] = pkt->protocol;
	q->field[SFW_CUT_IFNAME] = 0;
	if (unlikely(t->hash_ifname) && pkt->ifname)
		q->field[SFW_CUT_IFNAME] = sfw_cut_ifname(pkt->ifname);
	if (v6) {
		u32 *f = &q->field[SFW_CUT_SRC];

		f[0] = pkt->src.hi >> 32;
		f[1] = pkt->src.hi;
		f[2] = pkt->src.lo >> 32;
		f[3] = pkt->src.lo;
		f = &q->field[SFW_CUT_DST6];
		f[0] = pkt->dst.hi >> 32;
		f[1] = pkt->dst.hi;
		f[2] = pkt->dst.lo >> 32;
		f[3] = pkt->dst.lo;
	} else {
		q->field[SFW_CUT_SRC] = pkt->src.lo;
		q->field[SFW_CUT_DST4] = pkt->dst.lo;
	}
}

/*
 * All tests and one branch: a branch for each is seldom foreseen, which costs
 * more than the tests that it spares.
 */
static __always_inline bool in4(const struct sfw_box4 *b,
				const struct question *q)
{
	return (q->field[SFW_CUT_SRC] - b->src <= b->src_span) &
	       (q->field[SFW_CUT_DST4] - b->dst <= b->dst_span) &
	       (q->field[SFW_CUT_DPORT] - b->dport <= b->dport_span) &
	       (q->field[SFW_CUT_SPORT] - b->sport <= b->sport_span) &
	       (((q->bits ^ b->want) & b->mask) == 0);
}

/* See struct sfw_box6: a ^ (a - 1) are the one behind the prefix, and below. */
static __always_inline bool in_prefix(const struct sfw_addr *a, u64 hi, u64 lo,
				      bool host)
{
	if (lo || host)
		return a->hi == hi &&
		       (a->lo ^ lo) <= (host ? 0 : lo ^ (lo - 1));
	return (a->hi ^ hi) <= (hi ^ (hi - 1));
}

static __always_inline u32 below(u64 a_hi, u64 a_lo, u64 b_hi, u64 b_lo)
{
	return (a_hi < b_hi) | ((a_hi == b_hi) & (a_lo < b_lo));
}

/* See struct sfw_top6. */
static __always_inline u32 in_ranges(const struct sfw_box6 *b,
				     const struct sfw_packet *pkt)
{
	const struct sfw_top6 *top = (const void *)(b + 1);
	const struct sfw_addr *src = &pkt->src, *dst = &pkt->dst;

	return !(below(src->hi, src->lo, b->src_hi, b->src_lo) |
		 below(top->src_hi, top->src_lo, src->hi, src->lo) |
		 below(dst->hi, dst->lo, b->dst_hi, b->dst_lo) |
		 below(top->dst_hi, top->dst_lo, dst->hi, dst->lo));
}

static __always_inline bool in6(const struct sfw_box6 *b, const struct question *q,
				const struct sfw_packet *pkt)
{
	if (unlikely(b->meta & SFW_BOX_RANGES))
		return (q->field[SFW_CUT_DPORT] - b->dport <= b->dport_span) &
		       (q->field[SFW_CUT_SPORT] - b->sport <= b->sport_span) &
		       (((q->bits ^ b->want) & b->mask) == 0) &
		       in_ranges(b, pkt);
	return q->field[SFW_CUT_DPORT] - b->dport <= b->dport_span &&
	       q->field[SFW_CUT_SPORT] - b->sport <= b->sport_span &&
	       !((q->bits ^ b->want) & b->mask) &&
	       in_prefix(&pkt->src, b->src_hi, b->src_lo,
			 b->meta & SFW_BOX_SRC_HOST) &&
	       in_prefix(&pkt->dst, b->dst_hi, b->dst_lo,
			 b->meta & SFW_BOX_DST_HOST);
}

/**
 * struct walk - a look-up that has more to ask than which box comes first
 * @cls: the classifier
 * @pkt: the packet
 * @from: index of the first rule that counts
 * @base: the forest is the classifier's base, else the fresh one
 * @redo: a box before @from has hidden what comes after it
 */
struct walk {
	const struct sfw_classifier *cls;
	const struct sfw_packet *pkt;
	u32 from;
	bool base;
	bool redo;
};

/* Index of the rule in a slot, SFW_CLASSIFY_NONE if it is gone. */
static u32 slot_index(const struct sfw_classifier *cls, u32 slot, bool base)
{
	u32 lo = 0, hi = cls->n_seg;

	if (!base)
		return cls->fresh_index[slot];
	if (!cls->seg)
		return slot;
	while (hi - lo > 1) {
		u32 mid = lo + (hi - lo) / 2;

		if (cls->seg[mid].first <= slot)
			lo = mid;
		else
			hi = mid;
	}
	if (cls->seg[lo].index == SFW_CLASSIFY_NONE)
		return SFW_CLASSIFY_NONE;
	return cls->seg[lo].index + (slot - cls->seg[lo].first);
}

/* The packet is in the box. Does the rule match, and does it count? */
static noinline bool accepts(struct walk *w, u32 meta)
{
	u32 index = slot_index(w->cls, meta & SFW_BOX_SLOT, w->base);

	if (index == SFW_CLASSIFY_NONE)
		return false;
	if (index < w->from) {
		w->redo = w->redo || meta & SFW_BOX_CUT;
		return false;
	}
	return !(meta & SFW_BOX_CHECK) ||
	       sfw_rule_match(w->cls->rules[index], w->pkt);
}

static __always_inline u32 scan4(const u8 *leaf, const struct question *q,
				 u32 best, struct walk *w, bool plain)
{
	const struct sfw_box4 *b = (const void *)leaf;

	for (;; b++) {
		u32 meta = b->meta, slot = meta & SFW_BOX_SLOT;

		if (slot >= best)
			return best;
		if (in4(b, q) &&
		    ((plain && likely(!(meta & SFW_BOX_CHECK))) ||
		     accepts(w, meta)))
			return slot;
		if (meta & SFW_BOX_LAST)
			return best;
	}
}

static __always_inline u32 scan6(const u8 *leaf, const struct question *q,
				 u32 best, struct walk *w, bool plain)
{
	const struct sfw_box6 *b = (const void *)leaf;

	for (;; b = (const void *)(b + 1) +
		    (unlikely(b->meta & SFW_BOX_RANGES) ?
		     sizeof(struct sfw_top6) : 0)) {
		u32 meta = b->meta, slot = meta & SFW_BOX_SLOT;

		if (slot >= best)
			return best;
		if (in6(b, q, w->pkt) &&
		    ((plain && likely(!(meta & SFW_BOX_CHECK))) ||
		     accepts(w, meta)))
			return slot;
		if (meta & SFW_BOX_LAST)
			return best;
	}
}

static __always_inline const u8 *ref_place(const u8 *mem, u32 ref)
{
	return mem + (size_t)(ref & SFW_REF_PLACE) * SFW_REF_UNIT;
}

/* Every fourth place, then those between: six comparisons, none waits long. */
static __always_inline u32 step(const u8 *mem, u32 ref, const struct question *q)
{
	const struct sfw_cut_node *node = (const void *)ref_place(mem, ref);
	u32 v = q->field[ref >> SFW_REF_FIELD_SHIFT];
	u32 i;

	i = (v >= node->at[3]) + (v >= node->at[7]) + (v >= node->at[11]);
	i *= 4;
	i += (v >= node->at[i]) + (v >= node->at[i + 1]) +
	     (v >= node->at[i + 2]);
	return node->child[i];
}

/* The same, but stays where it is at a leaf: without a branch, for that would
 * seldom be foreseen. A leaf takes the spare step, see SFW_REF_SPARE.
 */
static __always_inline u32 step_or_stay(const u8 *mem, u32 ref,
					const struct question *q)
{
	bool stay = ref & SFW_REF_LEAF;
	u32 next = step(mem, stay ? SFW_REF_SPARE : ref, q);

	return stay ? ref : next;
}

/* From the roots to the leaves of all trees. */
static __always_inline void descend(const struct sfw_trees *t,
				    const struct question *q,
				    u32 leaf[SFW_TREES])
{
	u32 a = t->root[0], b = t->root[1], c = t->root[2], d = t->root[3];
	const u8 *mem = t->mem;

	if (t->n > 1) {
		/* Together: they wait for memory at the same time. */
		while (!(a & b & c & d & SFW_REF_LEAF)) {
			a = step_or_stay(mem, a, q);
			b = step_or_stay(mem, b, q);
			c = step_or_stay(mem, c, q);
			d = step_or_stay(mem, d, q);
		}
		prefetch(ref_place(mem, b));
		prefetch(ref_place(mem, c));
		prefetch(ref_place(mem, d));
	} else {
		while (!(a & SFW_REF_LEAF))
			a = step(mem, a, q);
	}
	leaf[0] = a;
	leaf[1] = b;
	leaf[2] = c;
	leaf[3] = d;
}

static __always_inline u32 scan(const struct sfw_trees *t, u32 i, u32 leaf,
				const struct question *q, u32 best,
				struct walk *w, bool v6, bool plain)
{
	const u8 *at = ref_place(t->mem, leaf);

	if (t->min[i] >= best)
		return best;
	return v6 ? scan6(at, q, best, w, plain) :
		    scan4(at, q, best, w, plain);
}

/* Lowest slot that matches, SFW_BOX_SLOT if none does. */
static __always_inline u32 search(const struct sfw_trees *t,
				  const struct sfw_packet *pkt, struct walk *w,
				  bool v6, bool plain)
{
	u32 best = SFW_BOX_SLOT, leaf[SFW_TREES];
	struct question q;

	question_init(&q, pkt, t, v6);
	descend(t, &q, leaf);
	/* No loop: what a leaf of one tree does tells little of another's. */
	best = scan(t, 0, leaf[0], &q, best, w, v6, plain);
	if (t->n == 1)
		return best;
	best = scan(t, 1, leaf[1], &q, best, w, v6, plain);
	best = scan(t, 2, leaf[2], &q, best, w, v6, plain);
	return scan(t, 3, leaf[3], &q, best, w, v6, plain);
}

static u32 linear(const struct sfw_classifier *cls,
		  const struct sfw_packet *pkt, u32 from)
{
	for (; from < cls->n; from++)
		if (sfw_rule_match(cls->rules[from], pkt))
			return from;
	return SFW_CLASSIFY_NONE;
}

/* From a rule on, or after changes. */
static noinline u32 next_slow(const struct sfw_classifier *cls,
			      const struct sfw_packet *pkt, u32 from)
{
	struct walk w = { .cls = cls, .pkt = pkt, .from = from };
	const struct sfw_forest *forest[] = { cls->base, cls->fresh };
	bool v6 = pkt->family == AF_INET6;
	u32 best = SFW_CLASSIFY_NONE, i, slot, index;

	for (i = 0; i < 2 && forest[i]; i++) {
		w.base = !i;
		slot = v6 ? search(&forest[i]->trees[1], pkt, &w, true, false) :
			    search(&forest[i]->trees[0], pkt, &w, false, false);
		if (slot == SFW_BOX_SLOT)
			continue;
		index = slot_index(cls, slot, w.base);
		if (index < best)
			best = index;
	}
	/* Only who goes on behind a rule that decides comes here. */
	return w.redo ? linear(cls, pkt, from) : best;
}

/**
 * sfw_classify_next() - first rule that matches, from a place on
 * @cls: the classifier
 * @pkt: the packet
 * @from: index of the first rule to consider; 0 for the beginning. The caller
 *	goes on behind a rule whose limit is used up
 *
 * Return: index of the rule in the array given to sfw_classify_build(), or
 * SFW_CLASSIFY_NONE.
 * Context: any; RCU read side in the kernel.
 */
u32 sfw_classify_next(const struct sfw_classifier *cls,
		      const struct sfw_packet *pkt, u32 from)
{
	struct walk w = { .cls = cls, .pkt = pkt, .base = true };
	u32 slot;

	if (unlikely(from || cls->seg))
		return next_slow(cls, pkt, from);
	slot = pkt->family == AF_INET6 ?
	       search(&cls->base->trees[1], pkt, &w, true, true) :
	       search(&cls->base->trees[0], pkt, &w, false, true);
	return slot == SFW_BOX_SLOT ? SFW_CLASSIFY_NONE : slot;
}
