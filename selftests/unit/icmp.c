// SPDX-License-Identifier: GPL-2.0
/*
 * What each ICMP and ICMPv6 type is, against the tables of the RFCs.
 */
#include <icmp.h>
#include "tap.h"

/*
 * RFC 792: echo, timestamp, information, and their replies; RFC 950: address
 * mask. Errors of RFC 792 but for the redirect, which is no news of a
 * connection.
 */
static const u8 queries4[] = { 8, 13, 15, 17 };
static const u8 replies4[] = { 0, 14, 16, 18 };	/* in the same order */
static const u8 errors4[] = { 3, 4, 11, 12 };

/* RFC 4443, 2.1: types below 128 are errors; 4: echo. */
static const u8 queries6[] = { 128 };
static const u8 replies6[] = { 129 };

/* RFC 4861, 4: RS, RA, NS, NA, redirect */
static const u8 nd[] = { 133, 134, 135, 136, 137 };
/* RFC 2710, 3: query, report, done; RFC 3810, 5.2: report of version 2 */
static const u8 mld[] = { 130, 131, 132, 143 };

static bool has(const u8 *list, size_t n, u8 type)
{
	return memchr(list, type, n);
}

static enum sfw_icmp_class class4(u8 type)
{
	if (has(queries4, sizeof(queries4), type))
		return SFW_ICMP_QUERY;
	if (has(replies4, sizeof(replies4), type))
		return SFW_ICMP_REPLY;
	return has(errors4, sizeof(errors4), type) ? SFW_ICMP_ERROR :
						     SFW_ICMP_OTHER;
}

static enum sfw_icmp_class class6(u8 type)
{
	if (has(queries6, sizeof(queries6), type))
		return SFW_ICMP_QUERY;
	if (has(replies6, sizeof(replies6), type))
		return SFW_ICMP_REPLY;
	return type < 128 ? SFW_ICMP_ERROR : SFW_ICMP_OTHER;
}

static bool test_class(u8 protocol, enum sfw_icmp_class (*want)(u8 type))
{
	unsigned int wrong = 0;
	int type;

	for (type = 0; type < 256; type++) {
		u8 got = sfw_icmp_class(protocol, type);

		if (got == want(type))
			continue;
		printf("# type %d: class %u, not %u\n", type, got, want(type));
		wrong++;
	}
	return !wrong;
}

static bool test_query_type(u8 protocol, const u8 *queries, const u8 *replies,
			    size_t n)
{
	unsigned int wrong = 0;
	size_t i;

	for (i = 0; i < n; i++)
		wrong += sfw_icmp_query_type(protocol, queries[i]) != queries[i];
	for (i = 0; i < n; i++)
		wrong += sfw_icmp_query_type(protocol, replies[i]) != queries[i];
	return !wrong;
}

static bool test_nd(void)
{
	unsigned int wrong = 0;
	int type, hops;

	for (type = 0; type < 256; type++) {
		for (hops = 0; hops < 256; hops++) {
			bool want = hops == 255 ? has(nd, sizeof(nd), type) :
				    hops == 1 ? has(mld, sizeof(mld), type) :
						false;

			if (sfw_icmp_is_nd(type, hops) == want)
				continue;
			printf("# type %d, hop limit %d\n", type, hops);
			wrong++;
		}
	}
	return !wrong;
}

int main(void)
{
	printf("TAP version 13\n");
	ok(test_class(IPPROTO_ICMP, class4),
	   "classes of all ICMP types (RFC 792, 950)");
	ok(test_class(IPPROTO_ICMPV6, class6),
	   "classes of all ICMPv6 types (RFC 4443)");
	ok(test_query_type(IPPROTO_ICMP, queries4, replies4,
			   ARRAY_SIZE(queries4)),
	   "ICMP: queries and their replies belong together");
	ok(test_query_type(IPPROTO_ICMPV6, queries6, replies6,
			   ARRAY_SIZE(queries6)),
	   "ICMPv6: queries and their replies belong together");
	ok(test_nd(), "neighbour discovery with hop limit 255, MLD with 1, only");
	return tap_done();
}
