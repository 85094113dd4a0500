/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the parts of sfwctl doctor share.
 *
 * cmd_doctor.c		the report, the rule set
 * doctor_module.c	the module: built, loaded, signed
 * doctor_boot.c	units and the rule file
 * doctor_net.c		others who see packets
 */
#ifndef _SFWCTL_DOCTOR_H
#define _SFWCTL_DOCTOR_H

#include "lib/nl_query.h"

enum severity {
	SEVERITY_OK,		/* as it should be; not a finding */
	SEVERITY_NOTE,		/* good to know; does not count */
	SEVERITY_WARNING,
	SEVERITY_ERROR,
};

/* One line of the report; fix is the command that repairs it, or NULL. */
void doctor_say(enum severity severity, const char *code, const char *fix,
		const char *fmt, ...)
	__attribute((__format__(__printf__, 4, 5)));
/* First line of a small file, without its newline; false if there is none. */
bool doctor_read_line(const char *path, char *buf, size_t size);

/* status is NULL if the module cannot be asked. */
void doctor_module(u32 interface_version);
void doctor_boot(const struct nl_status *status, const struct ruleset *rs);
void doctor_net(const struct nl_status *status);

#endif /* _SFWCTL_DOCTOR_H */
