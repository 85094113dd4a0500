// SPDX-License-Identifier: GPL-2.0
/*
 * Lists as sets: see listops.h.
 *
 * All of them work on the ranges that sfw_list_compile() has made, which are
 * sorted, disjoint and not adjacent, and hand the result to the list again.
 */
#include "listops.h"
#include "xalloc.h"

/* Ranges of one family, or ports. */
struct ranges {
	struct sfw_range6 *r;
	size_t n, cap;
	u8 family;		/* 0: ports */
};

static const struct sfw_addr zero;

static struct sfw_addr highest(u8 family)
{
	if (family == AF_INET6)
		return (struct sfw_addr){ ~0ULL, ~0ULL };
	return (struct sfw_addr){ 0, family == AF_INET ? U32_MAX : U16_MAX };
}

static struct sfw_addr above(struct sfw_addr a)
{
	if (!++a.lo)
		a.hi++;
	return a;
}

static struct sfw_addr below(struct sfw_addr a)
{
	if (!a.lo--)
		a.hi--;
	return a;
}

static void add(struct ranges *set, struct sfw_addr lo, struct sfw_addr hi)
{
	set->r = xgrow(set->r, &set->cap, set->n + 1, sizeof(*set->r));
	set->r[set->n].lo = lo;
	set->r[set->n++].hi = hi;
}

/* The ranges of a family, those it does not have if it is negated. */
static struct ranges load(const struct sfw_list *list, u8 family, bool negate)
{
	struct ranges set = { .family = family };
	struct sfw_addr next = zero, lo, hi, top = highest(family);
	u32 i, n = family == AF_INET6 ? list->n6 : list->n4;
	bool open = true;

	if (!n)
		return set;
	for (i = 0; i < n; i++) {
		if (family == AF_INET6) {
			lo = list->r6[i].lo;
			hi = list->r6[i].hi;
		} else {
			lo = (struct sfw_addr){ 0, list->r4[i].lo };
			hi = (struct sfw_addr){ 0, list->r4[i].hi };
		}
		if (!negate) {
			add(&set, lo, hi);
			continue;
		}
		if (sfw_addr_cmp(&next, &lo) < 0)
			add(&set, next, below(lo));
		open = sfw_addr_cmp(&hi, &top) < 0;
		next = above(hi);
	}
	if (negate && open)
		add(&set, next, top);
	return set;
}

/* The length of the prefix that the range is, -1 if it is none. */
static int prefix_len(u8 family, const struct sfw_range6 *r)
{
	int bits, width = family == AF_INET6 ? 128 : 32;
	struct sfw_addr mask = { 0, 0 };

	for (bits = 0; bits <= width; bits++) {
		if (!((r->lo.hi & mask.hi) | (r->lo.lo & mask.lo)) &&
		    r->hi.hi == (r->lo.hi | mask.hi) &&
		    r->hi.lo == (r->lo.lo | mask.lo))
			return width - bits;
		mask.hi = mask.hi << 1 | mask.lo >> 63;
		mask.lo = mask.lo << 1 | 1;
	}
	return -1;
}

static void store(struct sfw_list *list, const struct ranges *set)
{
	size_t i;
	int len, ret;

	for (i = 0; i < set->n; i++) {
		const struct sfw_range6 *r = &set->r[i];

		if (!set->family) {
			ret = sfw_list_add_port(list, r->lo.lo, r->hi.lo);
		} else {
			len = prefix_len(set->family, r);
			if (len < 0 || !sfw_addr_cmp(&r->lo, &r->hi))
				ret = sfw_list_add_range(list, set->family,
							 &r->lo, &r->hi);
			else
				ret = sfw_list_add_prefix(list, set->family,
							  &r->lo, len);
		}
		if (ret)
			xalloc_fail();
	}
}

static struct sfw_list *fresh(void)
{
	struct sfw_list *list = sfw_list_new(NULL);

	if (!list)
		xalloc_fail();
	return list;
}

static struct sfw_list *compiled(struct sfw_list *list)
{
	if (sfw_list_compile(list))
		xalloc_fail();
	return list;
}

static const u8 families[] = { AF_INET, AF_INET6 };

/* The families a list may be about: one for ports, which is none. */
static size_t list_families(const struct sfw_list *list, u8 *out)
{
	if (list->kind == SFW_LIST_PORTS) {
		out[0] = 0;
		return 1;
	}
	memcpy(out, families, sizeof(families));
	return ARRAY_SIZE(families);
}

