// SPDX-License-Identifier: GPL-2.0
/*
 * Events of the kernel, as sfwctl reads them: what is in the message is in the
 * event, FILTER words select by it, and of a broken message nothing is believed
 * that could not be true.
 */
#include <arpa/inet.h>
#include <linux/genetlink.h>

#include <lib/nl_event.h>
#include "tap.h"

#define ROOM		2048
#define MUTATIONS	20000	/* of each kind of message */

static struct nlmsghdr *begin(char *buf, u8 cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl;

	nlh->nlmsg_seq = 77;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	mnl_attr_put_u64(nlh, SFW_A_TIME, 1234567890123456789ULL);
	mnl_attr_put_u32(nlh, SFW_A_GENERATION, 5);
	return nlh;
}

static void put_ends(struct nlmsghdr *nlh, u16 src, u16 dst, bool v6)
{
	u8 a[16], b[16];

	inet_pton(AF_INET6, v6 ? "2001:db8::1" : "::198.51.100.7", a);
	inet_pton(AF_INET6, v6 ? "2001:db8::2" : "::1.3.3.7", b);
	mnl_attr_put(nlh, src, v6 ? 16 : 4, v6 ? a : a + 12);
	mnl_attr_put(nlh, dst, v6 ? 16 : 4, v6 ? b : b + 12);
}

static struct nlmsghdr *drop(char *buf, bool v6)
{
	struct nlmsghdr *nlh = begin(buf, SFW_CMD_DROP_EVENT);
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_A_DROPPED);

	mnl_attr_put_u8(nlh, SFW_DROPPED_DIRECTION, SFW_DIRECTION_IN);
	mnl_attr_put_u8(nlh, SFW_DROPPED_REASON, SFW_REASON_RULE);
	mnl_attr_put_u8(nlh, SFW_DROPPED_ACTION, SFW_ACTION_REJECT);
	mnl_attr_put_u8(nlh, SFW_DROPPED_RULE_DIRECTION, SFW_DIRECTION_IN);
	mnl_attr_put_u32(nlh, SFW_DROPPED_RULE_NUMBER, 120);
	mnl_attr_put_u8(nlh, SFW_DROPPED_PROTOCOL, IPPROTO_TCP);
	put_ends(nlh, SFW_DROPPED_SOURCE, SFW_DROPPED_DESTINATION, v6);
	mnl_attr_put_u16(nlh, SFW_DROPPED_SOURCE_PORT, 40000);
	mnl_attr_put_u16(nlh, SFW_DROPPED_DESTINATION_PORT, 443);
	mnl_attr_put_u8(nlh, SFW_DROPPED_TCP_FLAGS, 0x12);
	mnl_attr_put_u32(nlh, SFW_DROPPED_LENGTH, 60);
	mnl_attr_put_strz(nlh, SFW_DROPPED_INTERFACE, "eth0");
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

/* What could not be read, and no list was asked about. */
static struct nlmsghdr *unread(char *buf)
{
	struct nlmsghdr *nlh = begin(buf, SFW_CMD_DROP_EVENT);
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_A_DROPPED);

	mnl_attr_put_u8(nlh, SFW_DROPPED_DIRECTION, SFW_DIRECTION_IN);
	mnl_attr_put_u8(nlh, SFW_DROPPED_REASON, SFW_REASON_MALFORMED);
	mnl_attr_put_u8(nlh, SFW_DROPPED_ACTION, SFW_ACTION_DENY);
	mnl_attr_put(nlh, SFW_DROPPED_AUDIT, 0, NULL);
	mnl_attr_put_u32(nlh, SFW_DROPPED_LENGTH, 9);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

static struct nlmsghdr *conn(char *buf, bool end)
{
	struct nlmsghdr *nlh = begin(buf, end ? SFW_CMD_CONN_END_EVENT :
						SFW_CMD_CONN_NEW_EVENT);
	struct nlattr *nest = mnl_attr_nest_start(nlh, SFW_A_CONN);

