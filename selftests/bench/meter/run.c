// SPDX-License-Identifier: GPL-2.0
/*
 * Measuring: build a batch of packets, send it through the hooks, read clocks.
 *
 * Only the walk through the hooks is timed, together with the release of what
 * a connection tracker has hung on the packet and the count of verdicts (about
 * 1 ns). Clocks are read once per batch, and the time of the reading itself,
 * the least of many, is taken off. Interrupts are off meanwhile: what they
 * would add is not the firewall's.
 *
 * What a firewall leaves to do later (softirqs, freeing after an RCU grace
 * period, its workers) happens between batches. cpu_ns does not see it, but
 * total_ns does: all the time of the thread, less the building of packets.
 * User-mode Linux has one thread for all of its kernel.
 *
 * A packet that is dropped is not freed: each holds a second reference, and
 * its skb is used again.
 *
 * Synchronisation: all of this is under the meter's lock.
 *
 * Tried and rejected: clocks around each packet, which cost several times what
 * they measure; medians of the clock that counts a host's time slices when the
 * machine is busy, for anything but batches shorter than those slices.
 */
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/sched/signal.h>
#include <linux/skbuff.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>
#include <net/netfilter/nf_conntrack.h>

#include "clock.h"
#include "packet.h"
#include "run.h"

/* Batches whose cycles are kept for the median. */
#define KEPT	131072U

/* Flows that op=setup makes between two looks at the scheduler. */
#define SETUP_SLICE	256

/**
 * struct series - packets that are added up together
 * @cpu: CPU time, ns
 * @cycles: of all batches
 * @kept: cycles per packet, in 1/256, of the first KEPT batches
 * @batches: how many batches
 * @packets: how many packets
 * @accepted: let pass
 * @established: known to a connection tracker that marks packets
 * @fresh: first packet of a connection, to such a tracker
 * @unmarked: without a mark of such a tracker
 */
struct series {
	u64 cpu;
	u64 cycles;
	u32 *kept;
	u32 batches;
	u64 packets;
	u64 accepted;
	u64 established;
	u64 fresh;
	u64 unmarked;
};

static struct sk_buff *ring[METER_BATCH];
static u32 *kept;
static u64 strangers;		/* that ever came, in any op=flood */

static int okfn(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	return 0;
}

static int walk(const struct meter_config *c, struct net *net,
		unsigned int hook, struct sk_buff *skb, struct net_device *dev)
{
	bool out = hook == NF_INET_LOCAL_OUT || hook == NF_INET_POST_ROUTING;

	return nf_hook(c->v6 ? NFPROTO_IPV6 : NFPROTO_IPV4, hook, net, NULL,
		       skb, out ? NULL : dev, out ? dev : NULL, okfn);
}

static u64 least_clock(void)
{
	u64 least = U64_MAX;
	int i;

	for (i = 0; i < 200; i++) {
		u64 before = meter_clock_cpu();

		least = min(least, meter_clock_cpu() - before);
	}
	return least;
}

/* One packet for op=setup. Returns whether it passed. */
static bool send_one(const struct meter_config *c, struct net *net,
		     struct net_device *dev, const struct meter_flow *flow,
		     enum meter_packet which)
{
	bool answer = which == METER_ANSWER;
	struct sk_buff *skb = ring[0];
	int ret;

	meter_packet_build(c, flow, which, dev, skb);
	refcount_set(&skb->users, 2);
	local_bh_disable();
	ret = walk(c, net, answer ? NF_INET_LOCAL_OUT : NF_INET_PRE_ROUTING,
		   skb, dev);
	if (ret == 1)
		ret = walk(c, net, answer ? NF_INET_POST_ROUTING :
					    NF_INET_LOCAL_IN, skb, dev);
	nf_reset_ct(skb);
	local_bh_enable();
	return ret == 1;
}

static int setup(const struct meter_config *c, struct net *net,
		 struct net_device *dev, char *result, size_t size)
{
	u64 begun = meter_clock_cpu(), spent;
	u32 i, ok = 0;

