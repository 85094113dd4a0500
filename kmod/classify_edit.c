// SPDX-License-Identifier: GPL-2.0
/*
 * Classifiers: made anew, or from the one before by what changed.
 *
 * Trees are not changed once they are built. One rule more or less among
 * thousands leaves the trees alone and shares them: a classifier has a forest
 * that knows most of its rules (the base), a list of where these rules stand
 * today, and a second forest of the rules that came since (the fresh ones),
 * which is small and made anew at each change. When too much has changed, all
 * is.
 *
 * A rule that goes may have hidden others in the base (see classify_build.c):
 * those that come after it and meet it become fresh ones as well. That a rule is
 * in both does no harm.
 *
 * Synchronisation: whoever builds holds off other builders, and keeps the old
 * classifier and its rules alive meanwhile; forests are counted.
 *
 * Tried and rejected: changing trees in place, or copying the path to a leaf.
 * The rules that a box hides, and the slots, which are the order, would have
 * to be changed all over them.
 *
 * Pure: see pure.h.
 */
#include "classify_tree.h"

/* Sets up to this size are compiled faster than compared. */
#define SMALL		256

/* Changes before all is built anew: as many, and one of so many rules. */
#define CHANGES_MIN	64
#define CHANGES_SHARE	16

/* Rules gone, that is, walks over all rules after it, before the same. */
#define UNCOVER_MAX	32

/**
 * sfw_forest_build() - compile rules
 * @forest: where it goes
 * @rules: all rules
 * @index: those that are asked for, ascending; NULL is all
 * @n: how many are asked for
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if a fatal signal is pending.
 */
int sfw_forest_build(struct sfw_forest **forest, struct sfw_rule *const *rules,
		     const u32 *index, u32 n)
{
	struct sfw_forest *f = sfw_alloc(1, sizeof(*f));
	struct sfw_boxes boxes;
	int v6, err = 0;

	if (!f)
		return -ENOMEM;
	refcount_set(&f->refs, 1);
	f->n = n;
	for (v6 = 0; v6 < 2 && !err; v6++) {
		err = sfw_boxes_make(&boxes, rules, index, n, v6);
		if (err)
			break;
		err = sfw_trees_build(&f->trees[v6], &boxes);
		sfw_boxes_destroy(&boxes);
	}
	if (err) {
		sfw_forest_put(f);
		return err;
	}
	*forest = f;
	return 0;
}

/**
 * sfw_forest_put() - give a reference back; the last one frees
 * @forest: the forest, or NULL
 *
 * Context: may sleep; no reader of the last reference is left.
 */
void sfw_forest_put(struct sfw_forest *forest)
{
	if (!forest || !refcount_dec_and_test(&forest->refs))
		return;
	sfw_free(forest->trees[0].alloc);
	sfw_free(forest->trees[1].alloc);
	sfw_free(forest);
}

/**
 * sfw_classify_free() - free a classifier
 * @cls: what sfw_classify_build() or sfw_classify_rebuild() made, or NULL
 *
 * Context: may sleep; no reader is left.
 */
void sfw_classify_free(struct sfw_classifier *cls)
{
	if (!cls)
		return;
	sfw_forest_put(cls->base);
	sfw_forest_put(cls->fresh);
	sfw_free(cls->seg);
	sfw_free(cls->fresh_index);
	sfw_free(cls);
}

/* A change on its way: marks by index, and where slots of the base are. */
struct change {
	struct sfw_rule *const *rules;
	u32 n;
	const struct sfw_classifier *old;
	u8 *fresh;		/* by new index: is, or has to be, a fresh one */
	struct sfw_seg *seg;
	u32 n_seg;
	u32 seg_max;
	u32 slot;		/* of the base, the next to be placed */
	u32 changes;
	u32 changes_max;
	u32 uncovered;
};

/* The next slot of the base has its rule at @index, or nowhere. */
static bool place_slot(struct change *ch, u32 index)
{
	u32 slot = ch->slot++;

	if (ch->n_seg) {
		struct sfw_seg *last = &ch->seg[ch->n_seg - 1];

		if (index == SFW_CLASSIFY_NONE ?
		    last->index == SFW_CLASSIFY_NONE :
		    last->index != SFW_CLASSIFY_NONE &&
		    last->index + (slot - last->first) == index)
			return true;
	}
	if (ch->n_seg == ch->seg_max)
		return false;
	ch->seg[ch->n_seg].first = slot;
	ch->seg[ch->n_seg++].index = index;
	return true;
}

static const struct sfw_range6 *whole6(struct sfw_range6 *r,
				       const struct sfw_list *l, bool v6)
{
	if (v6) {
		r->lo = l->r6[0].lo;
		r->hi = l->r6[l->n6 - 1].hi;
	} else {
		r->lo = (struct sfw_addr){ 0, l->r4[0].lo };
		r->hi = (struct sfw_addr){ 0, l->r4[l->n4 - 1].hi };
	}
	return r;
}

