/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The classifier's inside: boxes, trees, and what stands between them. Pure.
 *
 * Only the classify*.c files include this.
 */
#ifndef _SFW_CLASSIFY_TREE_H
#define _SFW_CLASSIFY_TREE_H

#include "classify.h"

/*
 * What trees cut on: each a number of at most 32 bits. An IPv6 address is four
 * of them, and its rules' ranges are projected onto each.
 */
enum sfw_cut_field {
	SFW_CUT_SPORT,		/* or the ICMP type; 0 without transport header */
	SFW_CUT_DPORT,		/* or the ICMP code */
	SFW_CUT_PROTOCOL,
	SFW_CUT_IFNAME,		/* hash of the interface's name */
	SFW_CUT_SRC,
	SFW_CUT_DST4 = SFW_CUT_SRC + 1,
	SFW_CUT_DST6 = SFW_CUT_SRC + 4,
	SFW_CUT_FIELDS4 = SFW_CUT_DST4 + 1,
	SFW_CUT_FIELDS6 = SFW_CUT_DST6 + 4,
};

/*
 * What a box asks of a packet beside addresses and ports: the bits in its
 * mask must be as in its want. The low byte are the TCP flags.
 */
#define SFW_BOX_ESTABLISHED	BIT(8)	/* ACK or RST */
#define SFW_BOX_TRANSPORT	BIT(9)	/* not a fragment */
#define SFW_BOX_PORTS		BIT(10)	/* there are ports */
#define SFW_BOX_TCP		BIT(11)
#define SFW_BOX_UDP		BIT(12)
#define SFW_BOX_ICMP		BIT(13)	/* of the family */
#define SFW_BOX_OTHER		BIT(14)	/* protocol */
#define SFW_BOX_PROTOCOLS	(BIT(11) | BIT(12) | BIT(13) | BIT(14))

/* A box's meta: the rule's slot, and switches. */
#define SFW_BOX_SLOT		0x00ffffffU
#define SFW_BOX_LAST		BIT(31)	/* of its leaf */
#define SFW_BOX_CUT		BIT(30)	/* boxes behind it were left out */
#define SFW_BOX_CHECK		BIT(29)	/* ask the rule as well */
#define SFW_BOX_PLAIN		BIT(28)	/* no mask: can hide later boxes */
#define SFW_BOX_SRC_HOST	BIT(27)	/* IPv6: all 128 bits count */
#define SFW_BOX_DST_HOST	BIT(26)
#define SFW_BOX_RANGES		BIT(25)	/* IPv6: a struct sfw_top6 follows */

/**
 * struct sfw_box4 - a rule, or a part of it, as a box of IPv4 packets
 * @src: lowest source address
 * @src_span: addresses above it
 * @dst: lowest destination address
 * @dst_span: addresses above it
 * @sport: lowest source port, or the ICMP type
 * @sport_span: ports above it
 * @dport: lowest destination port, or the ICMP code
 * @dport_span: ports above it
 * @mask: SFW_BOX_* that count
 * @want: how they must be
 * @meta: slot of the rule and SFW_BOX_*
 */
struct sfw_box4 {
	u32 src;
	u32 src_span;
	u32 dst;
	u32 dst_span;
	u16 sport;
	u16 sport_span;
	u16 dport;
	u16 dport_span;
	u16 mask;
	u16 want;
	u32 meta;
};

/*
 * The same for IPv6. An address and its prefix length are one number: behind
 * the bits of the prefix stands a one, then zeroes. Without room for the one,
 * SFW_BOX_SRC_HOST says so.
 */
struct sfw_box6 {
	u64 src_hi;
	u64 src_lo;
	u64 dst_hi;
	u64 dst_lo;
	u16 sport;
	u16 sport_span;
	u16 dport;
	u16 dport_span;
	u16 mask;
	u16 want;
	u32 meta;
};

/*
 * What stands behind a box of IPv6 addresses that are not two prefixes: its
 * highest addresses. In the box itself are the lowest ones, as they are.
 */
struct sfw_top6 {
	u64 src_hi;
	u64 src_lo;
	u64 dst_hi;
	u64 dst_lo;
};

/**
 * struct sfw_cut_node - a node of a tree: one field, cut at up to 15 places
 * @at: first numbers of the second child and on, ascending; unused ones are
 *	U32_MAX. The last is never read
 * @child: what is below; unused ones repeat the last
 */
struct sfw_cut_node {
	u32 at[16];
	u32 child[16];
};

/*
 * A reference to what is below: a leaf or a node and the field it cuts, and
 * where it stands in the memory of the trees.
 */
#define SFW_REF_LEAF		BIT(31)
#define SFW_REF_FIELD_SHIFT	27
#define SFW_REF_PLACE		0x07ffffffU	/* in SFW_REF_UNIT bytes */
#define SFW_REF_UNIT		16

/* At the beginning of all memory stand a spare node, where a walk steps that has
 * nothing to do, and a leaf without a box.
 */
#define SFW_REF_SPARE		0
#define SFW_REF_EMPTY		\
	(SFW_REF_LEAF | sizeof(struct sfw_cut_node) / SFW_REF_UNIT)

/* Trees of one family. */
#define SFW_TREES		4

/**
 * struct sfw_trees - the rules of one direction and family
 * @mem: nodes and leaves, aligned
 * @n: trees, in the order of their lowest slots
 * @root: where each begins; SFW_REF_EMPTY beyond @n
 * @min: lowest slot in it; SFW_BOX_SLOT beyond @n
 * @hash_ifname: a tree cuts on the interface
 * @alloc: what @mem lies in
 * @bytes: size of @alloc
 * @depth: nodes that a packet passes at most, over all trees
 * @leaf: boxes that it meets at most, over all trees
 * @boxes: in all leaves
 * @gave_up: leaves that should have been cut but for the bounds
 */