	for (i = 0; i < c->flows; i++) {
		struct meter_flow flow;
		bool good;

		meter_packet_flow(c, c->start + i, &flow);
		good = send_one(c, net, dev, &flow, METER_FIRST);
		good &= send_one(c, net, dev, &flow, METER_ANSWER);
		if (c->proto == IPPROTO_TCP)
			good &= send_one(c, net, dev, &flow, METER_ACK);
		ok += good;
		if (i % SETUP_SLICE == 0) {
			if (fatal_signal_pending(current))
				return -EINTR;
			cond_resched();
		}
	}
	spent = meter_clock_cpu() - begun;
	scnprintf(result, size,
		  "op=%s family=%d proto=%u flows=%u ok=%u total_ms=%llu ns_per_flow=%llu\n",
		  "setup", c->v6 ? 6 : 4, c->proto, c->flows, ok,
		  div_u64(spent, NSEC_PER_MSEC), div_u64(spent, c->flows));
	return 0;
}

/* The part that is timed. */
static void time_batch(const struct meter_config *c, struct net *net,
		       struct net_device *dev, u32 n, u64 overhead,
		       struct series *s)
{
	u64 cpu, cycles;
	unsigned long irq;
	u32 i;

	local_bh_disable();
	local_irq_save(irq);
	cpu = meter_clock_cpu();
	cycles = meter_clock_cycles();
	for (i = 0; i < n; i++) {
		int ret = walk(c, net, NF_INET_PRE_ROUTING, ring[i], dev);

		if (c->local_in && ret == 1)
			ret = walk(c, net, NF_INET_LOCAL_IN, ring[i], dev);
		s->accepted += ret == 1;
	}
	for (i = 0; i < n; i++) {
		enum ip_conntrack_info info;

		if (!nf_ct_get(ring[i], &info)) {
			s->unmarked++;
			continue;
		}
		if (info == IP_CT_NEW)
			s->fresh++;
		else if (info == IP_CT_ESTABLISHED)
			s->established++;
		nf_reset_ct(ring[i]);
	}
	cycles = meter_clock_cycles() - cycles;
	cpu = meter_clock_cpu() - cpu;
	local_irq_restore(irq);
	local_bh_enable();

	s->cpu += cpu > overhead ? cpu - overhead : 0;
	s->cycles += cycles;
	if (s->kept && s->batches < KEPT)
		s->kept[s->batches] = min_t(u64, div_u64(cycles << 8, n),
					    U32_MAX);
	s->batches++;
	s->packets += n;
}

