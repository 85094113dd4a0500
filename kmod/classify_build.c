// SPDX-License-Identifier: GPL-2.0
/*
 * Boxes into trees.
 *
 * The boxes are split into groups by whether they name a narrow source and a
 * narrow destination: a box that is wide in a field lands in every child of a
 * node that cuts this field, so each group is cut where its boxes are narrow.
 * Each group becomes one tree, built from the root down, depth first, so that
 * what is near in the tree is near in memory.
 *
 * Bounds. The memory of a tree is a share that is handed down: a node takes
 * its own size from it and gives each child a part as large as the child's
 * boxes are many. A cut whose copies do not fit into the share is not made;
 * the next best is tried, then cuts at fewer places that copy less, and without
 * one the node becomes a leaf, however long, and counts as given up. So do nodes
 * below DEPTH levels, and all that is left when WORK_EACH steps per box are used
 * up.
 *
 * Hidden boxes. Behind a box that covers a node wholly and by itself no other
 * box of the node can be the first match: they are left out, and the box is
 * marked.
 *
 * Pure: see pure.h.
 */
#include "classify_tree.h"

/* A leaf has room for so many before it is cut. */
#define LEAF		5
#define DEPTH		14

/* Memory, in SFW_REF_UNITs: for 16 boxes times their size, and on top. */
#define ROOM_SIXTEEN	31
#define ROOM_MORE	1024

/* Boxes looked at while cutting: for each box, and on top. */
#define WORK_EACH	400
#define WORK_MORE	1048576

/* Of them between two pauses. */
#define PAUSE_EACH	4096

/* Not worth a tree of their own. */
#define GROUP_MIN	24

#define NODE_UNITS	(sizeof(struct sfw_cut_node) / SFW_REF_UNIT)
#define ALIGN_BYTES	128

/* The node that is being filled, level by level. */
struct level {
	u32 node;		/* its place */
	u32 field;
	u32 lo, hi;		/* of the field, here */
	u32 n_at;
	u32 at[15];
	u32 next;		/* children made or begun */
	u8 order[16];		/* in which children are made: few boxes first */
	u32 list;		/* the children's lists in the arena */
	u32 len[16];
	u32 covered;		/* bit per child */
	u32 room;		/* for the children still to be made */
	u32 total;		/* boxes in them */
	u32 before;		/* memory used before the child that is made */
};

struct builder {
	const struct sfw_boxes *b;
	struct sfw_trees *t;
	struct sfw_cut_work *work;
	struct sfw_cut cut[SFW_CUT_FIELDS6];
	u32 lo[SFW_CUT_FIELDS6];
	u32 hi[SFW_CUT_FIELDS6];
	struct level level[DEPTH];
	u32 depth;
	u32 deepest;
	u32 longest;
	u64 steps;		/* of work left */
	u32 pause;
	u32 *arena;
	u32 used;
	u32 cap;
	u8 *mem;		/* aligned, in alloc */
	void *alloc;
	u32 mem_used;		/* in units */
	u32 mem_cap;
};

static int arena_reserve(struct builder *bd, u64 more)
{
	u64 need = bd->used + more, cap = bd->cap ? bd->cap : 1024;
	u32 *bigger;

	if (need <= bd->cap)
		return 0;
	while (cap < need)
		cap *= 2;
	bigger = sfw_alloc(cap, sizeof(*bigger));
	if (!bigger)
		return -ENOMEM;
	if (bd->used)
		memcpy(bigger, bd->arena, bd->used * sizeof(*bigger));
	sfw_free(bd->arena);
	bd->arena = bigger;
	bd->cap = cap;
	return 0;
}

static u8 *align(void *p)
{
	return (u8 *)(((unsigned long)p + ALIGN_BYTES - 1) &
		      ~(unsigned long)(ALIGN_BYTES - 1));
}

/* Give the memory of the trees another size. */
static int mem_resize(struct builder *bd, u32 cap)
{
	u64 bytes = (u64)cap * SFW_REF_UNIT + ALIGN_BYTES;
	void *alloc = sfw_alloc(1, bytes);

	if (!alloc)
		return -ENOMEM;
	if (bd->mem_used)
		memcpy(align(alloc), bd->mem,
		       (u64)bd->mem_used * SFW_REF_UNIT);
	sfw_free(bd->alloc);
	bd->alloc = alloc;
	bd->mem = align(alloc);
	bd->mem_cap = cap;
	bd->t->bytes = bytes;
	return 0;
}

