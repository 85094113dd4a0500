// SPDX-License-Identifier: GPL-2.0
/*
 * Lists of addresses or ports: what a named set or the operand of from, to
 * and port holds.
 *
 * A list is kept twice. The elements stand as they were written, for showing
 * and comparing; beside them sfw_list_compile() lays sorted ranges, one array
 * per family, overlapping and adjacent ones made one. A look-up is then one
 * binary search over disjoint ranges: log2(n) steps over an array without
 * pointers, whatever mixture of addresses, prefixes and ranges was written. Most
 * lists have one element, and three pieces of memory each would be half of what
 * a rule takes: these hold it in themselves.
 *
 * Synchronisation: a list is built by one thread and immutable after
 * sfw_list_compile(); readers need nothing beyond what keeps it alive (RCU in
 * the kernel).
 *
 * Tried and rejected: a trie per family. It answers longest-prefix questions
 * nobody asks here, needs ranges to be cut into prefixes (up to 62 for one
 * IPv4 range), and follows a pointer per step.
 *
 * Pure: see pure.h.
 */
#include "list.h"

#define ADDR4_MAX	0xffffffffULL

/**
 * sfw_list_new() - make an empty list
 * @name: of the set, or NULL for the operand of one clause
 *
 * Context: may sleep.
 * Return: the list with one reference; NULL without memory, or if @name is
 * longer than SFW_SET_NAME_MAX, which callers check before.
 */
struct sfw_list *sfw_list_new(const char *name)
{
	size_t len = name ? strlen(name) : 0;
	struct sfw_list *list;

	if (len > SFW_SET_NAME_MAX)
		return NULL;
	list = sfw_alloc(1, sizeof(*list) + (len ? len + 1 : 0));
	if (!list)
		return NULL;
	list->name = len ? memcpy(list + 1, name, len) : "";
	refcount_set(&list->refs, 1);
	return list;
}

/**
 * sfw_list_get() - take one more reference
 * @list: the list, or NULL
 *
 * Context: any.
 * Return: @list.
 */
struct sfw_list *sfw_list_get(struct sfw_list *list)
{
	if (list)
		refcount_inc(&list->refs);
	return list;
}

static void free_elems(struct sfw_list *list)
{
	if (list->elem != &list->one)
		sfw_free(list->elem);
}

static void free_ranges(struct sfw_list *list)
{
	if (list->r4 != &list->one4)
		sfw_free(list->r4);
	if (list->r6 != &list->one.range)
		sfw_free(list->r6);
}

/**
 * sfw_list_put() - give a reference back; the last one frees
 * @list: the list, or NULL
 *
 * Context: may sleep. No reader may
 * be left when the last reference goes.
 */
void sfw_list_put(struct sfw_list *list)
{
	if (!list || !refcount_dec_and_test(&list->refs))
		return;
	free_ranges(list);
	free_elems(list);
	sfw_free(list);
}

/* An array of another size with @n of the old one's elements; NULL without
 * memory.
 */
static void *array_copy(const void *array, u32 n, u32 cap, size_t size)
{
	void *fresh = sfw_alloc(cap, size);

	if (fresh)
		memcpy(fresh, array, n * size);
	return fresh;
}

/* Append a checked element. A failure leaves the list as it was. */
static int append(struct sfw_list *list, u8 kind, const struct sfw_elem *elem)
{
	struct sfw_elem *array;

	if (list->kind != SFW_LIST_EMPTY && list->kind != kind)
		return -EINVAL;
	if (list->n_elem >= SFW_LIST_ELEMS_MAX)
		return -E2BIG;
	if (!list->cap) {
		list->elem = &list->one;
		list->cap = 1;
	} else if (list->n_elem == list->cap) {
		array = array_copy(list->elem, list->n_elem, list->cap * 2,
				   sizeof(*elem));
		if (!array)
			return -ENOMEM;
		free_elems(list);
		list->elem = array;
		list->cap *= 2;
	}
	list->elem[list->n_elem++] = *elem;
	list->kind = kind;
	return 0;
}

