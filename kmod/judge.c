// SPDX-License-Identifier: GPL-2.0
/*
 * What happens to a packet, and why.
 *
 * Stateless: the list of the packet's direction decides. Stateful: the
 * connection decides if there is one; else the list does, and an allowed
 * packet that can begin a connection makes one.
 *
 * A connection remembers which rule set judged it. Under a newer one its first
 * packet is judged again when its next packet comes; if the new list denies
 * it, the connection is removed and the packet dropped. So a new rule set
 * costs nothing at commit and holds for live connections too.
 *
 * Every packet is settled exactly once: one rule (or default) counts it, one
 * statistic says what became of it, and a drop has one reason.
 *
 * Synchronisation: RCU read side with BH disabled for the whole way. The only
 * locks are that of a connection, for its state update and its counters, and that
 * of the rate limit of a rule that has one.
 */
#include <linux/netdevice.h>
#include <linux/prefetch.h>
#include <linux/timekeeping.h>

#include "count.h"
#include "fresh.h"
#include "generic.h"
#include "judge.h"
#include "log.h"
#include "ns.h"
#include "ruleset.h"
#include "staged.h"
#include "trace.h"

/* A connection's rule that the running set does not have. */
#define INDEX_GONE	(SFW_CLASSIFY_NONE - 1)

/* How often another CPU may be faster in making or removing a connection. */
#define RACES_MAX	4

enum known {
	KNOWN_SETTLED,		/* the verdict is there */
	KNOWN_FRESH,		/* the connection is gone, judge as a first packet */
};

static void log_match(struct sfw_net *sn, const struct sfw_ruleset *rs,
		      const struct sfw_packet *pkt, u32 index)
{
	u8 d = pkt->direction;
	u32 number = 0;
	u8 action;

	if (index == SFW_CLASSIFY_NONE) {
		if (!rs->def[d].log)
			return;
		/* The bucket is the one thing in a rule set that changes. */
		if (!sfw_limit_take((struct sfw_limit *)&rs->def[d].log_limit,
				    ktime_get_ns()))
			return;
		action = rs->def[d].action;
	} else {
		struct sfw_entry *entry = sfw_ruleset_entry(rs, d, index);

		if (!(entry->rule.flags & SFW_RULE_F_LOG))
			return;
		if (!sfw_limit_take(entry->log, ktime_get_ns()))
			return;
		number = entry->rule.number;
		action = entry->rule.action;
	}
	sfw_log_packet(sn->net, d, number, action, rs->generation, pkt);
}

/**
 * sfw_judge_first_match() - what a list says about a packet
 * @rs: the rule set
 * @pkt: the packet
 * @limited: set to true if a rule was passed over because it is past its
 *	limit; NULL if rates do not matter
 *
 * Return: index of the first rule that matches in the list of the packet's
 * direction, or SFW_CLASSIFY_NONE.
 * Context: RCU read side, BH disabled.
 */
u32 sfw_judge_first_match(const struct sfw_ruleset *rs,
			  const struct sfw_packet *pkt, bool *limited)
{
	u8 d = pkt->direction;
	u32 i = 0;

	for (;;) {
		struct sfw_entry *entry;

		i = sfw_classify_next(rs->cls[d], pkt, i);
		if (i == SFW_CLASSIFY_NONE)
			return i;
		entry = sfw_ruleset_entry(rs, d, i);
		if (!limited || !(entry->rule.flags & SFW_RULE_F_LIMIT) ||
		    sfw_limit_take(entry->limit, ktime_get_ns()))
			return i;
		*limited = true;
		i++;
	}
}

static u8 list_action(const struct sfw_ruleset *rs, u8 d, u32 index)
{
	return index == SFW_CLASSIFY_NONE ? rs->def[d].action :
					    rs->rule[d][index]->action;
}

static const struct sfw_rule *list_rule(const struct sfw_ruleset *rs, u8 d,
					u32 index)
{
	return index == SFW_CLASSIFY_NONE ? NULL : rs->rule[d][index];
}

static struct sfw_verdict list_verdict(const struct sfw_ruleset *rs, u8 d,
				       u32 index)
{
	const struct sfw_rule *rule = list_rule(rs, d, index);

	return (struct sfw_verdict){
		.action = list_action(rs, d, index),
		.reason = rule ? SFW_REASON_RULE : SFW_REASON_DEFAULT,
		.index = index,
		.listed = true,
		.direction = d,
		.number = rule ? rule->number : 0,
	};
}

