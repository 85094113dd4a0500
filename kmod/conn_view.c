// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection looks like from outside of its table: as the packet that
 * began it, as netlink shows it, and as it is saved and restored.
 *
 * Synchronisation: RCU read side. Words are read one by one while packets
 * change them; what has to fit together, the state of TCP and SCTP and the ids
 * of a tunnel, is copied under the connection's lock.
 */
#include <linux/netdevice.h>

#include "classify.h"
#include "codec.h"
#include "conn.h"
#include "generic.h"

/* Endpoints of the original direction. */
static void conn_endpoints(const struct sfw_conn *conn, struct sfw_addr *src,
			   struct sfw_addr *dst, u16 port[2], u8 *protocol,
			   u8 *sub)
{
	int o = !!(conn->flags & SFW_CONN_F_SWAPPED);
	const struct sfw_conn4 *c4;
	const struct sfw_conn6 *c6;
	struct sfw_ends ends;

	if (conn->flags & SFW_CONN_F_V6) {
		c6 = container_of(conn, const struct sfw_conn6, c);
		sfw_tuple_ends6(&c6->key, &ends);
	} else {
		c4 = container_of(conn, const struct sfw_conn4, c);
		sfw_tuple_ends4(&c4->key, &ends);
	}
	*src = ends.addr[o];
	*dst = ends.addr[!o];
	port[0] = ends.port[o];
	port[1] = ends.port[!o];
	*protocol = ends.protocol;
	*sub = ends.sub;
}

/**
 * sfw_conn_first_packet() - the header that began a connection
 * @conn: the connection
 * @pkt: filled in but for the interface name
 *
 * What a new rule set judges a live connection by.
 *
 * Context: RCU read side.
 */
void sfw_conn_first_packet(const struct sfw_conn *conn, struct sfw_packet *pkt)
{
	u16 port[2];
	u8 sub;

	memset(pkt, 0, sizeof(*pkt));
	conn_endpoints(conn, &pkt->src, &pkt->dst, port, &pkt->protocol, &sub);
	pkt->family = conn->flags & SFW_CONN_F_V6 ? AF_INET6 : AF_INET;
	pkt->direction = conn->flags & SFW_CONN_F_OUT ? SFW_DIRECTION_OUT :
							SFW_DIRECTION_IN;
	pkt->ifindex = conn->ifindex;
	pkt->has_ports = sfw_packet_has_ports(pkt->protocol);
	if (pkt->has_ports) {
		pkt->sport = port[0];
		pkt->dport = port[1];
	} else {
		pkt->icmp_id = port[0];
		pkt->icmp_type = sub;
		pkt->icmp_class = SFW_ICMP_QUERY;
	}
	if (pkt->protocol == IPPROTO_TCP)
		pkt->tcp.flags = conn->first;
}

static void get_tunnel(const struct sfw_conn *conn, struct sfw_tunnel *tunnel)
{
	spinlock_t *lock = (spinlock_t *)&conn->lock;

	spin_lock_bh(lock);
	*tunnel = conn->tunnel;
	spin_unlock_bh(lock);
}

/**
 * sfw_conn_get_view() - a connection as netlink shows it
 * @net: the namespace, for the interface's name
 * @conn: the connection
 * @view: filled in
 *
 * Context: RCU read side.
 */
void sfw_conn_get_view(struct net *net, const struct sfw_conn *conn,
		       struct sfw_conn_view *view)
{
	s32 left = READ_ONCE(conn->expires) - (u32)jiffies;
	struct net_device *dev;
	u16 port[2];
	u8 sub;