	mnl_attr_put_u8(nlh, SFW_CONN_DIRECTION, SFW_DIRECTION_OUT);
	mnl_attr_put_u8(nlh, SFW_CONN_PROTOCOL, IPPROTO_UDP);
	put_ends(nlh, SFW_CONN_SOURCE, SFW_CONN_DESTINATION, false);
	mnl_attr_put_u16(nlh, SFW_CONN_SOURCE_PORT, 5353);
	mnl_attr_put_u16(nlh, SFW_CONN_DESTINATION_PORT, 53);
	mnl_attr_put_u8(nlh, SFW_CONN_STATE, SFW_STATE_UDP_STREAM);
	mnl_attr_put_u8(nlh, SFW_CONN_RULE_DIRECTION, SFW_DIRECTION_OUT);
	mnl_attr_put_u32(nlh, SFW_CONN_RULE_NUMBER, 0);
	mnl_attr_put_u64(nlh, SFW_CONN_PACKETS, 7);
	mnl_attr_nest_end(nlh, nest);
	if (end)
		mnl_attr_put_u8(nlh, SFW_A_END, SFW_END_CUT);
	return nlh;
}

static struct nlmsghdr *change(char *buf)
{
	struct nlmsghdr *nlh = begin(buf, SFW_CMD_CHANGE_EVENT);

	mnl_attr_put_u8(nlh, SFW_A_CHANGE, SFW_CHANGE_EDIT);
	mnl_attr_put_u32(nlh, SFW_A_PORTID, 4711);
	mnl_attr_put_u8(nlh, SFW_A_MODE, SFW_MODE_STATELESS);
	mnl_attr_put_u8(nlh, SFW_A_AUDIT, 1);
	mnl_attr_put_u32(nlh, SFW_A_RULES_IN, 3);
	mnl_attr_put_u32(nlh, SFW_A_RULES_OUT, 4);
	mnl_attr_put_u32(nlh, SFW_A_CONFIRM_MS, 59001);
	return nlh;
}

static struct nlmsghdr *lost(char *buf)
{
	struct nlmsghdr *nlh = begin(buf, SFW_CMD_LOST_EVENT);

	mnl_attr_put_u8(nlh, SFW_A_GROUP, SFW_GROUP_CONNS);
	mnl_attr_put_u64(nlh, SFW_A_COUNT, 123456789012ULL);
	return nlh;
}