/* Places are counted in units; a node begins a cache line. */
static int mem_take(struct builder *bd, u32 units, u32 alignment, u32 *place)
{
	u32 at = (bd->mem_used + alignment - 1) & ~(alignment - 1);
	u32 cap = bd->mem_cap;

	if (units > SFW_REF_PLACE || at > SFW_REF_PLACE - units)
		return -ENOMEM;
	if (at + units > cap) {
		while (at + units > cap)
			cap = cap < 64 ? 64 : cap + cap / 2;
		if (mem_resize(bd, cap))
			return -ENOMEM;
	}
	bd->mem_used = at + units;
	*place = at;
	return 0;
}

/* Of a box in a leaf; at most, where some boxes are larger than others. */
static u32 box_units(const struct sfw_boxes *b)
{
	return (b->size + (b->top ? sizeof(*b->top) : 0)) / SFW_REF_UNIT;
}

/*
 * Does the box cover all of the node but for @field, which the caller looks
 * at? What needs a port or a transport header has it where the number of the
 * port, or of the ICMP type, cannot be 0.
 */
static bool covers(const struct builder *bd, u32 i, u32 field, u32 lo)
{
	const u32 *r = sfw_boxes_range(bd->b, i, 0);
	u32 f;

	if (!(*sfw_boxes_meta(bd->b, i) & SFW_BOX_PLAIN))
		return false;
	for (f = 0; f < bd->b->fields; f++)
		if (f != field &&
		    (r[2 * f] > bd->lo[f] || r[2 * f + 1] < bd->hi[f]))
			return false;
	if (!(sfw_boxes_mask(bd->b, i) & (SFW_BOX_PORTS | SFW_BOX_TRANSPORT)))
		return true;
	if (field <= SFW_CUT_DPORT && lo)
		return true;
	return (field != SFW_CUT_SPORT && bd->lo[SFW_CUT_SPORT]) ||
	       (field != SFW_CUT_DPORT && bd->lo[SFW_CUT_DPORT]);
}

static u32 child_of(const struct sfw_cut *cut, u32 v)
{
	u32 i = 0;

	while (i < cut->n && cut->at[i] <= v)
		i++;
	return i;
}

/*
 * Which boxes go to which children: counted, or also listed at @out, the lists
 * one behind the other. Stops beyond @most boxes in all. Returns how many.
 */
static u32 deal(struct builder *bd, const struct sfw_cut *cut, u32 list, u32 n,
		u32 most, struct level *lv, u32 *out)
{
	u32 f = cut->field, total = 0, i, c, at[16];

	if (out) {
		for (c = 0; c <= cut->n; c++) {
			at[c] = total;
			total += lv->len[c];
		}
	} else {
		memset(lv->len, 0, sizeof(lv->len));
	}
	lv->covered = 0;
	total = 0;
	for (i = 0; i < n && total <= most; i++) {
		u32 box = bd->arena[list + i];
		const u32 *r = sfw_boxes_range(bd->b, box, f);
		u32 first = child_of(cut, r[0]);
		u32 last = child_of(cut, r[1]);

		for (c = first; c <= last; c++) {
			u32 lo = c ? cut->at[c - 1] : bd->lo[f];
			u32 hi = c < cut->n ? cut->at[c] - 1 : bd->hi[f];

			if (lv->covered & BIT(c))
				continue;
			if (out)
				out[at[c]++] = box;
			else
				lv->len[c]++;
			total++;
			if (r[0] <= lo && r[1] >= hi && covers(bd, box, f, lo))
				lv->covered |= BIT(c);
		}
	}
	bd->steps -= bd->steps < n + total ? bd->steps : n + total;
	return total;
}

static bool gets_on(const struct level *lv, const struct sfw_cut *cut, u32 n)
{
	u32 c;

	for (c = 0; c <= cut->n; c++)
		if (lv->len[c] >= n)
			return false;
	return true;
}

/* The first of the cuts that the room allows; NULL if none does. */
static int choose(struct builder *bd, u32 cuts, u32 list, u32 n, u32 most,
		  struct level *lv, const struct sfw_cut **cut)
{
	u32 i;