static struct sfw_verdict allow(void)
{
	return (struct sfw_verdict){
		.action = SFW_ACTION_ALLOW,
		.known = true,
	};
}

static struct sfw_verdict drop(enum sfw_reason reason)
{
	return (struct sfw_verdict){
		.action = SFW_ACTION_DENY,
		.reason = reason,
		.known = true,
	};
}

/* The list decides: count and log what it said. */
static struct sfw_verdict settle_list(struct sfw_net *sn,
				      const struct sfw_ruleset *rs,
				      const struct sfw_packet *pkt, u32 index,
				      bool limited)
{
	struct sfw_verdict v = list_verdict(rs, pkt->direction, index);

	if (limited && index == SFW_CLASSIFY_NONE)
		v.reason = SFW_REASON_RATE_LIMIT;
	sfw_count_rule(sn, rs, pkt->direction, index, pkt->len, false);
	log_match(sn, rs, pkt, index);
	return v;
}

static struct sfw_verdict judge_list(struct sfw_net *sn,
				     const struct sfw_ruleset *rs,
				     const struct sfw_packet *pkt)
{
	bool limited = false;
	u32 index = sfw_judge_first_match(rs, pkt, &limited);

	return settle_list(sn, rs, pkt, index, limited);
}

/* The first packet of a connection, ready to be judged again. */
static void first_packet(struct sfw_net *sn, const struct sfw_conn *conn,
			 struct sfw_packet *first)
{
	const struct net_device *dev;

	sfw_conn_first_packet(conn, first);
	dev = dev_get_by_index_rcu(sn->net, first->ifindex);
	first->ifname = dev ? dev->name : NULL;
}

/* Index of the rule that a connection from before the rule set has in it. */
static u32 place(const struct sfw_ruleset *rs, const struct sfw_conn *conn,
		 const struct sfw_packet *first)
{
	u32 number = READ_ONCE(conn->rule), index;

	/* A connection that was once let in is not cut by a rate. */
	if (!rs->eff.keep_connections)
		return sfw_judge_first_match(rs, first, NULL);
	if (!number)
		return SFW_CLASSIFY_NONE;
	index = sfw_ruleset_find(rs, first->direction, number);
	return index == SFW_CLASSIFY_NONE ? INDEX_GONE : index;
}

/*
 * A connection from before the running rule set. Either it gets its place in
 * it, or it is removed: KNOWN_SETTLED with a verdict if the list denies it,
 * KNOWN_FRESH if the list wants no state for it. *index is its rule.
 */
static enum known rejudge(struct sfw_net *sn, const struct sfw_ruleset *rs,
			  const struct sfw_packet *pkt, struct sfw_conn *conn,
			  u32 *index, struct sfw_verdict *v)
{
	const struct sfw_rule *rule;
	struct sfw_packet first;
	u8 d;

	first_packet(sn, conn, &first);
	d = first.direction;
	*index = place(rs, conn, &first);
	if (rs->eff.keep_connections)
		goto placed;
	rule = list_rule(rs, d, *index);
	if (list_action(rs, d, *index) != SFW_ACTION_ALLOW) {
		/* Audit has no consequences: the connection goes on. */
		if (!rs->audit)
			sfw_conn_kill(&sn->table, conn, SFW_END_CUT);
		*v = list_verdict(rs, d, *index);
		v->known = true;
		sfw_count_rule(sn, rs, d, *index, pkt->len, false);
		log_match(sn, rs, &first, *index);
		return KNOWN_SETTLED;
	}
	if (rule && rule->flags & SFW_RULE_F_NO_STATE && !rs->audit) {
		sfw_conn_kill(&sn->table, conn, SFW_END_CUT);
		return KNOWN_FRESH;
	}
	WRITE_ONCE(conn->rule, rule ? rule->number : 0);
	WRITE_ONCE(conn->looped, 0);
placed:
	WRITE_ONCE(conn->origin, sfw_conn_origin(rs->generation, *index));
	*v = allow();
	return KNOWN_SETTLED;
}

