// SPDX-License-Identifier: GPL-2.0
/*
 * Lists: look-ups against a walk over the elements, the shape of the compiled
 * ranges, what is refused.
 */
#include "gen.h"

#define LISTS	2000

static bool walk_has_addr(const struct sfw_list *list, u8 family,
			  const struct sfw_addr *addr)
{
	u32 i;

	for (i = 0; i < list->n_elem; i++)
		if (list->elem[i].family == family &&
		    sfw_addr_cmp(&list->elem[i].first, addr) <= 0 &&
		    sfw_addr_cmp(addr, &list->elem[i].last) <= 0)
			return true;
	return false;
}

static bool walk_has_port(const struct sfw_list *list, u16 port)
{
	u32 i;

	for (i = 0; i < list->n_elem; i++)
		if (list->elem[i].first.lo <= port &&
		    port <= list->elem[i].last.lo)
			return true;
	return false;
}

static struct sfw_addr plus(struct sfw_addr addr, int n)
{
	u64 lo = addr.lo + n;

	if (n > 0 && lo < addr.lo)
		addr.hi++;
	if (n < 0 && lo > addr.lo)
		addr.hi--;
	addr.lo = lo;
	return addr;
}

/* Ascending, disjoint and with a gap between neighbours. */
static bool shape_ok(const struct sfw_list *list)
{
	struct sfw_addr next;
	u32 i;

	for (i = 0; i < list->n4; i++)
		if (list->r4[i].lo > list->r4[i].hi ||
		    (i && list->r4[i].lo <= list->r4[i - 1].hi + 1ULL))
			return false;
	for (i = 0; i < list->n6; i++) {
		if (sfw_addr_cmp(&list->r6[i].lo, &list->r6[i].hi) > 0)
			return false;
		if (!i)
			continue;
		next = plus(list->r6[i - 1].hi, 1);
		if (sfw_addr_cmp(&next, &list->r6[i].lo) >= 0)
			return false;
	}
	return true;
}

static bool addrs_agree(const struct sfw_list *list)
{
	struct sfw_addr addr;
	u32 i, n;
	int d;

	for (i = 0; i < list->n_elem; i++) {
		const struct sfw_elem *e = &list->elem[i];

		for (d = -1; d <= 1; d++) {
			for (n = 0; n < 2; n++) {
				addr = plus(n ? e->first : e->last, d);
				if (e->family == AF_INET)
					addr = (struct sfw_addr){
						0, (u32)addr.lo };
				if (sfw_list_has_addr(list, e->family, &addr) !=
				    walk_has_addr(list, e->family, &addr))
					return false;
			}
		}
	}
	for (i = 0; i < 50; i++) {
		u8 family = gen_family();

		addr = gen_addr(family);
		if (sfw_list_has_addr(list, family, &addr) !=
		    walk_has_addr(list, family, &addr))
			return false;
	}
	return true;
}

static bool ports_agree(const struct sfw_list *list)
{
	u32 port;

	for (port = 0; port <= 0xffff; port++)
		if (sfw_list_has_port(list, port) != walk_has_port(list, port))
			return false;
	return true;
}

static void test_random(void)
{
	bool shape = true, addrs = true, ports = true;
	struct sfw_list *list;
	int i;

	for (i = 0; i < LISTS; i++) {
		list = gen_list("a", SFW_LIST_ADDRS, i % 10 ? 6 : 60);
		shape &= shape_ok(list);
		addrs &= addrs_agree(list);
		sfw_list_put(list);
	}
	for (i = 0; i < LISTS / 10; i++) {
		list = gen_list(NULL, SFW_LIST_PORTS, i % 5 ? 4 : 40);
		shape &= shape_ok(list);
		ports &= ports_agree(list);
		sfw_list_put(list);
	}
	ok(shape, "ranges are ascending, disjoint and not adjacent");
	ok(addrs, "addresses are found as by a walk over the elements");
	ok(ports, "ports are found as by a walk over the elements");
}

