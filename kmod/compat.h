/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where kernels differ. The only file that may ask for a version.
 */
#ifndef _SFW_COMPAT_H
#define _SFW_COMPAT_H

#include <linux/crc32.h>
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

#endif /* _SFW_COMPAT_H */