/* Rule index of a connection under the running set; judges it if need be. */
static enum known conn_index(struct sfw_net *sn, const struct sfw_ruleset *rs,
			     const struct sfw_packet *pkt,
			     struct sfw_conn *conn, u32 *index,
			     struct sfw_verdict *v)
{
	u64 origin = READ_ONCE(conn->origin);

	*index = (u32)origin;
	*v = allow();
	if (likely(origin >> 32 == rs->generation))
		return KNOWN_SETTLED;
	/* This packet is late: a newer rule set has judged already. */
	if ((s32)((u32)(origin >> 32) - rs->generation) > 0) {
		*index = INDEX_GONE;
		return KNOWN_SETTLED;
	}
	return rejudge(sn, rs, pkt, conn, index, v);
}

/* @unheard: state whose timeout holds while nobody answered what was picked
 * up
 */
static u32 conn_timeout(const struct sfw_ruleset *rs,
			const struct sfw_conn *conn, u8 state, u8 unheard)
{
	if (conn->flags & SFW_CONN_F_PICKED_UP &&
	    READ_ONCE(conn->replied) == SFW_CONN_UNREPLIED)
		state = unheard;
	return rs->eff.timeout[state];
}

/* A SYN or INIT of the responder, unless both begin at once, asks for a
 * connection in the other direction; the list has to say yes to that first.
 */
static bool is_turned_syn(const struct sfw_packet *pkt,
			  const struct sfw_conn *conn, int dir)
{
	return dir == 1 &&
	       (pkt->tcp.flags & (SFW_TCP_SYN | SFW_TCP_ACK)) == SFW_TCP_SYN &&
	       READ_ONCE(conn->state) != SFW_STATE_TCP_SYN_SENT;
}

static bool is_turned_init(const struct sfw_packet *pkt,
			   const struct sfw_conn *conn, int dir)
{
	return dir == 1 && sfw_sctp_is_init(&pkt->sctp) &&
	       READ_ONCE(conn->state) != SFW_STATE_SCTP_INIT;
}

/* How well a TCP connection is entitled to its place. Half of a handshake is
 * what a flood makes, and what is closed needs it no more.
 */
static u8 tcp_replied(u8 replied, u8 state, int dir)
{
	if (!replied && dir == 0)
		return SFW_CONN_UNREPLIED;
	switch (state) {
	case SFW_STATE_TCP_SYN_SENT:
	case SFW_STATE_TCP_SYN_RECEIVED:
	case SFW_STATE_TCP_TIME_WAIT:
	case SFW_STATE_TCP_CLOSE:
		return SFW_CONN_HEARD;
	}
	return SFW_CONN_STAYS;
}

static noinline void set_tcp_state(struct sfw_net *sn, struct sfw_conn *conn,
				   u8 state, int dir)
{
	u8 replied = tcp_replied(conn->replied, state, dir);

	if (conn->state != state)
		WRITE_ONCE(conn->state, state);
	if (conn->replied != replied)
		sfw_conn_set_replied(&sn->table, conn, replied);
}

/* Does a packet claim to be of a side whose packets come from elsewhere: from
 * this host, or by another interface? If those changed, that is no proof.
 */
static bool is_stray(const struct sfw_conn *conn, const struct sfw_packet *pkt,
		     int dir)
{
	u8 by = conn->hooks >> (2 * dir) & 3;
	u32 from = dir ? conn->back : conn->ifindex;

	if (pkt->direction != SFW_DIRECTION_IN)
		return false;
	if (by == BIT(SFW_DIRECTION_IN))
		return from && from != pkt->ifindex;
	return by == BIT(SFW_DIRECTION_OUT);
}

/* A segment that proved to be of its sender came by this hook. */
static void note_hook(struct sfw_conn *conn, const struct sfw_packet *pkt,
		      int dir)
{
	conn->hooks |= BIT(2 * dir + pkt->direction);
	if (dir == 1 && !conn->back && pkt->direction == SFW_DIRECTION_IN)
		conn->back = pkt->ifindex;
}

/* Its numbers are known again: so will be by which interface the responder's
 * segments come, which is not saved.
 */
static void forget_way(struct sfw_conn *conn)
{
	if ((conn->hooks >> 2 & 3) == BIT(SFW_DIRECTION_IN))
		conn->hooks &= ~BIT(2 + SFW_DIRECTION_IN);
}

/* A SYN or a reset that changes nothing proves nothing: what runs gets no more
 * time for it.
 */