static void test_merge(void)
{
	struct sfw_list *list = gen_must(sfw_list_new("m"));
	struct sfw_addr zero = { 0, 0 }, top4 = { 0, 0xffffffff };
	struct sfw_addr top6 = { ~0ULL, ~0ULL };
	struct sfw_addr a = { 1, ~0ULL }, b = { 2, 0 };

	sfw_list_add_range(list, AF_INET, &top4, &top4);
	sfw_list_add_range(list, AF_INET, &zero, &zero);
	sfw_list_add_prefix(list, AF_INET, &zero, 1);
	sfw_list_add_prefix(list, AF_INET, &top4, 1);
	sfw_list_add_range(list, AF_INET6, &b, &b);
	sfw_list_add_range(list, AF_INET6, &a, &a);
	ok(!sfw_list_compile(list) && list->n4 == 1 && !list->r4[0].lo &&
	   list->r4[0].hi == 0xffffffff,
	   "two halves and both ends of IPv4 make one range");
	ok(list->n6 == 1, "IPv6 neighbours across 64 bits make one range");
	ok(list->cap == list->n_elem, "spare room is given back");
	sfw_list_add_range(list, AF_INET6, &top6, &top6);
	sfw_list_add_prefix(list, AF_INET6, &zero, 0);
	ok(!sfw_list_compile(list) && list->n4 == 1 && list->n6 == 1 &&
	   sfw_list_has_addr(list, AF_INET6, &top6),
	   "a list compiled again has its new elements");
	sfw_list_put(list);
}

static void test_refused(void)
{
	struct sfw_addr one = { 0, 1 }, two = { 0, 2 }, wide = { 1, 0 };
	struct sfw_addr big = { 0, 1ULL << 32 };
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	char name[SFW_SET_NAME_MAX + 2];
	u32 i;

	ok(sfw_list_add_port(list, 2, 1) == -EINVAL, "ports: reversed");
	ok(sfw_list_add_range(list, AF_INET, &two, &one) == -EINVAL,
	   "addresses: reversed");
	ok(sfw_list_add_range(list, AF_INET, &one, &wide) == -EINVAL &&
	   sfw_list_add_range(list, AF_INET, &big, &big) == -EINVAL,
	   "addresses: more than 32 bits are not IPv4");
	ok(sfw_list_add_range(list, AF_UNIX, &one, &two) == -EINVAL &&
	   sfw_list_add_prefix(list, 0, &one, 0) == -EINVAL,
	   "addresses: other families");
	ok(sfw_list_add_prefix(list, AF_INET, &one, 33) == -EINVAL &&
	   sfw_list_add_prefix(list, AF_INET6, &one, 129) == -EINVAL &&
	   sfw_list_add_prefix(list, AF_INET, &big, 8) == -EINVAL,
	   "prefixes: too long, or not IPv4");
	ok(!list->n_elem && list->kind == SFW_LIST_EMPTY,
	   "what was refused left nothing");
	ok(!sfw_list_compile(list) && !sfw_list_has_port(list, 0) &&
	   !sfw_list_has_addr(list, AF_INET6, &one),
	   "an empty list has nothing");
	ok(!sfw_list_add_port(list, 1, 1) &&
	   sfw_list_add_range(list, AF_INET, &one, &one) == -EINVAL,
	   "an address into a list of ports");
	for (i = 1; i < SFW_LIST_ELEMS_MAX; i++)
		if (sfw_list_add_port(list, i & 0xffff, i & 0xffff))
			break;
	ok(i == SFW_LIST_ELEMS_MAX && sfw_list_add_port(list, 1, 1) == -E2BIG,
	   "%u elements and not one more", SFW_LIST_ELEMS_MAX);
	ok(!sfw_list_compile(list) && list->n4 == 1, "and all are one range");
	sfw_list_put(list);

	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = 0;
	ok(!sfw_list_new(name), "a name that is too long");
}