static u32 next_random(u32 *state)
{
	u32 x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/* Packets of established flows. @done of them went before. */
static void build_known(const struct meter_config *c, struct net_device *dev,
			u32 n, u64 done, u32 *random)
{
	struct meter_flow flow;
	u32 i, at;

	for (i = 0; i < n; i++, done++) {
		if (c->in_order)
			div_u64_rem(done, c->flows, &at);
		else
			at = (u64)next_random(random) * c->flows >> 32;
		meter_packet_flow(c, c->start + at, &flow);
		flow.round = div_u64(done, c->flows);
		meter_packet_build(c, &flow, METER_DATA, dev, ring[i]);
		refcount_set(&ring[i]->users, 2);
	}
}

static void build_new(const struct meter_config *c, struct net_device *dev,
		      u32 n, u64 done)
{
	struct meter_flow flow;
	u32 i;

	for (i = 0; i < n; i++) {
		if (c->op == METER_FLOOD)
			meter_packet_stranger(c, strangers++, &flow);
		else
			meter_packet_flow(c, c->start + done + i, &flow);
		meter_packet_build(c, &flow, METER_FIRST, dev, ring[i]);
		refcount_set(&ring[i]->users, 2);
	}
}

static int compare(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

/* "NAME=N.NN " of @value in hundredths. */
static int put_hundredths(char *buf, size_t size, const char *name, u64 value)
{
	u32 rest;
	u64 whole = div_u64_rem(value, 100, &rest);

	return scnprintf(buf, size, " %s=%llu.%02u", name, whole, rest);
}

/* The figures of @s; names begin with @prefix. @khz: of the cycles. */
static int put_series(char *buf, size_t size, const char *prefix,
		      const struct series *s, u64 khz)
{
	u32 n = min_t(u32, s->batches, KEPT);
	char name[24];
	int len = 0;

#define PUT(what, value) do {						\
		snprintf(name, sizeof(name), "%s" what, prefix);	\
		len += put_hundredths(buf + len, size - len, name, value);\
	} while (0)
	PUT("cpu_ns", div64_u64(s->cpu * 100, s->packets));
	PUT("cycles", div64_u64(s->cycles * 100, s->packets));
	if (s->kept) {
		sort(s->kept, n, sizeof(*s->kept), compare, NULL);
		PUT("min_cycles", (u64)s->kept[0] * 100 >> 8);
		PUT("p50_cycles", (u64)s->kept[n / 2] * 100 >> 8);
		PUT("p50_ns", div64_u64((u64)s->kept[n / 2] * 100000000 >> 8,
					khz));
	}
#undef PUT
	return len + scnprintf(buf + len, size - len,
			       " %sacc=%llu %sdrop=%llu %sest=%llu %snew=%llu %snoct=%llu",
			       prefix, s->accepted,
			       prefix, s->packets - s->accepted,
			       prefix, s->established, prefix, s->fresh,
			       prefix, s->unmarked);
}

static int measure(const struct meter_config *c, struct net *net,
		   struct net_device *dev, char *result, size_t size)
{
	struct series first = { .kept = kept }, known = { };
	u64 overhead = least_clock(), building = 0, begun, total;
	u64 cycles, khz, done = 0;
	u32 random = c->seed;
	ktime_t time;
	int len;

	time = ktime_get();
	cycles = meter_clock_cycles();
	begun = meter_clock_cpu();
	while (done < c->pkts) {
		u32 n = min_t(u64, c->batch, c->pkts - done);
		u64 before = meter_clock_cpu();

		if (c->op == METER_RUN)
			build_known(c, dev, n, done, &random);
		else
			build_new(c, dev, n, done);
		building += meter_clock_cpu() - before;
		time_batch(c, net, dev, n, overhead, &first);
		done += n;

		if (c->op == METER_FLOOD && c->mix) {
			before = meter_clock_cpu();
			build_known(c, dev, c->mix, known.packets, &random);
			building += meter_clock_cpu() - before;
			time_batch(c, net, dev, c->mix, overhead, &known);
		}
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	total = meter_clock_cpu() - begun;
	cycles = meter_clock_cycles() - cycles;
	khz = div64_u64(cycles * 1000000,
			max_t(u64, ktime_to_ns(ktime_get() - time), 1));

	/* three readings for each batch besides the two that are timed */
	building += 2 * overhead * (first.batches + known.batches);
	total = total > building ? total - building : 0;
	len = scnprintf(result, size,
			"op=%s family=%d proto=%u flows=%u pkts=%llu hooks=%s",
			c->op == METER_RUN ? "run" :
			c->op == METER_NEW ? "new" : "flood",
			c->v6 ? 6 : 4, c->proto, c->flows, first.packets,
			c->local_in ? "both" : "pre");
	len += put_series(result + len, size - len, "", &first, khz);
	len += put_hundredths(result + len, size - len, "total_ns",
			      div64_u64(total * 100,
					first.packets + known.packets));
	if (known.packets) {
		len += scnprintf(result + len, size - len, " known_pkts=%llu",
				 known.packets);
		len += put_series(result + len, size - len, "known_", &known,
				  khz);
	}
	scnprintf(result + len, size - len, " khz=%llu\n", khz);
	return 0;
}

/**
 * meter_run() - do what was asked for
 * @net: whose hooks
 * @config: the measurement, not METER_HOOK
 * @result: filled with one line
 * @size: of @result, bytes
 *
 * Return: 0, -ENODEV if there is no such device, -EINTR.
 * Context: may sleep; the meter's lock is held.
 */
int meter_run(struct net *net, const struct meter_config *config, char *result,
	      size_t size)
{
	struct net_device *dev = dev_get_by_name(net, config->dev);
	int err;

	if (!dev)
		return -ENODEV;
	if (config->op == METER_SETUP)
		err = setup(config, net, dev, result, size);
	else
		err = measure(config, net, dev, result, size);
	dev_put(dev);
	return err;
}

/**
 * meter_run_init() - get the memory
 *
 * Return: 0 or -ENOMEM.
 * Context: module load.
 */
int __init meter_run_init(void)
{
	int i;

	kept = vmalloc(array_size(KEPT, sizeof(*kept)));
	if (!kept)
		return -ENOMEM;
	for (i = 0; i < METER_BATCH; i++) {
		ring[i] = alloc_skb(2048, GFP_KERNEL);
		if (!ring[i]) {
			meter_run_exit();
			return -ENOMEM;
		}
	}
	return 0;
}

/**
 * meter_run_exit() - return it
 *
 * Context: module unload, or a load that failed.
 */
void meter_run_exit(void)
{
	int i;

	for (i = 0; i < METER_BATCH; i++) {
		if (!ring[i])
			continue;
		refcount_set(&ring[i]->users, 1);
		kfree_skb(ring[i]);
	}
	vfree(kept);
}