	*cut = NULL;
	for (i = 0; i < cuts; i++) {
		const struct sfw_cut *c = &bd->cut[i];

		if (n > PAUSE_EACH && sfw_pause())
			return -EINTR;
		if (deal(bd, c, list, n, most, lv, NULL) <= most &&
		    gets_on(lv, c, n)) {
			*cut = c;
			break;
		}
	}
	return 0;
}

/* Find a cut that the room allows and deal the boxes out; false if none. */
static int cut_node(struct builder *bd, u32 list, u32 n, u32 room,
		    struct level *lv, bool *done)
{
	u32 units = box_units(bd->b), most, cuts, looked, total, c;
	const struct sfw_cut *cut;
	int err;

	*done = false;
	if (room < NODE_UNITS + n * units)
		return 0;
	most = (room - NODE_UNITS) / units;
	cuts = sfw_cut_rank(bd->work, bd->b, bd->arena + list, n, bd->lo,
			    bd->hi, bd->cut);
	err = choose(bd, cuts, list, n, most, lv, &cut);
	if (!err && !cut) {
		cuts = sfw_cut_rank_few(bd->work, bd->b, bd->arena + list, n,
					bd->lo, bd->hi, most, &looked, bd->cut);
		/* A place costs about as much as two boxes that are dealt. */
		looked *= 2;
		bd->steps -= bd->steps < looked ? bd->steps : looked;
		bd->pause += looked;
		err = choose(bd, cuts, list, n, most, lv, &cut);
	}
	if (err || !cut)
		return err;
	for (total = 0, c = 0; c <= cut->n; c++)
		total += lv->len[c];
	if (arena_reserve(bd, total))
		return -ENOMEM;
	deal(bd, cut, list, n, most, lv, bd->arena + bd->used);
	lv->list = bd->used;
	bd->used += total;
	lv->total = total;
	lv->field = cut->field;
	lv->n_at = cut->n;
	memcpy(lv->at, cut->at, sizeof(lv->at));
	*done = true;
	return 0;
}

/* Bytes of boxes as they stand in a leaf. */
static u64 leaf_bytes(const struct builder *bd, u32 list, u32 n)
{
	u64 bytes = (u64)n * bd->b->size;
	u32 i;

	if (bd->b->top)
		for (i = 0; i < n; i++)
			if (*sfw_boxes_meta(bd->b, bd->arena[list + i]) &
			    SFW_BOX_RANGES)
				bytes += sizeof(*bd->b->top);
	return bytes;
}

static int make_leaf(struct builder *bd, u32 list, u32 n, bool covered,
		     u32 *ref)
{
	const struct sfw_boxes *b = bd->b;
	u32 place, i;
	u8 *to;
	int err;

	*ref = SFW_REF_EMPTY;
	if (!n)
		return 0;
	err = mem_take(bd, leaf_bytes(bd, list, n) / SFW_REF_UNIT,
		       b->v6 ? 1 : box_units(b), &place);
	if (err)
		return err;
	to = bd->mem + (size_t)place * SFW_REF_UNIT;
	for (i = 0; i < n; i++) {
		u32 meta, which = bd->arena[list + i];

		memcpy(to, b->box + (size_t)which * b->size, b->size);
		meta = *sfw_boxes_meta(b, which);
		if (i == n - 1)
			meta |= SFW_BOX_LAST | (covered ? SFW_BOX_CUT : 0);
		if (b->v6)
			((struct sfw_box6 *)to)->meta = meta;
		else
			((struct sfw_box4 *)to)->meta = meta;
		to += b->size;
		if (meta & SFW_BOX_RANGES) {
			memcpy(to, &b->top[which], sizeof(*b->top));
			to += sizeof(*b->top);
		}
	}
	*ref = SFW_REF_LEAF | place;
	bd->t->boxes += n;
	if (n > bd->longest)
		bd->longest = n;
	return 0;
}

/* What small ones leave of their share goes to the large ones. */
static void order_children(struct level *lv)
{
	u32 c, i;

	for (c = 0; c <= lv->n_at; c++) {
		for (i = c; i && lv->len[lv->order[i - 1]] > lv->len[c]; i--)
			lv->order[i] = lv->order[i - 1];
		lv->order[i] = c;
	}
}