static bool lasts(u8 state)
{
	return state == SFW_STATE_TCP_ESTABLISHED ||
	       state == SFW_STATE_TCP_FIN_WAIT ||
	       state == SFW_STATE_TCP_CLOSE_WAIT ||
	       state == SFW_STATE_TCP_LAST_ACK;
}

static enum known track_tcp(struct sfw_net *sn, const struct sfw_ruleset *rs,
			    struct sfw_packet *pkt,
			    struct sfw_conn *conn, int dir,
			    struct sfw_verdict *v)
{
	u8 answer = pkt->tcp.flags & (SFW_TCP_SYN | SFW_TCP_ACK | SFW_TCP_RST);
	u8 hook = BIT(2 * dir + pkt->direction);
	u8 side = 3 << (2 * dir);
	enum sfw_tcp_result result;
	bool ask = false;
	u8 state, was;

	spin_lock(&conn->lock);
	if (unlikely(conn->dead)) {
		spin_unlock(&conn->lock);
		return KNOWN_FRESH;
	}
	state = conn->state;
	was = state;
	if (unlikely(answer & (SFW_TCP_SYN | SFW_TCP_RST) ||
		     conn->tcp.flags[1] & SFW_TCP_F_ANSWERED))
		pkt->tcp.stray = !rs->eff.tcp_liberal &&
				 is_stray(conn, pkt, dir);
	/* Whoever sends a SYN proves nothing, and it is no sign of life. */
	if (unlikely(answer & SFW_TCP_SYN) &&
	    pkt->direction == SFW_DIRECTION_IN && !rs->audit &&
	    !rs->eff.tcp_liberal)
		ask = sfw_tcp_ask(&conn->tcp, state, dir, &pkt->tcp);
	if (unlikely(ask)) {
		spin_unlock(&conn->lock);
		*v = allow();
		v->ask = true;
		return KNOWN_SETTLED;
	}
	/* The answer to a SYN that met the connection replaces it. Whoever sent
	 * that SYN can guess the answer, but not send it from this host.
	 */
	if (unlikely(answer & (SFW_TCP_SYN | SFW_TCP_RST) &&
		     answer & SFW_TCP_ACK &&
		     pkt->direction == SFW_DIRECTION_IN &&
		     (conn->hooks & side) == BIT(2 * dir + SFW_DIRECTION_OUT))) {
		result = SFW_TCP_BAD_WINDOW;
	} else if (unlikely(conn->stale)) {
		result = sfw_tcp_late(&conn->tcp, &state, dir, &pkt->tcp,
				      rs->eff.tcp_liberal, &conn->stale);
		if (!conn->stale)
			forget_way(conn);
	} else {
		result = sfw_tcp_track(&conn->tcp, &state, dir, &pkt->tcp,
				       rs->eff.tcp_liberal);
	}
	if (unlikely(result == SFW_TCP_BAD_WINDOW && rs->audit) &&
	    !(answer & (SFW_TCP_SYN | SFW_TCP_RST))) {
		/* It passes all the same, so learn from it and keep it. */
		sfw_tcp_track(&conn->tcp, &state, dir, &pkt->tcp, true);
		WRITE_ONCE(conn->state, state);
		sfw_conn_refresh(conn, conn_timeout(rs, conn, state,
						    SFW_STATE_TCP_SYN_SENT));
		sfw_conn_count(conn, dir, pkt->len);
	}
	if (likely(result == SFW_TCP_PASS)) {
		if (unlikely(conn->state != state ||
			     conn->replied != SFW_CONN_STAYS))
			set_tcp_state(sn, conn, state, dir);
		if (unlikely(!(conn->hooks & hook)) && answer & SFW_TCP_ACK &&
		    !(answer & SFW_TCP_RST) &&
		    state != SFW_STATE_TCP_SYN_SENT && !conn->stale)
			note_hook(conn, pkt, dir);
		if (likely(!(answer & (SFW_TCP_SYN | SFW_TCP_RST))) ||
		    state != was || !lasts(state))
			sfw_conn_refresh(conn,
					 conn_timeout(rs, conn, state,
						      SFW_STATE_TCP_SYN_SENT));
		sfw_conn_count(conn, dir, pkt->len);
	}
	spin_unlock(&conn->lock);