static void read_all(void)
{
	char buf[ROOM];
	struct nl_event e;
	const struct nl_packet *p = &e.packet;

	ok(!nl_get_event(drop(buf, false), &e) && e.kind == NL_EVENT_DROP &&
	   e.seq == 77 && e.time_ns == 1234567890123456789ULL &&
	   e.generation == 5 && nl_event_group(&e) == SFW_GROUP_DROPS &&
	   p->direction == SFW_DIRECTION_IN && p->reason == SFW_REASON_RULE &&
	   p->action == SFW_ACTION_REJECT && !p->audit && p->has_rule &&
	   p->rule_number == 120 && p->protocol == IPPROTO_TCP &&
	   p->family == AF_INET && p->src.lo == 0xc6336407 &&
	   p->dst.lo == 0x01030307 && p->has_ports && p->sport == 40000 &&
	   p->dport == 443 && p->has_flags && p->tcp_flags == 0x12 &&
	   !p->has_icmp && p->length == 60 && !strcmp(p->ifname, "eth0"),
	   "a drop");
	ok(!nl_get_event(drop(buf, true), &e) && p->family == AF_INET6 &&
	   p->src.hi == 0x20010db800000000ULL && p->dst.lo == 2, "of IPv6");
	ok(!nl_get_event(unread(buf), &e) && !p->family && !p->has_rule &&
	   !p->has_ports && p->audit && !*p->ifname && p->length == 9,
	   "of what could not be read, in audit");
	ok(!nl_get_event(conn(buf, false), &e) &&
	   e.kind == NL_EVENT_CONN_NEW &&
	   nl_event_group(&e) == SFW_GROUP_CONNS && e.conn.dport == 53 &&
	   e.conn.state == SFW_STATE_UDP_STREAM && e.conn.packets == 7,
	   "a connection");
	ok(!nl_get_event(conn(buf, true), &e) && e.kind == NL_EVENT_CONN_END &&
	   e.end == SFW_END_CUT, "its end");
	ok(!nl_get_event(change(buf), &e) && e.kind == NL_EVENT_CHANGE &&
	   nl_event_group(&e) == SFW_GROUP_RULES &&
	   e.change == SFW_CHANGE_EDIT && e.portid == 4711 && e.loaded &&
	   e.mode == SFW_MODE_STATELESS && e.audit && e.rules[0] == 3 &&
	   e.rules[1] == 4 && e.confirm_ms == 59001, "a change");
	ok(!nl_get_event(lost(buf), &e) && e.kind == NL_EVENT_LOST &&
	   nl_event_group(&e) == SFW_GROUP_CONNS && e.lost == 123456789012ULL,
	   "what was lost");
	ok(nl_get_event(begin(buf, SFW_CMD_FLUSH), &e) == -ENOMSG,
	   "an answer is no event");
	ok(nl_get_event(begin(buf, SFW_CMD_DROP_EVENT), &e) == -EBADMSG,
	   "a drop without a packet is broken");
}

static void newer(void)
{
	char buf[ROOM];
	struct nlmsghdr *nlh;
	struct nl_event e;

	nlh = begin(buf, SFW_CMD_CHANGE_EVENT);
	mnl_attr_put_u8(nlh, SFW_A_CHANGE, SFW_CHANGE_MAX + 1);
	ok(nl_get_event(nlh, &e) == -ENOMSG, "an unknown change is passed over");
	nlh = conn(buf, false);
	((struct genlmsghdr *)mnl_nlmsg_get_payload(nlh))->cmd =
		SFW_CMD_CONN_END_EVENT;
	mnl_attr_put_u8(nlh, SFW_A_END, SFW_END_MAX + 1);
	ok(nl_get_event(nlh, &e) == -ENOMSG, "an unknown end is passed over");
}

/* words: a filter; matches: of drop 4, drop 6, unread, connection. */
static const struct {
	const char *words[7];
	bool matches[4];
} filters[] = {
	{ { NULL }, { true, true, true, true } },
	{ { "dir", "in" }, { true, true, true, false } },
	{ { "dir", "out" }, { false, false, false, true } },
	{ { "proto", "tcp" }, { true, true, false, false } },
	{ { "proto", "udp" }, { false, false, false, true } },
	{ { "proto", "0" }, { false, false, false, false } },
	{ { "src", "198.51.100.0/24" }, { true, false, false, true } },
	{ { "dst", "198.51.100.0/24" }, { false, false, false, false } },
	{ { "addr", "1.3.3.7" }, { true, false, false, true } },
	{ { "addr", "2001:db8::/64" }, { false, true, false, false } },
	{ { "addr", "0.0.0.0/0" }, { true, false, false, true } },
	{ { "sport", "40000" }, { true, true, false, false } },
	{ { "dport", "1-100" }, { false, false, false, true } },
	{ { "port", "443" }, { true, true, false, false } },
	{ { "port", "5353" }, { false, false, false, true } },
	{ { "state", "udp-stream" }, { false, false, false, true } },
	{ { "state", "udp" }, { false, false, false, false } },
	{ { "rule", "in:120" }, { true, true, false, false } },
	{ { "rule", "in:121" }, { false, false, false, false } },
	{ { "rule", "out:120" }, { false, false, false, false } },
	{ { "rule", "out:*" }, { false, false, false, true } },
	{ { "rule", "in:*" }, { false, false, false, false } },
	{ { "on", "eth0" }, { true, true, false, false } },
	{ { "on", "eth1" }, { false, false, false, false } },
	{ { "reason", "rule" }, { true, true, false, false } },
	{ { "reason", "malformed" }, { false, false, true, false } },
	{ { "reason", "default" }, { false, false, false, false } },
	{ { "reason", "rule", "dport", "443", "src", "198.51.100.7" },
	  { true, false, false, false } },
	{ { "reason", "rule", "dport", "444" },
	  { false, false, false, false } },
};