struct sfw_trees {
	const u8 *mem;
	u32 n;
	u32 root[SFW_TREES];
	u32 min[SFW_TREES];
	bool hash_ifname;
	void *alloc;
	u64 bytes;
	u32 depth;
	u32 leaf;
	u32 boxes;
	u32 gave_up;
};

/**
 * struct sfw_forest - compiled rules; constant, shared by classifiers
 * @refs: classifiers that hold it
 * @n: rules it was built of
 * @trees: of IPv4 and IPv6
 *
 * It knows rules by their slot, the place they had in the array it was built
 * of, and keeps no pointer to any.
 */
struct sfw_forest {
	refcount_t refs;
	u32 n;
	struct sfw_trees trees[2];
};

/**
 * struct sfw_seg - a run of slots of a forest that move together
 * @first: lowest slot
 * @index: index of the rule in that slot today, or SFW_CLASSIFY_NONE if the
 *	rules of the run are gone
 */
struct sfw_seg {
	u32 first;
	u32 index;
};

/**
 * struct sfw_classifier - compiled rules of one direction
 * @rules: all rules, ascending
 * @n: how many
 * @base: the forest that most of them are in
 * @seg: where the rules of @base are today, ascending; NULL is: where they were
 * @n_seg: how many
 * @fresh: forest of rules that are not in @base, or hidden in it; or NULL
 * @fresh_index: their indexes
 * @changes: rules gone from @base, and rules in @fresh
 */
struct sfw_classifier {
	struct sfw_rule *const *rules;
	u32 n;
	struct sfw_forest *base;
	struct sfw_seg *seg;
	u32 n_seg;
	struct sfw_forest *fresh;
	u32 *fresh_index;
	u32 changes;
};

/**
 * struct sfw_boxes - the boxes of one family, on their way into trees
 * @v6: IPv6
 * @n: how many
 * @cap: how many there is room for
 * @fields: that trees can cut on
 * @size: bytes of a box
 * @box: struct sfw_box4 or struct sfw_box6
 * @top: struct sfw_top6 of each box with SFW_BOX_RANGES; NULL if none has it
 * @range: @fields times lowest and highest number of each box
 */
struct sfw_boxes {
	bool v6;
	u32 n;
	u32 cap;
	u32 fields;
	u32 size;
	void *box;
	struct sfw_top6 *top;
	u32 *range;
};

static inline u32 *sfw_boxes_range(const struct sfw_boxes *b, u32 i, u32 field)
{
	return b->range + ((size_t)i * b->fields + field) * 2;
}

static inline u32 *sfw_boxes_meta(const struct sfw_boxes *b, u32 i)
{
	if (b->v6)
		return &((struct sfw_box6 *)b->box)[i].meta;
	return &((struct sfw_box4 *)b->box)[i].meta;
}

static inline u16 sfw_boxes_mask(const struct sfw_boxes *b, u32 i)
{
	if (b->v6)
		return ((struct sfw_box6 *)b->box)[i].mask;
	return ((struct sfw_box4 *)b->box)[i].mask;
}

/* The last number of a field. */
static inline u32 sfw_cut_top(u32 field)
{
	switch (field) {
	case SFW_CUT_SPORT:
	case SFW_CUT_DPORT:
		return U16_MAX;
	case SFW_CUT_PROTOCOL:
		return 255;
	}
	return U32_MAX;
}

/* Of the name up to its NUL, at most IFNAMSIZ - 1 characters. */
static inline u32 sfw_cut_ifname(const char *name)
{
	u32 h = 0x811c9dc5;
	int i;

	for (i = 0; i < SFW_IFNAME_MAX && name[i]; i++)
		h = (h ^ (u8)name[i]) * 0x01000193;
	return h ^ h >> 15;
}

/* A cut that could be made: the places, and how good it is. */
struct sfw_cut {
	u32 field;
	u32 n;
	u32 at[15];
	u64 cost;
};

struct sfw_cut_work;

struct sfw_cut_work *sfw_cut_work_new(void);
u32 sfw_cut_rank(struct sfw_cut_work *work, const struct sfw_boxes *boxes,
		 const u32 *list, u32 n, const u32 *lo, const u32 *hi,
		 struct sfw_cut *cut);
u32 sfw_cut_rank_few(struct sfw_cut_work *work, const struct sfw_boxes *boxes,
		     const u32 *list, u32 n, const u32 *lo, const u32 *hi,
		     u32 most, u32 *looked, struct sfw_cut *cut);

int sfw_boxes_make(struct sfw_boxes *b, struct sfw_rule *const *rules,
		   const u32 *index, u32 n, bool v6);
void sfw_boxes_destroy(struct sfw_boxes *b);

int sfw_trees_build(struct sfw_trees *t, const struct sfw_boxes *b);

int sfw_forest_build(struct sfw_forest **forest, struct sfw_rule *const *rules,
		     const u32 *index, u32 n);
void sfw_forest_put(struct sfw_forest *forest);

/**
 * sfw_box_may_hide() - can a rule hide others
 * @rule: the rule
 *
 * Behind a rule whose limit is used up the list goes on, and flags and names
 * are not in the boxes.
 *
 * Return: true if its boxes are SFW_BOX_PLAIN.
 */
static inline bool sfw_box_may_hide(const struct sfw_rule *rule)
{
	return !(rule->flags & (SFW_RULE_F_LIMIT | SFW_RULE_F_IFNAME |
				SFW_RULE_F_TCP_FLAGS |
				SFW_RULE_F_ESTABLISHED));
}

#endif /* _SFW_CLASSIFY_TREE_H */