/* Can something be in both? Lists count from their lowest to their highest. */
static bool lists_meet(const struct sfw_list *a, bool not_a,
		       const struct sfw_list *b, bool not_b, bool v6)
{
	struct sfw_range6 x, y;

	if (!a || !b || not_a || not_b)
		return true;
	if (v6 ? !a->n6 || !b->n6 : !a->n4 || !b->n4)
		return false;
	whole6(&x, a, v6);
	whole6(&y, b, v6);
	return sfw_addr_cmp(&x.lo, &y.hi) <= 0 &&
	       sfw_addr_cmp(&y.lo, &x.hi) <= 0;
}

static bool rules_meet(const struct sfw_rule *a, const struct sfw_rule *b)
{
	u32 v6, fa = a->flags, fb = b->flags;

	if ((fa & fb & SFW_RULE_F_PROTOCOL) && a->protocol != b->protocol)
		return false;
	if (!lists_meet(a->to_port, fa & SFW_RULE_F_NOT_TO_PORT, b->to_port,
			fb & SFW_RULE_F_NOT_TO_PORT, false) ||
	    !lists_meet(a->from_port, fa & SFW_RULE_F_NOT_FROM_PORT,
			b->from_port, fb & SFW_RULE_F_NOT_FROM_PORT, false))
		return false;
	for (v6 = 0; v6 < 2; v6++)
		if (a->families & b->families &
		    (v6 ? SFW_FAMILY_6 : SFW_FAMILY_4) &&
		    lists_meet(a->from, fa & SFW_RULE_F_NOT_FROM, b->from,
			       fb & SFW_RULE_F_NOT_FROM, v6) &&
		    lists_meet(a->to, fa & SFW_RULE_F_NOT_TO, b->to,
			       fb & SFW_RULE_F_NOT_TO, v6))
			return true;
	return false;
}

static bool mark_fresh(struct change *ch, u32 index)
{
	if (!ch->fresh[index]) {
		ch->fresh[index] = 1;
		ch->changes++;
	}
	return ch->changes <= ch->changes_max;
}

/* @gone is no more: what it may have hidden has to be found without it. */
static bool uncover(struct change *ch, const struct sfw_rule *gone, u32 from)
{
	u32 i;

	if (++ch->uncovered > UNCOVER_MAX)
		return false;
	for (i = from; i < ch->n; i++) {
		if (rules_meet(gone, ch->rules[i]) && !mark_fresh(ch, i))
			return false;
		if (!(i & 1023) && sfw_pause())
			return false;
	}
	return true;
}

/*
 * Walk the old classifier's rules beside the new ones. A rule that stays is
 * the same object, so its address tells it.
 */
static bool compare(struct change *ch)
{
	const struct sfw_classifier *old = ch->old;
	const struct sfw_seg *seg = old->seg;
	u32 i = 0, j = 0, k = 0, run = 0, fresh = 0;

	/* Slots of the base in ascending order: old indexes, or gone. */
	for (k = 0; k < old->base->n; k++) {
		u32 at = k;

		if (seg) {
			while (run + 1 < old->n_seg && seg[run + 1].first <= k)
				run++;
			at = seg[run].index == SFW_CLASSIFY_NONE ?
			     SFW_CLASSIFY_NONE :
			     seg[run].index + (k - seg[run].first);
		}
		if (at == SFW_CLASSIFY_NONE) {
			if (!place_slot(ch, SFW_CLASSIFY_NONE) ||
			    ++ch->changes > ch->changes_max)
				return false;
			continue;
		}
		/* Old rules before it are fresh ones: no slots to place. */
		j = at;
		while (i < ch->n && ch->rules[i] != old->rules[j] &&
		       ch->rules[i]->number < old->rules[j]->number)
			if (!mark_fresh(ch, i++))
				return false;
		if (i < ch->n && ch->rules[i] == old->rules[j]) {
			if (!place_slot(ch, i++))
				return false;
			continue;
		}
		if (!place_slot(ch, SFW_CLASSIFY_NONE) ||
		    ++ch->changes > ch->changes_max)
			return false;
		if (sfw_box_may_hide(old->rules[j]) &&
		    !uncover(ch, old->rules[j], i))
			return false;
	}
	while (i < ch->n)
		if (!mark_fresh(ch, i++))
			return false;

	/* What was hidden stays hidden in the base. */
	for (fresh = 0, i = 0; old->fresh && fresh < old->fresh->n; fresh++) {
		const struct sfw_rule *rule =
			old->rules[old->fresh_index[fresh]];

		while (i < ch->n && ch->rules[i]->number < rule->number)
			i++;
		if (i < ch->n && ch->rules[i] == rule && !mark_fresh(ch, i))
			return false;
	}
	return true;
}