/**
 * sfw_list_add_port() - append a port or a range of ports
 * @list: list of ports, or empty so far
 * @first: lowest port
 * @last: highest port; @first for a single one
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a reversed range or a list of addresses; -E2BIG if
 * the list is full; -ENOMEM.
 */
int sfw_list_add_port(struct sfw_list *list, u16 first, u16 last)
{
	struct sfw_elem elem = {
		.first.lo = first,
		.last.lo = last,
		.kind = first == last ? SFW_ELEM_ONE : SFW_ELEM_RANGE,
	};

	if (first > last)
		return -EINVAL;
	return append(list, SFW_LIST_PORTS, &elem);
}

/* Is this an address of this family at all? */
static bool addr_fits(u8 family, const struct sfw_addr *addr)
{
	switch (family) {
	case AF_INET:
		return !addr->hi && addr->lo <= ADDR4_MAX;
	case AF_INET6:
		return true;
	}
	return false;
}

/**
 * sfw_list_add_range() - append an address or a range of addresses
 * @list: list of addresses, or empty so far
 * @family: AF_INET or AF_INET6
 * @first: lowest address
 * @last: highest address; equal to @first for a single one
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for a reversed range, an unknown family, an address that
 * is not of the family, or a list of ports; -E2BIG if the list is full;
 * -ENOMEM.
 */
int sfw_list_add_range(struct sfw_list *list, u8 family,
		       const struct sfw_addr *first,
		       const struct sfw_addr *last)
{
	struct sfw_elem elem = {
		.first = *first,
		.last = *last,
		.family = family,
	};
	int cmp = sfw_addr_cmp(first, last);

	if (cmp > 0 || !addr_fits(family, first) || !addr_fits(family, last))
		return -EINVAL;
	elem.kind = cmp ? SFW_ELEM_RANGE : SFW_ELEM_ONE;
	return append(list, SFW_LIST_ADDRS, &elem);
}

/* The low @bits bits of a 128-bit number, set. */
static struct sfw_addr host_mask(unsigned int bits)
{
	struct sfw_addr mask = { 0, 0 };

	if (bits >= 128)
		mask.hi = ~0ULL;
	else if (bits > 64)
		mask.hi = (1ULL << (bits - 64)) - 1;
	if (bits >= 64)
		mask.lo = ~0ULL;
	else
		mask.lo = (1ULL << bits) - 1;
	return mask;
}

/**
 * sfw_list_add_prefix() - append a network
 * @list: list of addresses, or empty so far
 * @family: AF_INET or AF_INET6
 * @addr: an address of the network; host bits are masked away
 * @prefix_len: 0..32 or 0..128
 *
 * Context: may sleep.
 * Return: 0; -EINVAL for an unknown family, a length beyond it, an address
 * that is not of the family, or a list of ports; -E2BIG if the list is full;
 * -ENOMEM.
 */
int sfw_list_add_prefix(struct sfw_list *list, u8 family,
			const struct sfw_addr *addr, u8 prefix_len)
{
	unsigned int width = family == AF_INET ? 32 : 128;
	struct sfw_elem elem = {
		.kind = SFW_ELEM_PREFIX,
		.family = family,
		.prefix_len = prefix_len,
	};
	struct sfw_addr mask;

	if (!addr_fits(family, addr) || prefix_len > width)
		return -EINVAL;
	mask = host_mask(width - prefix_len);
	elem.first.hi = addr->hi & ~mask.hi;
	elem.first.lo = addr->lo & ~mask.lo;
	elem.last.hi = addr->hi | mask.hi;
	elem.last.lo = addr->lo | mask.lo;
	return append(list, SFW_LIST_ADDRS, &elem);
}

