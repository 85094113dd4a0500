// SPDX-License-Identifier: GPL-2.0
/*
 * A rule set that is judged beside the running one and decides nothing, to
 * see on real traffic what it would do.
 *
 * What is compared is what the two lists say. Under a stateful set that is a
 * packet which begins a connection; what belongs to one was decided by its
 * first packet, and the staged set had its say then. A staged stateless set
 * knows no connections, so it is asked about every packet, and the replies that
 * it forgot show up as packets that it would drop.
 *
 * The other way round, a stateful set staged under a stateless one: there is no
 * table to tell a reply from a request. A packet that the staged list denies is
 * taken for a reply if the list allows what it would be the reply to. So what a
 * stateful set would let in as a reply is not shown as a difference; that
 * somebody sends replies that nobody asked for is not noticed either.
 *
 * Packets that are dropped whatever the list says (invalid, malformed, no room)
 * are not compared. Whether loopback and neighbour discovery are judged at all
 * is up to the running set.
 *
 * Synchronisation: packets find the staged set under RCU; it is replaced under
 * the namespace's lock and freed a grace period later. Figures are per CPU.
 * Witnesses are, too: each CPU has a ring of its own, so a flood of differing
 * packets makes no two CPUs write to one line.
 *
 * Tried and rejected: a second namespace that gets copies of the packets. It
 * would need a connection table of its own, and twice the memory.
 */
#include <linux/netdevice.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "ruleset.h"
#include "sctp.h"
#include "staged.h"
#include "tcp.h"
#include "tuple.h"

/**
 * sfw_staged_get() - the staged set
 * @sn: the namespace
 *
 * Return: it, or NULL if there is none.
 * Context: the namespace's lock.
 */
struct sfw_staged *sfw_staged_get(struct sfw_net *sn)
{
	return rcu_dereference_protected(sn->staged,
					 lockdep_is_held(&sn->lock));
}

/**
 * sfw_staged_free() - free a staged set that no packet can see
 * @staged: the staged set with its rule set, or NULL
 *
 * Context: may sleep.
 */
void sfw_staged_free(struct sfw_staged *staged)
{
	int d;

	if (!staged)
		return;
	for (d = 0; d < 2; d++)
		free_percpu(staged->def[d]);
	free_percpu(staged->cpu);
	sfw_ruleset_free(staged->rs);
	kfree(staged);
}

static void free_work(struct work_struct *work)
{
	sfw_staged_free(container_of(to_rcu_work(work), struct sfw_staged,
				     rwork));
}

/**
 * sfw_staged_new() - prepare to stage a rule set
 * @rs: the rule set, compiled; the staged set owns it unless this fails
 *
 * Return: the staged set, or NULL without memory.
 * Context: may sleep.
 */
struct sfw_staged *sfw_staged_new(struct sfw_ruleset *rs)
{
	struct sfw_staged *staged;
	int cpu, d;

	staged = kzalloc(sizeof(*staged), GFP_KERNEL_ACCOUNT);
	if (!staged)
		return NULL;
	staged->cpu = alloc_percpu_gfp(struct sfw_staged_cpu,
				       GFP_KERNEL_ACCOUNT);
	if (!staged->cpu)
		goto fail;
	for (d = 0; d < 2; d++) {
		staged->def[d] = alloc_percpu_gfp(struct sfw_counter,
						  GFP_KERNEL_ACCOUNT);
		if (!staged->def[d])
			goto fail;
	}
	for_each_possible_cpu(cpu) {
		struct sfw_staged_cpu *c = per_cpu_ptr(staged->cpu, cpu);

		u64_stats_init(&c->syncp);
		spin_lock_init(&c->lock);
		for (d = 0; d < 2; d++)
			u64_stats_init(&per_cpu_ptr(staged->def[d],
						    cpu)->syncp);
	}
	staged->rs = rs;
	staged->since = ktime_get_boottime_ns();
	return staged;

fail:
	sfw_staged_free(staged);
	return NULL;
}

/**
 * sfw_staged_replace() - stage another set, or none
 * @sn: the namespace
 * @staged: the staged set, or NULL
 *
 * The one that was staged is freed when no packet sees it any more.
 *
 * Context: the namespace's lock.
 */