struct sfw_list *listops_plain(const struct sfw_list *list, bool negate)
{
	struct sfw_list *result = fresh();
	u8 about[2];
	size_t i, n = list_families(list, about);

	for (i = 0; i < n; i++) {
		struct ranges set = load(list, about[i], negate);

		store(result, &set);
		free(set.r);
	}
	return compiled(result);
}

static struct ranges intersect(const struct ranges *a, const struct ranges *b)
{
	struct ranges set = { .family = a->family };
	size_t i = 0, j = 0;

	while (i < a->n && j < b->n) {
		const struct sfw_range6 *x = &a->r[i], *y = &b->r[j];
		const struct sfw_addr *lo, *hi;

		lo = sfw_addr_cmp(&x->lo, &y->lo) < 0 ? &y->lo : &x->lo;
		hi = sfw_addr_cmp(&x->hi, &y->hi) < 0 ? &x->hi : &y->hi;
		if (sfw_addr_cmp(lo, hi) <= 0)
			add(&set, *lo, *hi);
		if (sfw_addr_cmp(&x->hi, &y->hi) < 0)
			i++;
		else
			j++;
	}
	return set;
}

struct sfw_list *listops_both(const struct sfw_list *a, bool not_a,
			      const struct sfw_list *b, bool not_b)
{
	struct sfw_list *result = fresh();
	u8 about[2];
	size_t i, n = list_families(a, about);

	for (i = 0; i < n; i++) {
		struct ranges x = load(a, about[i], not_a);
		struct ranges y = load(b, about[i], not_b);
		struct ranges set = intersect(&x, &y);

		store(result, &set);
		free(x.r);
		free(y.r);
		free(set.r);
	}
	return compiled(result);
}

struct sfw_list *listops_either(const struct sfw_list *a,
				const struct sfw_list *b)
{
	struct sfw_list *result = fresh(), *plain;
	u8 about[2];
	size_t i, n = list_families(a, about);

	for (i = 0; i < n; i++) {
		struct ranges x = load(a, about[i], false);
		struct ranges y = load(b, about[i], false);

		store(result, &x);
		store(result, &y);
		free(x.r);
		free(y.r);
	}
	compiled(result);
	plain = listops_plain(result, false);
	sfw_list_put(result);
	return plain;
}

bool listops_is_all(const struct sfw_list *list, u8 family)
{
	struct ranges set = load(list, family, false);
	struct sfw_addr top = highest(family);
	bool all = set.n == 1 && !sfw_addr_cmp(&set.r[0].lo, &zero) &&
		   !sfw_addr_cmp(&set.r[0].hi, &top);

	free(set.r);
	return all;
}

struct sfw_list *listops_family(const struct sfw_list *list, u8 family)
{
	struct sfw_list *result = fresh();
	struct ranges set = load(list, family, false);

	store(result, &set);
	free(set.r);
	return compiled(result);
}

/* Cut a range into the networks it is made of, lowest first. */
static void add_networks(struct sfw_list *list, u8 family, struct sfw_addr lo,
			 struct sfw_addr hi)
{
	int width = family == AF_INET6 ? 128 : 32;

	for (;;) {
		struct sfw_addr mask = { 0, 0 }, last = lo;
		int bits = 0;

		/* The widest that begins at lo and does not go beyond hi. */
		while (bits < width) {
			struct sfw_addr wider = {
				mask.hi << 1 | mask.lo >> 63,
				mask.lo << 1 | 1,
			};
			struct sfw_addr end = { lo.hi | wider.hi,
						lo.lo | wider.lo };

			if ((lo.hi & wider.hi) || (lo.lo & wider.lo) ||
			    sfw_addr_cmp(&end, &hi) > 0)
				break;
			mask = wider;
			last = end;
			bits++;
		}
		if (sfw_list_add_prefix(list, family, &lo, width - bits))
			xalloc_fail();
		if (!sfw_addr_cmp(&last, &hi))
			return;
		lo = above(last);
	}
}

struct sfw_list *listops_networks(const struct sfw_list *list)
{
	struct sfw_list *result = fresh();
	u8 about[2];
	size_t i, j, n = list_families(list, about);

	for (i = 0; i < n; i++) {
		struct ranges set = load(list, about[i], false);

		if (!about[i])
			store(result, &set);
		for (j = 0; about[i] && j < set.n; j++)
			add_networks(result, about[i], set.r[j].lo,
				     set.r[j].hi);
		free(set.r);
	}
	return compiled(result);
}