static int range4_cmp(const void *a, const void *b)
{
	const struct sfw_range4 *x = a, *y = b;

	if (x->lo != y->lo)
		return x->lo < y->lo ? -1 : 1;
	return 0;
}

static int range6_cmp(const void *a, const void *b)
{
	const struct sfw_range6 *x = a, *y = b;

	return sfw_addr_cmp(&x->lo, &y->lo);
}

/* Lists are often written in order; that costs one pass instead of a sort. */
static void sort_ranges(void *base, u32 n, size_t size,
			int (*cmp)(const void *a, const void *b))
{
	char *p = base;
	u32 i;

	for (i = 1; i < n; i++, p += size) {
		if (cmp(p, p + size) > 0) {
			sort(base, n, size, cmp, NULL);
			return;
		}
	}
}

/* Make sorted ranges disjoint and not adjacent; returns how many are left. */
static u32 merge4(struct sfw_range4 *r, u32 n)
{
	u32 i, out = 0;

	for (i = 1; i < n; i++) {
		if (r[i].lo <= (u64)r[out].hi + 1) {
			if (r[i].hi > r[out].hi)
				r[out].hi = r[i].hi;
		} else {
			r[++out] = r[i];
		}
	}
	return n ? out + 1 : 0;
}

/* Is @b at most one above @a? There is nothing above the highest address. */
static bool addr_reaches(const struct sfw_addr *a, const struct sfw_addr *b)
{
	struct sfw_addr next = { a->hi, a->lo + 1 };

	if (!next.lo)
		next.hi++;
	if (!next.lo && !next.hi)
		return true;
	return sfw_addr_cmp(b, &next) <= 0;
}

static u32 merge6(struct sfw_range6 *r, u32 n)
{
	u32 i, out = 0;

	for (i = 1; i < n; i++) {
		if (addr_reaches(&r[out].hi, &r[i].lo)) {
			if (sfw_addr_cmp(&r[i].hi, &r[out].hi) > 0)
				r[out].hi = r[i].hi;
		} else {
			r[++out] = r[i];
		}
	}
	return n ? out + 1 : 0;
}

/* A list of one element has all it needs in itself. */
static void compile_one(struct sfw_list *list)
{
	const struct sfw_elem *e = &list->one;

	free_ranges(list);
	list->n4 = e->family != AF_INET6;
	list->n6 = !list->n4;
	list->r4 = NULL;
	list->r6 = NULL;
	if (list->n6) {
		list->r6 = &list->one.range;
		return;
	}
	list->one4.lo = e->first.lo;
	list->one4.hi = e->last.lo;
	list->r4 = &list->one4;
}

/**
 * sfw_list_compile() - build what look-ups search
 * @list: the list, complete
 *
 * Sorts the elements into ranges, makes overlapping and adjacent ranges one,
 * and gives spare memory back. Called again after more elements were added, it
 * starts afresh.
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM, and what was compiled before still stands.
 */
