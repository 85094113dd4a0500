/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A rule set that is judged beside the running one and decides nothing.
 */
#ifndef _SFW_STAGED_H
#define _SFW_STAGED_H

#include <linux/spinlock.h>
#include <linux/u64_stats_sync.h>
#include <linux/workqueue.h>

#include "judge.h"
#include "ns.h"
#include "packet.h"

struct netlink_ext_ack;
struct sfw_ruleset;

/* Witnesses kept by each CPU, and shown in all. */
#define SFW_STAGED_WITNESSES	8

/**
 * struct sfw_staged_witness - a packet that the staged set would have judged
 *	otherwise
 * @src: source
 * @dst: destination
 * @when: ktime_get_boottime_ns()
 * @ifindex: interface, 0 if unknown
 * @live_rule: number of the rule that decided, 0 is the default; valid unless
 *	@known
 * @staged_rule: number of the rule that would have, 0 is the default
 * @sport: source port, or identifier of an ICMP query
 * @dport: destination port
 * @family: AF_INET or AF_INET6
 * @protocol: transport protocol
 * @direction: enum sfw_direction
 * @icmp_type: of ICMP and ICMPv6
 * @icmp_code: of ICMP and ICMPv6
 * @tcp_flags: SFW_TCP_*
 * @live_action: enum sfw_action, what became of it
 * @staged_action: what would have become of it
 * @known: its connection decided, not the list
 */
struct sfw_staged_witness {
	struct sfw_addr src;
	struct sfw_addr dst;
	u64 when;
	u32 ifindex;
	u32 live_rule;
	u32 staged_rule;
	u16 sport;
	u16 dport;
	u8 family;
	u8 protocol;
	u8 direction;
	u8 icmp_type;
	u8 icmp_code;
	u8 tcp_flags;
	u8 live_action;
	u8 staged_action;
	bool known;
};

/**
 * struct sfw_staged_cpu - what one CPU saw
 * @syncp: lets readers on 32 bit see whole values
 * @judged: packets that both sets judged
 * @opened: of these, dropped and would have passed
 * @closed: passed and would have been dropped
 * @lock: guards what follows; only readers of the figures contend for it
 * @n: witnesses ever written; the last ones are there
 * @witness: ring of them
 *
 * The first four are written by the CPU with BH disabled.
 */
struct sfw_staged_cpu {
	struct u64_stats_sync syncp;
	u64_stats_t judged;
	u64_stats_t opened;
	u64_stats_t closed;
	spinlock_t lock;	/* see above */
	u32 n;
	struct sfw_staged_witness witness[SFW_STAGED_WITNESSES];
};

/**
 * struct sfw_staged - the staged set of a namespace
 * @rwork: frees it after the last reader
 * @rs: the set, compiled. The counters of its rules count packets that both
 *	sets judged; "connections" are those that it would have judged otherwise
 * @def: the same for its defaults
 * @cpu: figures
 * @seq: tells one staged set from the next; never 0
 * @since: ktime_get_boottime_ns() when it was staged
 */
struct sfw_staged {
	struct rcu_work rwork;
	struct sfw_ruleset *rs;
	struct sfw_counter __percpu *def[2];
	struct sfw_staged_cpu __percpu *cpu;
	u32 seq;
	u64 since;
};

/* Figures over all CPUs; the witnesses from the latest on. */
struct sfw_staged_sum {
	u64 judged;
	u64 opened;
	u64 closed;
	u32 n;
	struct sfw_staged_witness witness[SFW_STAGED_WITNESSES];
};

struct sfw_staged *sfw_staged_get(struct sfw_net *sn);
struct sfw_staged *sfw_staged_new(struct sfw_ruleset *rs);
void sfw_staged_replace(struct sfw_net *sn, struct sfw_staged *staged);
void sfw_staged_free(struct sfw_staged *staged);
void sfw_staged_sum(const struct sfw_staged *staged,
		    struct sfw_staged_sum *sum);
void sfw_staged_judge(const struct sfw_staged *staged,
		      const struct sfw_ruleset *live,
		      const struct sfw_packet *pkt,
		      const struct sfw_verdict *v);

#endif /* _SFW_STAGED_H */
