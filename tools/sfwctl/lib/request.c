// SPDX-License-Identifier: GPL-2.0
/*
 * Requests and replies as sets of packets: see request.h.
 *
 * A request is the first packet of a connection: of TCP a SYN alone. Its
 * replies are all that the other side sends then: SYN/ACK, ACK, data, FIN/ACK;
 * if one of them is dropped, the connection does not work.
 *
 * A rule for any protocol is asked about TCP, UDP, echo and what the set names
 * elsewhere; nobody wants to hear that the replies of protocol 99 are missing.
 */
#include <stdlib.h>

#include <icmp.h>
#include "names.h"
#include "request.h"
#include "xalloc.h"

bool client_ports_parse(struct explain_ports *ports, const char *text)
{
	const char *dash = strchr(text, '-');
	char *first;
	long long lo, hi;
	int d;

	first = dash ? xstrndup(text, dash - text) : xstrdup(text);
	lo = names_uint(first, U16_MAX);
	hi = dash ? names_uint(dash + 1, U16_MAX) : lo;
	free(first);
	if (lo < 0 || hi < lo)
		return false;
	for (d = 0; d < 2; d++) {
		ports->lo[d] = lo;
		ports->hi[d] = hi;
	}
	return true;
}

static void add(struct exchanges *list, const struct exchange *ex)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (!memcmp(&list->ex[i], ex, sizeof(*ex)))
			return;
	list->ex = xgrow(list->ex, &list->cap, list->n + 1, sizeof(*ex));
	list->ex[list->n++] = *ex;
}

static void add_protocol(struct exchanges *list, u8 protocol)
{
	static const u8 families[] = { AF_INET, AF_INET6 };
	int i;

	for (i = 0; i < 2; i++) {
		const struct exchange ex = {
			.family = families[i],
			.protocol = protocol,
		};

		add(list, &ex);
	}
}

static void add_icmp(struct exchanges *list, u8 protocol, u8 query)
{
	struct exchange ex = {
		.family = protocol == IPPROTO_ICMP ? AF_INET : AF_INET6,
		.protocol = protocol,
		.icmp = true,
		.query = query,
	};
	int type;

	for (type = 0; type < 256; type++) {
		if (sfw_icmp_class(protocol, type) == SFW_ICMP_REPLY &&
		    sfw_icmp_query_type(protocol, type) == query) {
			ex.answer = type;
			add(list, &ex);
			return;
		}
	}
}

/* Those of a family together. */
static int exchange_cmp(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct exchange));
}

void exchanges_find(struct exchanges *list, const struct ruleset *rs)
{
	u8 class;
	size_t i;
	int d;

	*list = (struct exchanges){ .n = 0 };
	add_protocol(list, IPPROTO_TCP);
	add_protocol(list, IPPROTO_UDP);
	add_icmp(list, IPPROTO_ICMP, 8);
	add_icmp(list, IPPROTO_ICMPV6, 128);
	for (d = 0; d < 2; d++) {
		for (i = 0; i < rs->n_rules[d]; i++) {
			const struct sfw_rule *r = &rs->rules[d][i]->rule;

			if (!(r->flags & SFW_RULE_F_PROTOCOL))
				continue;
			if (r->protocol != IPPROTO_ICMP &&
			    r->protocol != IPPROTO_ICMPV6) {
				add_protocol(list, r->protocol);
				continue;
			}
			if (!(r->flags & SFW_RULE_F_ICMP_TYPE))
				continue;
			class = sfw_icmp_class(r->protocol, r->icmp_type);
			if (class == SFW_ICMP_QUERY || class == SFW_ICMP_REPLY)
				add_icmp(list, r->protocol,
					 sfw_icmp_query_type(r->protocol,
							     r->icmp_type));
		}
	}
	qsort(list->ex, list->n, sizeof(*list->ex), exchange_cmp);
}

void exchanges_free(struct exchanges *list)
{
	free(list->ex);
	*list = (struct exchanges){ .n = 0 };
}

static u32 syn(struct space *space)
{
	return space_one(space, SFW_TCP_SYN);
}

/* SYN/ACK, ACK, with data, FIN. */
static u32 answers(struct space *space)
{
	struct range r[] = {
		{ { 0, SFW_TCP_ACK }, { 0, SFW_TCP_ACK | SFW_TCP_FIN } },
		{ { 0, SFW_TCP_ACK | SFW_TCP_SYN },
		  { 0, SFW_TCP_ACK | SFW_TCP_SYN } },
		{ { 0, SFW_TCP_ACK | SFW_TCP_PSH },
		  { 0, SFW_TCP_ACK | SFW_TCP_PSH } },
	};

	return ranges_make(space->ranges, r, ARRAY_SIZE(r));
}

static u32 continuations(struct space *space)
{
	struct range r[] = {
		{ { 0, SFW_TCP_ACK }, { 0, SFW_TCP_ACK | SFW_TCP_FIN } },
		{ { 0, SFW_TCP_ACK | SFW_TCP_PSH },
		  { 0, SFW_TCP_ACK | SFW_TCP_PSH } },
	};

	return ranges_make(space->ranges, r, ARRAY_SIZE(r));
}

static struct box all_of(struct space *space, const struct exchange *ex)
{
	struct box box = space_all(space, ex->family);

	box.set[SPACE_PROTOCOL] = space_one(space, ex->protocol);
	/* Queries and their answers have no other code. */
	if (ex->icmp)
		box.set[SPACE_DPORT] = space_icmp(space, 0);
	return box;
}

struct box request_all(struct space *space, const struct exchange *ex,
		       const struct explain_ports *ports, u8 direction)
{
	struct box box = all_of(space, ex);

	if (ex->icmp)
		box.set[SPACE_SPORT] = space_icmp(space, ex->query);
	else if (ports && sfw_packet_has_ports(ex->protocol))
		box.set[SPACE_SPORT] = space_span(space, ports->lo[direction],
						  ports->hi[direction]);
	if (ex->protocol == IPPROTO_TCP)
		box.set[SPACE_FLAGS] = syn(space);
	return box;
}

struct box reply_all(struct space *space, const struct exchange *ex)
{
	struct box box = all_of(space, ex);

	if (ex->icmp)
		box.set[SPACE_SPORT] = space_icmp(space, ex->answer);
	if (ex->protocol == IPPROTO_TCP)
		box.set[SPACE_FLAGS] = answers(space);
	return box;
}

struct box request_reply(struct space *space, const struct exchange *ex,
			 const struct box *request)
{
	struct box reply = space_swap(request, ex->icmp);

	if (ex->icmp)
		reply.set[SPACE_SPORT] = space_icmp(space, ex->answer);
	if (ex->protocol == IPPROTO_TCP)
		reply.set[SPACE_FLAGS] = answers(space);
	return reply;
}

struct box reply_request(struct space *space, const struct exchange *ex,
			 const struct box *reply)
{
	struct box request = space_swap(reply, ex->icmp);

	if (ex->icmp)
		request.set[SPACE_SPORT] = space_icmp(space, ex->query);
	if (ex->protocol == IPPROTO_TCP)
		request.set[SPACE_FLAGS] = syn(space);
	return request;
}

bool request_more(struct space *space, const struct exchange *ex,
		  const struct box *request, struct box *more)
{
	if (ex->protocol != IPPROTO_TCP)
		return false;
	*more = *request;
	more->set[SPACE_FLAGS] = continuations(space);
	return true;
}