void sfw_staged_replace(struct sfw_net *sn, struct sfw_staged *staged)
{
	struct sfw_staged *old = sfw_staged_get(sn);

	if (staged) {
		if (!++sn->staged_seq)
			++sn->staged_seq;
		staged->seq = sn->staged_seq;
	}
	rcu_assign_pointer(sn->staged, staged);
	if (!old)
		return;
	INIT_RCU_WORK(&old->rwork, free_work);
	sfw_ruleset_queue_free(&old->rwork);
}

/**
 * sfw_staged_sum() - figures over all CPUs
 * @staged: the staged set
 * @sum: filled in
 *
 * Context: the namespace's lock, BH enabled.
 */
void sfw_staged_sum(const struct sfw_staged *staged, struct sfw_staged_sum *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		struct sfw_staged_cpu *c = per_cpu_ptr(staged->cpu, cpu);
		u64 judged, opened, closed;
		unsigned int start;
		u32 i, n;

		do {
			start = u64_stats_fetch_begin(&c->syncp);
			judged = u64_stats_read(&c->judged);
			opened = u64_stats_read(&c->opened);
			closed = u64_stats_read(&c->closed);
		} while (u64_stats_fetch_retry(&c->syncp, start));
		sum->judged += judged;
		sum->opened += opened;
		sum->closed += closed;

		/* Insert its witnesses into what is sorted already. */
		spin_lock_bh(&c->lock);
		n = min_t(u32, c->n, SFW_STAGED_WITNESSES);
		for (i = 0; i < n; i++) {
			const struct sfw_staged_witness *w = &c->witness[i];
			u32 at = sum->n;

			while (at && sum->witness[at - 1].when < w->when)
				at--;
			if (at == SFW_STAGED_WITNESSES)
				continue;
			if (sum->n < SFW_STAGED_WITNESSES)
				sum->n++;
			memmove(&sum->witness[at + 1], &sum->witness[at],
				(sum->n - at - 1) * sizeof(*w));
			sum->witness[at] = *w;
		}
		spin_unlock_bh(&c->lock);
	}
}

/* Would it begin a connection? */
static bool begins(const struct sfw_ruleset *rs, const struct sfw_packet *pkt)
{
	if (pkt->protocol == IPPROTO_TCP)
		return sfw_tcp_can_begin(&pkt->tcp, rs->eff.tcp_pickup);
	if (pkt->protocol == IPPROTO_SCTP)
		return sfw_sctp_can_begin(&pkt->sctp, rs->eff.tcp_pickup);
	return pkt->icmp_class != SFW_ICMP_REPLY;
}

/* The packet that this one may be the reply to. */
static bool turn(const struct sfw_packet *pkt, struct sfw_packet *request)
{
	if (!sfw_tuple_has(pkt))
		return false;
	*request = *pkt;
	request->src = pkt->dst;
	request->dst = pkt->src;
	request->direction = !pkt->direction;
	if (pkt->has_ports) {
		request->sport = pkt->dport;
		request->dport = pkt->sport;
		if (pkt->protocol == IPPROTO_TCP)
			request->tcp.flags = SFW_TCP_SYN;
	} else if (pkt->icmp_class == SFW_ICMP_REPLY) {
		request->icmp_class = SFW_ICMP_QUERY;
		request->icmp_type = sfw_icmp_query_type(pkt->protocol,
							 pkt->icmp_type);
	} else if (pkt->icmp_class == SFW_ICMP_QUERY) {
		return false;
	}
	return true;
}

static u8 action_of(const struct sfw_ruleset *rs, u8 direction, u32 index)
{
	return index == SFW_CLASSIFY_NONE ? rs->def[direction].action :
					    rs->rule[direction][index]->action;
}

/* What the staged set says, and by which of its rules. */
static u8 decide(const struct sfw_ruleset *rs, const struct sfw_ruleset *live,
		 const struct sfw_packet *pkt, u32 *index)
{
	u8 d = pkt->direction, action;
	struct sfw_packet request;
	bool limited = false;
	u32 other;

	*index = sfw_judge_first_match(rs, pkt, &limited);
	action = action_of(rs, d, *index);
	if (rs->mode != SFW_MODE_STATEFUL)
		return action;
	if (action == SFW_ACTION_ALLOW) {
		if (*index != SFW_CLASSIFY_NONE &&
		    rs->rule[d][*index]->flags & SFW_RULE_F_NO_STATE)
			return action;
		if (live->mode != SFW_MODE_STATEFUL || !sfw_tuple_has(pkt) ||
		    begins(rs, pkt))
			return action;
		return SFW_ACTION_DENY;
	}
	if (live->mode != SFW_MODE_STATEFUL && turn(pkt, &request)) {
		other = sfw_judge_first_match(rs, &request, NULL);
		if (action_of(rs, request.direction, other) == SFW_ACTION_ALLOW)
			return SFW_ACTION_ALLOW;
	}
	return action;
}