	memset(view, 0, sizeof(*view));
	conn_endpoints(conn, &view->src, &view->dst, port, &view->protocol,
		       &sub);
	view->family = conn->flags & SFW_CONN_F_V6 ? AF_INET6 : AF_INET;
	view->direction = conn->flags & SFW_CONN_F_OUT ? SFW_DIRECTION_OUT :
							 SFW_DIRECTION_IN;
	view->rule_direction = view->direction;
	view->rule_number = READ_ONCE(conn->rule);
	view->has_ports = sfw_packet_has_ports(view->protocol);
	view->sport = port[0];
	view->dport = port[1];
	view->icmp_id = port[0];
	view->icmp_type = sub;
	if (sfw_generic_is_tunnel(view->protocol))
		get_tunnel(conn, &view->tunnel);
	view->state = READ_ONCE(conn->state);
	view->replied = READ_ONCE(conn->replied);
	view->packets = READ_ONCE(conn->count[0].packets);
	view->bytes = READ_ONCE(conn->count[0].bytes);
	view->reply_packets = READ_ONCE(conn->count[1].packets);
	view->reply_bytes = READ_ONCE(conn->count[1].bytes);
	view->expires_ms = left > 0 ? jiffies_to_msecs(left) : 0;
	dev = dev_get_by_index_rcu(net, conn->ifindex);
	if (dev)
		strscpy(view->ifname, dev->name, sizeof(view->ifname));
}

/**
 * sfw_conn_get_track() - all else that has to be saved of a connection
 * @conn: the connection
 * @view: it as netlink shows it; its state is made to fit
 * @track: filled in
 *
 * Return: false if the connection is being removed.
 * Context: RCU read side.
 */
bool sfw_conn_get_track(struct sfw_conn *conn, struct sfw_conn_view *view,
			struct sfw_track *track)
{
	bool dead;

	memset(track, 0, sizeof(*track));
	track->picked_up = conn->flags & SFW_CONN_F_PICKED_UP;
	track->looped = READ_ONCE(conn->looped);

	spin_lock_bh(&conn->lock);
	dead = conn->dead;
	track->standing = READ_ONCE(conn->replied);
	track->hooks = conn->hooks;
	switch (view->protocol) {
	case IPPROTO_TCP:
		track->first = conn->first;
		if (!dead)	/* else it is memory of its end */
			track->tcp = conn->tcp;
		view->state = conn->state;
		break;
	case IPPROTO_SCTP:
		if (!dead)
			track->sctp = conn->sctp;
		view->state = conn->state;
		break;
	default:
		/* These two are not changed under the lock. */
		view->state = sfw_generic_state(view->protocol,
						track->standing);
	}
	spin_unlock_bh(&conn->lock);
	return !dead;
}

/**
 * sfw_conn_restore() - a connection that was saved
 * @net: the namespace, for the interface
 * @saved: it, valid
 * @opt: options in force
 * @generation: of the running set; the connection is judged by it at its next
 *	packet, as one of an older set
 *
 * No time passes while a connection is saved, but it gets no more than the set
 * in force would give it.
 *
 * Return: the connection for sfw_conn_insert(), or NULL without memory.
 * Context: RCU read side.
 */
struct sfw_conn *sfw_conn_restore(struct net *net,
				  const struct sfw_saved *saved,
				  const struct sfw_options *opt,
				  u32 generation)
{
	u64 most = (u64)opt->timeout[saved->state] * MSEC_PER_SEC;
	const struct sfw_track *track = &saved->track;
	const struct net_device *dev;
	struct sfw_packet pkt;
	struct sfw_conn *conn;
	int d;

	sfw_saved_packet(saved, &pkt);
	dev = *saved->ifname ? dev_get_by_name_rcu(net, saved->ifname) : NULL;
	pkt.ifindex = dev ? dev->ifindex : 0;
	conn = sfw_conn_new(&pkt);
	if (!conn)
		return NULL;
	conn->expires = (u32)jiffies +
			msecs_to_jiffies(min(saved->expires_ms, most));
	conn->origin = sfw_conn_origin(generation - 1, SFW_CLASSIFY_NONE);
	conn->rule = saved->rule;
	conn->state = saved->state;
	if (track->picked_up)
		conn->flags |= SFW_CONN_F_PICKED_UP;
	conn->replied = track->standing;
	conn->looped = track->looped;
	conn->hooks = track->hooks;
	conn->first = track->first;
	for (d = 0; d < 2; d++) {
		conn->count[d].packets = saved->packets[d];
		conn->count[d].bytes = saved->bytes[d];
	}
	if (saved->protocol == IPPROTO_TCP) {
		conn->tcp = track->tcp;
		conn->stale = SFW_TCP_STALE;
	} else if (saved->protocol == IPPROTO_SCTP) {
		conn->sctp = track->sctp;
	}
	return conn;
}