	if (result == SFW_TCP_REOPEN) {
		sfw_conn_kill(&sn->table, conn, SFW_END_CLOSED);
		return KNOWN_FRESH;
	}
	*v = result == SFW_TCP_PASS ? allow() :
	     drop(result == SFW_TCP_BAD_FLAGS ? SFW_REASON_INVALID_FLAGS :
						SFW_REASON_INVALID_WINDOW);
	return KNOWN_SETTLED;
}

static u8 sctp_replied(u8 replied, u8 state, int dir)
{
	if (!replied && dir == 0)
		return SFW_CONN_UNREPLIED;
	return state == SFW_STATE_SCTP_ESTABLISHED ||
	       state == SFW_STATE_SCTP_SHUTDOWN ||
	       state == SFW_STATE_SCTP_SHUTDOWN_ACK ? SFW_CONN_STAYS :
						      SFW_CONN_HEARD;
}

static enum known track_sctp(struct sfw_net *sn, const struct sfw_ruleset *rs,
			     const struct sfw_packet *pkt,
			     struct sfw_conn *conn, int dir,
			     struct sfw_verdict *v)
{
	u8 hook = BIT(2 * dir + pkt->direction);
	u8 side = 3 << (2 * dir);
	enum sfw_sctp_result result;
	bool answer, replaces;
	u8 state;

	if (!sfw_sctp_valid(&pkt->sctp, pkt->sport, pkt->dport)) {
		*v = drop(SFW_REASON_INVALID_FLAGS);
		return KNOWN_SETTLED;
	}
	answer = sfw_sctp_is_answer(&pkt->sctp);
	spin_lock(&conn->lock);
	if (unlikely(conn->dead)) {
		spin_unlock(&conn->lock);
		return KNOWN_FRESH;
	}
	state = conn->state;
	/* As in track_tcp(), and nobody else begins anew for this host. */
	replaces = answer || (sfw_sctp_is_init(&pkt->sctp) &&
			      state != SFW_STATE_SCTP_CLOSE);
	if (replaces && pkt->direction == SFW_DIRECTION_IN &&
	    (conn->hooks & side) == BIT(2 * dir + SFW_DIRECTION_OUT))
		result = SFW_SCTP_BAD_TAG;
	else
		result = sfw_sctp_track(&conn->sctp, &state, dir, &pkt->sctp);
	if (result == SFW_SCTP_PASS) {
		WRITE_ONCE(conn->state, state);
		/* It knew the tag. */
		if (!answer && pkt->sctp.vtag &&
		    pkt->sctp.vtag == conn->sctp.tag[!dir])
			conn->hooks |= hook;
		sfw_conn_set_replied(&sn->table, conn,
				     sctp_replied(conn->replied, state, dir));
		sfw_conn_refresh(conn, conn_timeout(rs, conn, state,
						    SFW_STATE_SCTP_INIT));
		sfw_conn_count(conn, dir, pkt->len);
	}
	spin_unlock(&conn->lock);

	switch (result) {
	case SFW_SCTP_PASS:
		*v = allow();
		break;
	case SFW_SCTP_BAD_TAG:
		*v = drop(SFW_REASON_INVALID_WINDOW);
		break;
	case SFW_SCTP_BAD_CHUNKS:
		*v = drop(SFW_REASON_INVALID_FLAGS);
		break;
	case SFW_SCTP_REOPEN:
		sfw_conn_kill(&sn->table, conn, SFW_END_CLOSED);
		return KNOWN_FRESH;
	}
	return KNOWN_SETTLED;
}

static void track_other(const struct sfw_ruleset *rs,
			const struct sfw_packet *pkt, struct sfw_conn *conn,
			int dir)
{
	u8 replied = READ_ONCE(conn->replied);
	u8 state = READ_ONCE(conn->state);

	if (dir == 1 && replied == SFW_CONN_UNREPLIED) {
		state = sfw_generic_state(pkt->protocol, true);
		WRITE_ONCE(conn->state, state);
		WRITE_ONCE(conn->replied, SFW_CONN_HEARD);
	} else if (dir == 0 && replied == SFW_CONN_HEARD) {
		/* An answer proves nothing about who asked: a service that
		 * answers strangers answers a flood as well, and each question
		 * of it would keep a place. That the originator goes on after
		 * the answer is what a flood does not do.
		 */
		WRITE_ONCE(conn->replied, SFW_CONN_STAYS);
	}
	sfw_conn_refresh(conn, rs->eff.timeout[state]);
	spin_lock(&conn->lock);
	sfw_conn_count(conn, dir, pkt->len);
	if (sfw_generic_is_tunnel(pkt->protocol))
		sfw_generic_note(&conn->tunnel, dir, &pkt->tunnel);
	spin_unlock(&conn->lock);
}