/* Fill in @cls, which shares the base of the old one. */
static int apply_change(struct sfw_classifier *cls, struct change *ch)
{
	u32 i, n = 0;

	for (i = 0; i < ch->n; i++)
		n += ch->fresh[i];
	if (n) {
		cls->fresh_index = sfw_alloc(n, sizeof(*cls->fresh_index));
		if (!cls->fresh_index)
			return -ENOMEM;
		for (i = 0, n = 0; i < ch->n; i++)
			if (ch->fresh[i])
				cls->fresh_index[n++] = i;
	}
	cls->changes = ch->changes;
	cls->base = ch->old->base;
	refcount_inc(&cls->base->refs);
	if (ch->n_seg == 1 && !ch->seg[0].index && !n)
		return 0;
	cls->seg = ch->seg;
	cls->n_seg = ch->n_seg;
	ch->seg = NULL;
	return n ? sfw_forest_build(&cls->fresh, ch->rules, cls->fresh_index,
				    n) : 0;
}

/* 1 if it is not worth while. */
static int change_old(struct sfw_classifier *cls,
		      const struct sfw_classifier *old)
{
	struct change ch = {
		.rules = cls->rules,
		.n = cls->n,
		.old = old,
	};
	int err = -ENOMEM;

	if (!old || cls->n <= SMALL || old->n <= SMALL)
		return 1;
	ch.changes_max = CHANGES_MIN + cls->n / CHANGES_SHARE;
	ch.seg_max = 2 * ch.changes_max + 2;
	ch.fresh = sfw_alloc(cls->n, 1);
	ch.seg = sfw_alloc(ch.seg_max, sizeof(*ch.seg));
	if (ch.fresh && ch.seg)
		err = compare(&ch) ? apply_change(cls, &ch) : 1;
	sfw_free(ch.fresh);
	sfw_free(ch.seg);
	return err;
}

/**
 * sfw_classify_rebuild() - compile the rules of one direction
 * @cls: where the classifier goes
 * @rules: rules in ascending order, checked by sfw_rule_check(); the array and
 *	the rules must stay until sfw_classify_free()
 * @n: how many, 0 to 16777215
 * @old: a classifier whose rules are still there, or NULL. A rule that is in
 *	both sets at the same address is the same rule; where few are not, most
 *	of the work is spared
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if a fatal signal is pending.
 */
int sfw_classify_rebuild(struct sfw_classifier **cls,
			 struct sfw_rule *const *rules, u32 n,
			 const struct sfw_classifier *old)
{
	struct sfw_classifier *c = sfw_alloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->rules = rules;
	c->n = n;
	err = change_old(c, old);
	if (err > 0)
		err = sfw_forest_build(&c->base, rules, NULL, n);
	if (err) {
		sfw_classify_free(c);
		return err;
	}
	*cls = c;
	return 0;
}

/**
 * sfw_classify_build() - compile the rules of one direction from nothing
 * @rules: as for sfw_classify_rebuild()
 * @n: how many
 *
 * Context: may sleep.
 * Return: the classifier, NULL if there is no memory.
 */
struct sfw_classifier *sfw_classify_build(struct sfw_rule *const *rules, u32 n)
{
	struct sfw_classifier *cls;

	return sfw_classify_rebuild(&cls, rules, n, NULL) ? NULL : cls;
}

static void add_bound(struct sfw_classify_bound *bound,
		      const struct sfw_forest *f)
{
	const struct sfw_trees *t = f->trees;

	bound->steps += t[0].depth > t[1].depth ? t[0].depth : t[1].depth;
	bound->tests += t[0].leaf > t[1].leaf ? t[0].leaf : t[1].leaf;
	bound->gave_up += t[0].gave_up + t[1].gave_up;
	bound->bytes += sizeof(*f) + t[0].bytes + t[1].bytes;
}

/**
 * sfw_classify_bound() - the worst that a packet can meet
 * @cls: the classifier
 * @bound: filled in
 *
 * Worked out while the trees were built, not measured.
 *
 * Context: any.
 */
void sfw_classify_bound(const struct sfw_classifier *cls,
			struct sfw_classify_bound *bound)
{
	memset(bound, 0, sizeof(*bound));
	add_bound(bound, cls->base);
	if (cls->fresh)
		add_bound(bound, cls->fresh);
	bound->changes = cls->changes;
	bound->bytes += sizeof(*cls) + cls->n_seg * sizeof(*cls->seg) +
			(cls->fresh ? cls->fresh->n * sizeof(u32) : 0);
}