/* A leaf, or a node whose children are still to be made. */
static int begin(struct builder *bd, u32 list, u32 n, bool covered, u32 room,
		 u32 *ref)
{
	struct level *lv = &bd->level[bd->depth];
	bool done;
	u32 place;
	int err;

	if (n <= LEAF)
		return make_leaf(bd, list, n, covered, ref);
	bd->pause += n;
	if (bd->pause > PAUSE_EACH) {
		bd->pause = 0;
		if (sfw_pause())
			return -EINTR;
	}
	done = false;
	if (bd->depth < DEPTH && bd->steps) {
		err = cut_node(bd, list, n, room, lv, &done);
		if (err)
			return err;
	}
	if (!done) {
		bd->t->gave_up += n > 4 * LEAF;
		return make_leaf(bd, list, n, covered, ref);
	}
	err = mem_take(bd, NODE_UNITS, NODE_UNITS / 2, &place);
	if (err)
		return err;
	lv->node = place;
	lv->lo = bd->lo[lv->field];
	lv->hi = bd->hi[lv->field];
	order_children(lv);
	lv->next = 0;
	lv->room = room - NODE_UNITS;
	*ref = lv->field << SFW_REF_FIELD_SHIFT | place;
	if (lv->field == SFW_CUT_IFNAME)
		bd->t->hash_ifname = true;
	bd->depth++;
	if (bd->depth > bd->deepest)
		bd->deepest = bd->depth;
	return 0;
}

static struct sfw_cut_node *node_at(struct builder *bd, u32 place)
{
	return (struct sfw_cut_node *)(bd->mem + (size_t)place * SFW_REF_UNIT);
}

/* All children are made: the node is complete. */
static void end_node(struct builder *bd, struct level *lv)
{
	struct sfw_cut_node *node = node_at(bd, lv->node);
	u32 i;

	for (i = 0; i < 16; i++) {
		node->at[i] = i < lv->n_at ? lv->at[i] : U32_MAX;
		if (i > lv->n_at)
			node->child[i] = node->child[lv->n_at];
	}
	bd->lo[lv->field] = lv->lo;
	bd->hi[lv->field] = lv->hi;
	bd->used = lv->list;
	bd->depth--;
}

/* The next child of the deepest unfinished node, or the end of that node. */
static int go_on(struct builder *bd)
{
	struct level *lv = &bd->level[bd->depth - 1];
	u32 f = lv->field, c, list, room, ref, used, i;
	int err;

	if (lv->next) {
		used = bd->mem_used - lv->before;
		lv->room -= used < lv->room ? used : lv->room;
		lv->total -= lv->len[lv->order[lv->next - 1]];
	}
	if (lv->next > lv->n_at) {
		end_node(bd, lv);
		return 0;
	}
	c = lv->order[lv->next++];
	bd->lo[f] = c ? lv->at[c - 1] : lv->lo;
	bd->hi[f] = c < lv->n_at ? lv->at[c] - 1 : lv->hi;
	list = lv->list;
	for (i = 0; i < c; i++)
		list += lv->len[i];
	room = lv->total ? div_u64((u64)lv->room * lv->len[c], lv->total) : 0;
	lv->before = bd->mem_used;
	err = begin(bd, list, lv->len[c], lv->covered & BIT(c), room, &ref);
	if (!err)
		node_at(bd, lv->node)->child[c] = ref;
	return err;
}

/* One tree of @n boxes listed at the beginning of the arena. */
static int build_tree(struct builder *bd, u32 n, u32 room, u32 *root)
{
	bool covered = false;
	u32 f, i;
	int err;

	for (f = 0; f < bd->b->fields; f++) {
		bd->lo[f] = 0;
		bd->hi[f] = sfw_cut_top(f);
	}
	for (i = 0; i < n && !covered; i++)
		covered = covers(bd, bd->arena[i], U32_MAX, 0);
	bd->steps = (u64)n * WORK_EACH + WORK_MORE;
	bd->used = n;
	bd->depth = 0;
	bd->deepest = 0;
	bd->longest = 0;
	err = begin(bd, 0, i, covered, room, root);
	while (!err && bd->depth)
		err = go_on(bd);
	bd->t->depth += bd->deepest;
	bd->t->leaf += bd->longest;
	return err;
}

static bool is_wide(const struct sfw_boxes *b, u32 i, u32 field)
{
	const u32 *r = sfw_boxes_range(b, i, field);
	u32 span = r[1] - r[0];

	/* Shorter than /8; of IPv6, shorter than /16. */
	return b->v6 ? span >= 0x10000 : span >= 0x1000000;
}