/* The list on a packet that asks for a connection within a known one; false
 * with a verdict if it says no.
 */
static bool may_turn(struct sfw_net *sn, const struct sfw_ruleset *rs,
		     const struct sfw_packet *pkt, struct sfw_verdict *v)
{
	u32 index = sfw_judge_first_match(rs, pkt, NULL);

	if (list_action(rs, pkt->direction, index) == SFW_ACTION_ALLOW)
		return true;
	*v = settle_list(sn, rs, pkt, index, false);
	return false;
}

static enum known judge_known(struct sfw_net *sn, const struct sfw_ruleset *rs,
			      struct sfw_packet *pkt,
			      struct sfw_conn *conn, int dir,
			      struct sfw_verdict *v)
{
	u8 rule_direction = conn->flags & SFW_CONN_F_OUT ? SFW_DIRECTION_OUT :
							   SFW_DIRECTION_IN;
	u32 index;

	if (conn_index(sn, rs, pkt, conn, &index, v) == KNOWN_FRESH)
		return KNOWN_FRESH;
	if (v->action != SFW_ACTION_ALLOW) {
		struct sfw_verdict ignored;

		/* In audit the packet passes: do not lose track of it. */
		if (!rs->audit)
			return KNOWN_SETTLED;
		if (pkt->protocol == IPPROTO_TCP)
			track_tcp(sn, rs, pkt, conn, dir, &ignored);
		else if (pkt->protocol == IPPROTO_SCTP)
			track_sctp(sn, rs, pkt, conn, dir, &ignored);
		else
			track_other(rs, pkt, conn, dir);
		return KNOWN_SETTLED;
	}

	if (pkt->protocol == IPPROTO_TCP) {
		if (unlikely(is_turned_syn(pkt, conn, dir)) &&
		    !may_turn(sn, rs, pkt, v))
			return KNOWN_SETTLED;
		if (track_tcp(sn, rs, pkt, conn, dir, v) == KNOWN_FRESH)
			return KNOWN_FRESH;
	} else if (unlikely(pkt->protocol == IPPROTO_SCTP)) {
		if (is_turned_init(pkt, conn, dir) && !may_turn(sn, rs, pkt, v))
			return KNOWN_SETTLED;
		if (track_sctp(sn, rs, pkt, conn, dir, v) == KNOWN_FRESH)
			return KNOWN_FRESH;
	} else {
		track_other(rs, pkt, conn, dir);
	}
	if (v->action == SFW_ACTION_ALLOW)
		sfw_count_rule(sn, rs, rule_direction, index, pkt->len, false);
	if (trace_verdict_enabled() && v->action == SFW_ACTION_ALLOW)
		sfw_trace_rule(conn, v);
	return KNOWN_SETTLED;
}

/* No connection: the list decides. Sets *raced if another CPU made it. @place is
 * set if sfw_tuple_has() holds.
 */
static noinline struct sfw_verdict
judge_new(struct sfw_net *sn, const struct sfw_ruleset *rs,
	  const struct sfw_packet *pkt, const struct sfw_conn_place *place,
	  bool *raced)
{
	u8 d = pkt->direction;
	const struct sfw_rule *rule;
	bool limited = false;
	enum sfw_fresh fresh;
	u32 index;

	*raced = false;
	if (!sfw_fresh_chunks_valid(pkt))
		return drop(SFW_REASON_INVALID_FLAGS);
	index = sfw_judge_first_match(rs, pkt, &limited);
	rule = list_rule(rs, d, index);
	fresh = sfw_fresh_settle(pkt, rule, list_action(rs, d, index),
				 rs->eff.tcp_pickup);
	if (fresh == SFW_FRESH_LIST)
		return settle_list(sn, rs, pkt, index, limited);
	if (fresh == SFW_FRESH_NO_CONNECTION)
		return (struct sfw_verdict){
			.action = SFW_ACTION_DENY,
			.reason = SFW_REASON_NO_CONNECTION,
			.index = index,
			.number = rule ? rule->number : 0,
		};
	if (!sfw_conn_add(&sn->table, pkt, place,
			  sfw_conn_origin(rs->generation, index),
			  rule ? rule->number : 0, &rs->eff, raced))
		return drop(SFW_REASON_TABLE_FULL);
	if (*raced)
		return allow();
	sfw_count_rule(sn, rs, d, index, pkt->len, true);
	log_match(sn, rs, pkt, index);
	return list_verdict(rs, d, index);
}

