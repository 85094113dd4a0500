/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where kernels differ. The only file that may ask for a version.
 */
#ifndef _SFW_COMPAT_H
#define _SFW_COMPAT_H

#include <linux/crc32.h>
#include <linux/netfilter.h>
#include <linux/netlink.h>
#include <linux/version.h>
#include <net/genetlink.h>

/* 6.2: formatted texts in extended acknowledgements */
#ifdef NL_SET_ERR_MSG_FMT
#define SFW_SET_ERR_MSG_FMT(extack, short_text, fmt, ...)		\
	do {								\
		(void)(short_text);					\
		NL_SET_ERR_MSG_FMT(extack, fmt, ##__VA_ARGS__);		\
	} while (0)
#else
#define SFW_SET_ERR_MSG_FMT(extack, short_text, fmt, ...)		\
	do {								\
		no_printk(fmt, ##__VA_ARGS__);				\
		NL_SET_ERR_MSG(extack, short_text);			\
	} while (0)
#endif

/* 6.7: struct genl_info in dumps */
static inline struct nlattr **sfw_compat_dump_attrs(struct netlink_callback *cb)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	return genl_info_dump(cb)->attrs;
#else
	return genl_dumpit_info(cb)->attrs;
#endif
}

/* 6.15: crc32c() in the same header; before, that name is a module's */
static inline u32 sfw_compat_crc32c(u32 crc, const void *data, size_t len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
	return crc32c(crc, data, len);
#else
	return __crc32c_le(crc, data, len);
#endif
}

/* 6.7, and stable branches of that time: groups that only administrators of
 * the namespace may join. Elsewhere there are none, for anybody could listen.
 */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define SFW_COMPAT_HAS_GROUPS	1
#define SFW_COMPAT_GROUP(group)						\
	{ .name = (group), .flags = GENL_MCAST_CAP_NET_ADMIN }
#else
#define SFW_COMPAT_HAS_GROUPS	0
#define SFW_COMPAT_GROUP(group)	{ .name = (group) }
#endif

/* 6.9: a family hears who joins its groups, and who leaves */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#define SFW_COMPAT_HAS_BIND	1
#define SFW_COMPAT_BIND(join, leave)					\
	.bind = (join),							\
	.unbind = (leave)
#else
#define SFW_COMPAT_HAS_BIND	0
#define SFW_COMPAT_BIND(join, leave)
#endif

/* 6.7, and stable branches: who frees a packet in a hook can still tell a
 * local sender so. Elsewhere the core has to free it. Kbuild looks.
 */
static __always_inline unsigned int sfw_compat_drop(struct sk_buff *skb)
{
#ifdef SFW_HAVE_NF_DROP_REASON
	return NF_DROP_REASON(skb, SKB_DROP_REASON_NETFILTER_DROP, EPERM);
#else
	return NF_DROP;
#endif
}

#endif /* _SFW_COMPAT_H */