int sfw_list_compile(struct sfw_list *list)
{
	struct sfw_range4 *r4 = NULL;
	struct sfw_range6 *r6 = NULL;
	u32 i, n4 = 0, n6 = 0;
	void *array;

	if (list->n_elem == 1) {
		compile_one(list);
		return 0;
	}
	for (i = 0; i < list->n_elem; i++) {
		if (list->elem[i].family == AF_INET6)
			n6++;
		else
			n4++;
	}
	if (n4) {
		r4 = sfw_alloc(n4, sizeof(*r4));
		if (!r4)
			return -ENOMEM;
	}
	if (n6) {
		r6 = sfw_alloc(n6, sizeof(*r6));
		if (!r6) {
			sfw_free(r4);
			return -ENOMEM;
		}
	}

	n4 = 0;
	n6 = 0;
	for (i = 0; i < list->n_elem; i++) {
		const struct sfw_elem *e = &list->elem[i];

		if (e->family == AF_INET6) {
			r6[n6].lo = e->first;
			r6[n6++].hi = e->last;
		} else {
			r4[n4].lo = e->first.lo;
			r4[n4++].hi = e->last.lo;
		}
	}
	sort_ranges(r4, n4, sizeof(*r4), range4_cmp);
	sort_ranges(r6, n6, sizeof(*r6), range6_cmp);

	free_ranges(list);
	list->n4 = merge4(r4, n4);
	list->n6 = merge6(r6, n6);
	list->r4 = r4;
	list->r6 = r6;

	/* Shrinking is a favour: without memory the larger arrays serve. */
	if (list->n4 < n4) {
		array = array_copy(r4, list->n4, list->n4, sizeof(*r4));
		if (array) {
			sfw_free(r4);
			list->r4 = array;
		}
	}
	if (list->n6 < n6) {
		array = array_copy(r6, list->n6, list->n6, sizeof(*r6));
		if (array) {
			sfw_free(r6);
			list->r6 = array;
		}
	}
	if (list->n_elem < list->cap) {
		array = array_copy(list->elem, list->n_elem, list->n_elem,
				   sizeof(*list->elem));
		if (array) {
			free_elems(list);
			list->elem = array;
			list->cap = list->n_elem;
		}
	}
	return 0;
}

static bool has4(const struct sfw_list *list, u32 value)
{
	const struct sfw_range4 *r = list->r4;
	u32 lo = 0, hi = list->n4;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (value > r[mid].hi)
			lo = mid + 1;
		else if (value < r[mid].lo)
			hi = mid;
		else
			return true;
	}
	return false;
}

static bool has6(const struct sfw_list *list, const struct sfw_addr *addr)
{
	const struct sfw_range6 *r = list->r6;
	u32 lo = 0, hi = list->n6;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (sfw_addr_cmp(addr, &r[mid].hi) > 0)
			lo = mid + 1;
		else if (sfw_addr_cmp(addr, &r[mid].lo) < 0)
			hi = mid;
		else
			return true;
	}
	return false;
}

/**
 * sfw_list_has_port() - is this port in the list
 * @list: compiled list of ports
 * @port: in host order
 *
 * Context: any; the caller keeps the list alive.
 * Return: true if it is.
 */
bool sfw_list_has_port(const struct sfw_list *list, u16 port)
{
	return has4(list, port);
}

/**
 * sfw_list_has_addr() - is this address in the list
 * @list: compiled list of addresses
 * @family: AF_INET or AF_INET6, of @addr
 * @addr: the address
 *
 * Context: any; the caller keeps the list alive.
 * Return: true if it is. A list that says nothing about @family has none.
 */
bool sfw_list_has_addr(const struct sfw_list *list, u8 family,
		       const struct sfw_addr *addr)
{
	if (family == AF_INET)
		return has4(list, addr->lo);
	return has6(list, addr);
}

/**
 * sfw_list_equal() - were two lists written alike
 * @a: a list, or NULL
 * @b: a list, or NULL
 *
 * Compares the names and the elements in their order and spelling: 10.0.0.1
 * and 10.0.0.1/32 are the same addresses but not written alike.
 *
 * Context: any; the caller keeps both alive.
 * Return: true if so. Two NULLs are alike.
 */
bool sfw_list_equal(const struct sfw_list *a, const struct sfw_list *b)
{
	u32 i;

	if (a == b)
		return true;
	if (!a || !b || a->kind != b->kind || a->n_elem != b->n_elem ||
	    strcmp(a->name, b->name))
		return false;
	for (i = 0; i < a->n_elem; i++) {
		const struct sfw_elem *x = &a->elem[i], *y = &b->elem[i];

		if (x->kind != y->kind || x->family != y->family ||
		    x->prefix_len != y->prefix_len ||
		    sfw_addr_cmp(&x->first, &y->first) ||
		    sfw_addr_cmp(&x->last, &y->last))
			return false;
	}
	return true;
}