/* Can the quoted packet have been sent lately? */
static bool quote_is_valid(const struct sfw_ruleset *rs,
			   const struct sfw_packet *quote,
			   struct sfw_conn *conn, int dir)
{
	bool valid = true;

	/* Who has sent nothing is told of nothing. */
	if (quote->protocol != IPPROTO_TCP && quote->protocol != IPPROTO_SCTP)
		return dir == 0 ||
		       READ_ONCE(conn->replied) != SFW_CONN_UNREPLIED;
	spin_lock(&conn->lock);
	if (conn->dead)
		valid = true;
	else if (quote->protocol == IPPROTO_SCTP)
		valid = sfw_sctp_quote_valid(&conn->sctp, dir,
					     quote->sctp.vtag);
	else if (!rs->eff.tcp_liberal)
		valid = sfw_tcp_quote_valid(&conn->tcp, dir, quote->tcp.seq);
	spin_unlock(&conn->lock);
	return valid;
}

/*
 * An ICMP error belongs to the connection of the packet it quotes, if it goes
 * to the sender of that packet (RFC 5927 is why the sequence number counts).
 */
static struct sfw_verdict judge_error(struct sfw_net *sn,
				      const struct sfw_ruleset *rs,
				      const struct sfw_question *q)
{
	const struct sfw_packet *quote = q->quote;
	const struct sfw_packet *pkt = q->pkt;
	const struct sfw_rule *rule;
	struct sfw_verdict v;
	struct sfw_conn *conn;
	bool limited = false;
	u32 index;
	int dir;

	if (!quote || sfw_addr_cmp(&pkt->dst, &quote->src))
		return drop(SFW_REASON_INVALID_ICMP);

	conn = sfw_tuple_has(quote) ? sfw_conn_find(&sn->table, quote, &dir) :
				      NULL;
	if (conn && conn_index(sn, rs, pkt, conn, &index, &v) != KNOWN_FRESH) {
		if (v.action != SFW_ACTION_ALLOW)
			return v;
		if (!quote_is_valid(rs, quote, conn, dir))
			return drop(SFW_REASON_INVALID_ICMP);
		sfw_count_rule(sn, rs, conn->flags & SFW_CONN_F_OUT ?
			   SFW_DIRECTION_OUT : SFW_DIRECTION_IN, index,
			   pkt->len, false);
		return allow();
	}

	index = sfw_judge_first_match(rs, pkt, &limited);
	rule = list_rule(rs, pkt->direction, index);
	if (sfw_fresh_error(pkt, rule) == SFW_FRESH_BAD_ERROR)
		return drop(SFW_REASON_INVALID_ICMP);
	return settle_list(sn, rs, pkt, index, limited);
}

/*
 * The second way of a packet to this same host (option loopback filter). The
 * out list has judged and counted it. The in list judges each connection
 * once, by its first packet; there is one connection, not two.
 */
static struct sfw_verdict judge_looped(struct sfw_net *sn,
				       const struct sfw_ruleset *rs,
				       const struct sfw_question *q)
{
	struct sfw_packet *pkt = q->pkt;
	struct sfw_packet first;
	struct sfw_verdict v;
	struct sfw_conn *conn;
	int dir;

	/* Judged on its way out, or our own answer to what was rejected there. */
	if (pkt->icmp_class == SFW_ICMP_ERROR)
		return allow();
	conn = sfw_tuple_has(pkt) ? sfw_conn_find(&sn->table, pkt, &dir) : NULL;
	if (!conn && pkt->protocol == IPPROTO_TCP &&
	    pkt->tcp.flags & SFW_TCP_RST)
		return allow();
	if (!conn)
		return judge_list(sn, rs, pkt);
	if (dir == 1 || READ_ONCE(conn->looped))
		return allow();

	first_packet(sn, conn, &first);
	first.direction = SFW_DIRECTION_IN;
	first.len = pkt->len;
	v = judge_list(sn, rs, &first);
	if (v.action == SFW_ACTION_ALLOW)
		WRITE_ONCE(conn->looped, 1);
	return v;
}