static void select_by(void)
{
	char bufs[4][ROOM];
	const struct nlmsghdr *messages[] = {
		drop(bufs[0], false), drop(bufs[1], true), unread(bufs[2]),
		conn(bufs[3], true),
	};
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(filters); i++) {
		char *words[ARRAY_SIZE(filters[0].words)], text[128] = "";
		struct nl_subject s;
		struct nl_filter f;
		struct nl_event e;
		bool good;
		int n = 0;

		while (filters[i].words[n]) {
			words[n] = (char *)filters[i].words[n];
			strcat(strcat(text, " "), words[n++]);
		}
		good = nl_filter_parse(&f, n, words) == RC_OK;
		for (j = 0; good && j < ARRAY_SIZE(messages); j++)
			good = !nl_get_event(messages[j], &e) &&
			       nl_event_subject(&e, &s) &&
			       nl_filter_match(&f, &s) == filters[i].matches[j];
		ok(good, "filter:%s", text);
	}
}

/* Numbers that index tables, and text, are sound whatever came. */
static bool sound(const struct nl_event *e)
{
	const struct nl_packet *p = &e->packet;

	return p->direction <= SFW_DIRECTION_OUT &&
	       p->reason <= SFW_REASON_MAX && p->action <= SFW_ACTION_REJECT &&
	       p->rule_direction <= SFW_DIRECTION_OUT &&
	       (!p->family || p->family == AF_INET || p->family == AF_INET6) &&
	       strlen(p->ifname) <= SFW_IFNAME_MAX &&
	       e->conn.direction <= SFW_DIRECTION_OUT &&
	       e->conn.rule_direction <= SFW_DIRECTION_OUT &&
	       e->end <= SFW_END_MAX && e->change <= SFW_CHANGE_MAX &&
	       e->mode <= SFW_MODE_STATELESS && e->group <= SFW_GROUP_MAX;
}

static void mutate(const struct nlmsghdr *nlh, const char *name)
{
	const u32 head = MNL_NLMSG_HDRLEN + sizeof(struct genlmsghdr);
	bool good = true;
	int i, n;

	for (i = 0; i < MUTATIONS && good; i++) {
		u32 len = nlh->nlmsg_len;
		struct nl_event e;
		struct nlmsghdr *copy;

		if (rnd_once_in(3))
			len = head + rnd_below(len - head);
		/* Of exactly this size, so that one byte more is noticed. */
		copy = malloc(len);
		memcpy(copy, nlh, len);
		copy->nlmsg_len = len;
		for (n = rnd_below(6); n && len > head; n--)
			((u8 *)copy)[head + rnd_below(len - head)] =
				rnd_once_in(2) ? rnd() : rnd_below(48);
		if (!nl_get_event(copy, &e))
			good = sound(&e);
		free(copy);
	}
	ok(good, "%s, broken", name);
}

int main(int argc, char **argv)
{
	char buf[ROOM];

	rnd_seed(argc, argv);
	read_all();
	newer();
	select_by();
	mutate(drop(buf, false), "a drop");
	mutate(drop(buf, true), "a drop of IPv6");
	mutate(conn(buf, true), "the end of a connection");
	mutate(change(buf), "a change");
	mutate(lost(buf), "what was lost");
	return tap_done();
}
