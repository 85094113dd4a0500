// SPDX-License-Identifier: GPL-2.0
/*
 * sfw_meter.ko: what do the netfilter hooks of a namespace cost?
 *
 * Write what to measure to /proc/sfw_meter, see config.c, and read one line of
 * KEY=VALUE back; after an error, a line `error=...`. The namespace is the
 * writer's. No packet leaves or enters the machine: they are built, walk
 * through the hooks as if they had arrived by a device, and are built again.
 *
 * Keys of the line, for each packet: cpu_ns, CPU time (user-mode Linux: of the
 * host's thread); cycles, mean, and min_cycles and p50_cycles, of batches;
 * p50_ns; total_ns, CPU time of all the kernel did but building the packets.
 * acc and drop count verdicts. est, new and noct count what nf_conntrack says
 * of a packet: of a known connection, first of one, nothing. (sfw does not mark
 * packets. It has counters of its own.) op=flood: the same about established
 * packets, with known_ before it.
 *
 * Synchronisation: one measurement at a time, under meter_lock. The line is
 * the last measurement's, whoever asked for it.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nsproxy.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "clock.h"
#include "config.h"
#include "empty.h"
#include "run.h"

#define WORDS_MAX	1024

static DEFINE_MUTEX(meter_lock);
static char line[2048];

static ssize_t meter_write(struct file *file, const char __user *from,
			   size_t size, loff_t *off)
{
	struct net *net = current->nsproxy->net_ns;
	struct meter_config config;
	const char *wrong = "too long";
	char *words;
	int err;

	if (size > WORDS_MAX)
		return -E2BIG;
	words = memdup_user_nul(from, size);
	if (IS_ERR(words))
		return PTR_ERR(words);

	mutex_lock(&meter_lock);
	err = meter_config_parse(&config, words, &wrong);
	if (err) {
		scnprintf(line, sizeof(line), "error=%s\n", wrong);
	} else if (config.op == METER_HOOK) {
		err = meter_empty_set(net, config.on);
		scnprintf(line, sizeof(line), "op=hook on=%d\n", config.on);
	} else if (config.op == METER_CLOCK) {
		scnprintf(line, sizeof(line), "op=clock cpu_us=%llu\n",
			  meter_clock_machine());
	} else {
		err = meter_run(net, &config, line, sizeof(line));
		if (err == -ENODEV)
			scnprintf(line, sizeof(line), "error=no device %s\n",
				  config.dev);
	}
	mutex_unlock(&meter_lock);
	kfree(words);
	return err ? err : size;
}

static ssize_t meter_read(struct file *file, char __user *to, size_t size,
			  loff_t *off)
{
	ssize_t n;

	mutex_lock(&meter_lock);
	n = simple_read_from_buffer(to, size, off, line, strlen(line));
	mutex_unlock(&meter_lock);
	return n;
}

static const struct proc_ops meter_ops = {
	.proc_write = meter_write,
	.proc_read = meter_read,
	.proc_lseek = default_llseek,
};

static int __init meter_init(void)
{
	int err;

	err = meter_run_init();
	if (err)
		return err;
	err = meter_empty_init();
	if (err)
		goto no_empty;
	err = -ENOMEM;
	if (!proc_create("sfw_meter", 0600, NULL, &meter_ops))
		goto no_proc;
	return 0;

no_proc:
	meter_empty_exit();
no_empty:
	meter_run_exit();
	return err;
}

static void __exit meter_exit(void)
{
	remove_proc_entry("sfw_meter", NULL);
	meter_empty_exit();
	meter_run_exit();
}

module_init(meter_init);
module_exit(meter_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Times netfilter hooks");