static struct sfw_verdict judge_stateful(struct sfw_net *sn,
					 const struct sfw_ruleset *rs,
					 const struct sfw_question *q)
{
	struct sfw_packet *pkt = q->pkt;
	struct sfw_conn_place place __uninitialized;
	struct sfw_verdict v;
	int tries;

	if (pkt->protocol == IPPROTO_TCP &&
	    unlikely(!sfw_tcp_flags_valid(&pkt->tcp, pkt->dport)))
		return drop(SFW_REASON_INVALID_FLAGS);
	if (unlikely(q->bad_checksum))
		return drop(SFW_REASON_INVALID_CHECKSUM);
	if (q->looped)
		return judge_looped(sn, rs, q);
	if (pkt->icmp_class == SFW_ICMP_ERROR)
		return judge_error(sn, rs, q);
	if (!sfw_tuple_has(pkt))
		return judge_list(sn, rs, pkt);

	sfw_conn_locate(&place, pkt);
	for (tries = 0; tries < RACES_MAX; tries++) {
		struct sfw_conn *conn;
		bool raced;
		int dir;

		conn = sfw_table_find(&sn->table, &place, &dir);
		if (conn && pkt->protocol == IPPROTO_TCP)
			prefetch(&conn->tcp);
		if (conn && judge_known(sn, rs, pkt, conn, dir, &v) ==
			    KNOWN_SETTLED)
			return v;
		v = judge_new(sn, rs, pkt, &place, &raced);
		if (!raced)
			return v;
	}
	/* Connections of this very tuple come and go under our hands. */
	return drop(SFW_REASON_NO_CONNECTION);
}

/**
 * sfw_judge_packet() - decide on a packet
 * @sn: the namespace
 * @rs: its running rule set
 * @q: the packet
 *
 * Counts, logs and follows the connection; in audit too, where the caller lets
 * everything pass.
 *
 * Return: the verdict.
 * Context: RCU read side, BH disabled.
 */
struct sfw_verdict sfw_judge_packet(struct sfw_net *sn,
				    const struct sfw_ruleset *rs,
				    const struct sfw_question *q)
{
	const struct sfw_staged *staged;
	struct sfw_verdict v;

	v = rs->mode == SFW_MODE_STATEFUL ? judge_stateful(sn, rs, q) :
					    judge_list(sn, rs, q->pkt);
	sfw_count_verdict(sn, q->pkt->direction, v.action, v.reason);
	staged = rcu_dereference(sn->staged);
	if (unlikely(staged))
		sfw_staged_judge(staged, rs, q->pkt, &v);
	return v;
}

/**
 * sfw_judge_index() - the rule that a connection lives by
 * @sn: the namespace
 * @rs: its running rule set
 * @conn: the connection, which is not changed
 *
 * Return: index in the list of its direction, SFW_CLASSIFY_NONE for the
 * default; neither if there is no such rule, or if the set cuts it at its next
 * packet.
 * Context: RCU read side.
 */
u32 sfw_judge_index(struct sfw_net *sn, const struct sfw_ruleset *rs,
		    const struct sfw_conn *conn)
{
	u64 origin = READ_ONCE(conn->origin);
	struct sfw_packet first;
	u32 index;

	if (origin >> 32 == rs->generation)
		return (u32)origin;
	first_packet(sn, conn, &first);
	index = place(rs, conn, &first);
	if (!rs->eff.keep_connections &&
	    list_action(rs, first.direction, index) != SFW_ACTION_ALLOW)
		return INDEX_GONE;
	return index;
}

/**
 * sfw_judge_malformed() - count a packet that cannot be read
 * @sn: the namespace
 * @direction: enum sfw_direction
 *
 * Return: the verdict.
 * Context: BH disabled.
 */
struct sfw_verdict sfw_judge_malformed(struct sfw_net *sn, u8 direction)
{
	struct sfw_verdict v = drop(SFW_REASON_MALFORMED);

	sfw_count_verdict(sn, direction, v.action, v.reason);
	return v;
}