static u32 group_of(const struct sfw_boxes *b, u32 i)
{
	u32 dst = b->v6 ? SFW_CUT_DST6 : SFW_CUT_DST4;

	return is_wide(b, i, SFW_CUT_SRC) * 2 + is_wide(b, i, dst);
}

/* The boxes of a group, at the beginning of the arena; returns how many. */
static u32 list_group(struct builder *bd, u32 group)
{
	u32 i, n = 0;

	for (i = 0; i < bd->b->n; i++)
		if (bd->b->n <= GROUP_MIN || group_of(bd->b, i) == group)
			bd->arena[n++] = i;
	return bd->b->n <= GROUP_MIN && group ? 0 : n;
}

/* Trees go in the order of their lowest slots. */
static void add_tree(struct sfw_trees *t, u32 root, u32 min)
{
	u32 i;

	for (i = t->n++; i && t->min[i - 1] > min; i--) {
		t->root[i] = t->root[i - 1];
		t->min[i] = t->min[i - 1];
	}
	t->root[i] = root;
	t->min[i] = min;
}

/* The spare node and the empty leaf, whose slot is above all others. */
static int make_spare(struct builder *bd)
{
	u32 units = bd->b->size / SFW_REF_UNIT, place;
	u8 *leaf;
	int err;

	err = mem_take(bd, NODE_UNITS + units, NODE_UNITS, &place);
	if (err)
		return err;
	memset(bd->mem, 0, (NODE_UNITS + units) * SFW_REF_UNIT);
	leaf = bd->mem + NODE_UNITS * SFW_REF_UNIT;
	if (bd->b->v6)
		((struct sfw_box6 *)leaf)->meta = SFW_BOX_SLOT | SFW_BOX_LAST;
	else
		((struct sfw_box4 *)leaf)->meta = SFW_BOX_SLOT | SFW_BOX_LAST;
	return 0;
}

static int build_groups(struct builder *bd)
{
	/*
	 * Narrow ones first: most are that, and leave room for others. Then
	 * those that are wide twice, few and hard to part.
	 */
	static const u8 order[4] = { 0, 3, 1, 2 };
	u32 units = box_units(bd->b), left = bd->b->n, i, n, min, root;
	u64 room = (u64)left * units * ROOM_SIXTEEN / 16 + ROOM_MORE;
	u64 share;
	int err;

	err = make_spare(bd);
	if (err)
		return err;
	for (i = 0; i < SFW_TREES; i++) {
		bd->t->root[i] = SFW_REF_EMPTY;
		bd->t->min[i] = SFW_BOX_SLOT;
	}

	err = arena_reserve(bd, left);
	if (err)
		return err;
	if (room > SFW_REF_PLACE)
		room = SFW_REF_PLACE;
	for (i = 0; i < 4; i++) {
		u32 before = bd->mem_used, used;

		bd->used = 0;
		n = list_group(bd, order[i]);
		if (!n)
			continue;
		min = *sfw_boxes_meta(bd->b, bd->arena[0]) & SFW_BOX_SLOT;
		share = div_u64(room * n, left);
		if (order[i] == 3 && n < left)
			share = share < room / 8 ? share * 4 : room / 2;
		err = build_tree(bd, n, share, &root);
		if (err)
			return err;
		add_tree(bd->t, root, min);
		left -= n;
		used = bd->mem_used - before;
		room -= used < room ? used : room;
	}
	/* Shrinking is a favour. */
	if (bd->mem_used < bd->mem_cap)
		mem_resize(bd, bd->mem_used);
	return 0;
}

/**
 * sfw_trees_build() - make the trees of one family
 * @t: filled in; to be given back with sfw_free(@t->alloc)
 * @b: the boxes, by ascending slot
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if a fatal signal is pending; then nothing is
 * to be given back.
 */
int sfw_trees_build(struct sfw_trees *t, const struct sfw_boxes *b)
{
	struct builder *bd = sfw_alloc(1, sizeof(*bd));
	int err = -ENOMEM;

	memset(t, 0, sizeof(*t));
	if (!bd)
		goto out;
	bd->b = b;
	bd->t = t;
	bd->work = sfw_cut_work_new();
	if (!bd->work)
		goto out;
	err = build_groups(bd);
	sfw_free(bd->work);
	sfw_free(bd->arena);
	if (err) {
		sfw_free(bd->alloc);
		goto out;
	}
	t->alloc = bd->alloc;
	t->mem = bd->mem;
out:
	sfw_free(bd);
	return err;
}