static void test_prefix(void)
{
	struct sfw_list *list = gen_must(sfw_list_new(NULL));
	struct sfw_addr a4 = { 0, 0x0a010203 };
	struct sfw_addr a6 = { 0x20010db812345678ULL, 0x9abcdef012345678ULL };
	bool masks = true;
	int len;

	for (len = 0; len <= 128; len++) {
		const struct sfw_elem *e;
		struct sfw_addr up;
		int bits = 128 - len;

		if (sfw_list_add_prefix(list, AF_INET6, &a6, len))
			gen_must(NULL);
		e = &list->elem[list->n_elem - 1];
		up = (struct sfw_addr){ e->first.hi ^ e->last.hi,
					e->first.lo ^ e->last.lo };
		masks &= __builtin_popcountll(up.hi) +
			 __builtin_popcountll(up.lo) == bits &&
			 !(e->first.hi & up.hi) && !(e->first.lo & up.lo) &&
			 sfw_addr_cmp(&e->first, &a6) <= 0 &&
			 sfw_addr_cmp(&a6, &e->last) <= 0;
	}
	ok(masks, "host bits of an IPv6 prefix of every length");
	sfw_list_add_prefix(list, AF_INET, &a4, 8);
	ok(list->elem[129].first.lo == 0x0a000000 &&
	   list->elem[129].last.lo == 0x0affffff &&
	   !list->elem[129].first.hi && !list->elem[129].last.hi,
	   "10.1.2.3/8 is 10.0.0.0-10.255.255.255");
	sfw_list_put(list);
}

static void test_equal(void)
{
	struct sfw_addr a = { 0, 0x0a000000 }, b = { 0, 0x0affffff };
	struct sfw_addr zero = { 0, 0 }, top = { 0, 0xffffffff };
	struct sfw_list *all = gen_must(sfw_list_new(NULL));
	struct sfw_list *range = gen_must(sfw_list_new(NULL));
	struct sfw_list *x = gen_must(sfw_list_new("n"));
	struct sfw_list *y = gen_must(sfw_list_new("n"));
	struct sfw_list *z = gen_must(sfw_list_new("o"));
	struct sfw_list *w = gen_must(sfw_list_new("n"));

	sfw_list_add_prefix(x, AF_INET, &a, 8);
	sfw_list_add_prefix(y, AF_INET, &b, 8);
	sfw_list_add_prefix(z, AF_INET, &a, 8);
	sfw_list_add_range(w, AF_INET, &a, &b);
	ok(sfw_list_equal(x, y), "alike: masked to the same prefix");
	ok(!sfw_list_equal(x, z), "not alike: another name");
	ok(!sfw_list_equal(x, w), "not alike: a range instead of a prefix");
	sfw_list_add_prefix(all, AF_INET, &a, 0);
	sfw_list_add_range(range, AF_INET, &zero, &top);
	ok(!sfw_list_equal(all, range), "not even if it is everything");
	sfw_list_put(all);
	sfw_list_put(range);
	ok(!sfw_list_equal(x, NULL) && !sfw_list_equal(NULL, x) &&
	   sfw_list_equal(NULL, NULL), "nothing is like nothing only");
	sfw_list_add_range(x, AF_INET, &a, &a);
	ok(!sfw_list_equal(x, y), "not alike: one element more");
	sfw_list_add_range(y, AF_INET, &b, &b);
	ok(!sfw_list_equal(x, y), "not alike: another element");
	ok(sfw_list_get(x) == x && refcount_read(&x->refs) == 2,
	   "a second reference");
	sfw_list_put(x);
	sfw_list_put(x);
	sfw_list_put(y);
	sfw_list_put(z);
	sfw_list_put(w);
	sfw_list_put(NULL);
}

int main(int argc, char **argv)
{
	rnd_seed(argc, argv);
	test_random();
	test_merge();
	test_refused();
	test_prefix();
	test_equal();
	return tap_done();
}