static u32 number_of(const struct sfw_ruleset *rs, u8 direction, u32 index)
{
	return index < rs->n[direction] ? rs->rule[direction][index]->number : 0;
}

static void testify(const struct sfw_staged *staged,
		    const struct sfw_ruleset *live,
		    const struct sfw_packet *pkt, const struct sfw_verdict *v,
		    u32 index, u8 action)
{
	struct sfw_staged_cpu *c = this_cpu_ptr(staged->cpu);
	struct sfw_staged_witness *w;

	spin_lock(&c->lock);
	w = &c->witness[c->n++ % SFW_STAGED_WITNESSES];
	/* The count stands for "full" once it was, also when it wraps. */
	if (!c->n)
		c->n = SFW_STAGED_WITNESSES;
	memset(w, 0, sizeof(*w));
	w->src = pkt->src;
	w->dst = pkt->dst;
	w->when = ktime_get_boottime_ns();
	w->ifindex = pkt->ifindex;
	w->known = v->known;
	w->live_rule = number_of(live, pkt->direction, v->index);
	w->staged_rule = number_of(staged->rs, pkt->direction, index);
	w->family = pkt->family;
	w->protocol = pkt->protocol;
	w->direction = pkt->direction;
	if (pkt->has_ports) {
		w->sport = pkt->sport;
		w->dport = pkt->dport;
	} else {
		w->sport = pkt->icmp_id;
		w->icmp_type = pkt->icmp_type;
		w->icmp_code = pkt->icmp_code;
	}
	if (pkt->protocol == IPPROTO_TCP)
		w->tcp_flags = pkt->tcp.flags;
	w->live_action = v->action;
	w->staged_action = action;
	spin_unlock(&c->lock);
}

static void count(const struct sfw_staged *staged, const struct sfw_packet *pkt,
		  u32 index, bool otherwise)
{
	u8 d = pkt->direction;
	struct sfw_counter *c;

	c = this_cpu_ptr(index == SFW_CLASSIFY_NONE ? staged->def[d] :
			 sfw_ruleset_entry(staged->rs, d, index)->counter);
	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->packets);
	u64_stats_add(&c->bytes, pkt->len);
	if (otherwise)
		u64_stats_inc(&c->connections);
	u64_stats_set(&c->last_hit, get_jiffies_64());
	u64_stats_update_end(&c->syncp);
}

/* Did the list decide, or would it have? */
static bool is_comparable(const struct sfw_staged *staged,
			  const struct sfw_verdict *v)
{
	if (v->known && staged->rs->mode == SFW_MODE_STATEFUL)
		return false;
	if (v->action == SFW_ACTION_ALLOW)
		return true;
	switch (v->reason) {
	case SFW_REASON_RULE:
	case SFW_REASON_DEFAULT:
	case SFW_REASON_RATE_LIMIT:
	case SFW_REASON_NO_CONNECTION:
		return true;
	}
	return false;
}

/**
 * sfw_staged_judge() - ask the staged set about a packet, too
 * @staged: the staged set
 * @live: the running set
 * @pkt: the packet
 * @v: what becomes of it
 *
 * Context: RCU read side, BH disabled.
 */
void sfw_staged_judge(const struct sfw_staged *staged,
		      const struct sfw_ruleset *live,
		      const struct sfw_packet *pkt,
		      const struct sfw_verdict *v)
{
	struct sfw_staged_cpu *c = this_cpu_ptr(staged->cpu);
	bool passes, would_pass;
	u32 index;
	u8 action;

	if (!is_comparable(staged, v))
		return;
	action = decide(staged->rs, live, pkt, &index);
	passes = v->action == SFW_ACTION_ALLOW;
	would_pass = action == SFW_ACTION_ALLOW;
	count(staged, pkt, index, passes != would_pass);

	u64_stats_update_begin(&c->syncp);
	u64_stats_inc(&c->judged);
	if (would_pass && !passes)
		u64_stats_inc(&c->opened);
	if (passes && !would_pass)
		u64_stats_inc(&c->closed);
	u64_stats_update_end(&c->syncp);
	if (passes != would_pass)
		testify(staged, live, pkt, v, index, action);
}
