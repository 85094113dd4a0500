/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What network ACLs and security groups of AWS have in common.
 */
#ifndef _SFWCTL_IMPORT_AWS_H
#define _SFWCTL_IMPORT_AWS_H

#include "jdoc.h"

/* Number of the last entry of each family, the default, in a network ACL. */
#define AWS_NACL_DEFAULT4	32767
#define AWS_NACL_DEFAULT6	32768
/*
 * On a router, what leaves the subnet and what comes in stand in one list:
 * numbers of the former are put behind those of the latter.
 */
#define AWS_ROUTER_EGRESS	10000
#define AWS_ROUTER_INGRESS_MAX	(AWS_ROUTER_EGRESS - 1)

/* jdoc_load(), and a member that is null is not there. */
bool aws_load(struct import *imp, struct jdoc *top);
/* -1 is any, -2 no protocol. Numbers, and the names that AWS gives back. */
int aws_protocol(const char *text);
/*
 * Which of several: the index of the one object of the array that the options
 * ask for, its id being the member key, which a single one may do without; -1
 * after a complaint that lists them.
 */
long aws_choose(struct import *imp, const struct jdoc *array, const char *key);
/* An object with an id that the options ask for? All are, if they do not. */
bool aws_wanted(const struct import *imp, const char *id);
/* A CIDR block of a member, NULL after a complaint. */
struct sfw_list *aws_cidr(struct import *imp, const struct jdoc *obj,
			  const char *key, u8 family);
/* Type and code of ICMP into the rule, -1 is any; false after a complaint. */
bool aws_icmp(struct import *imp, const struct jdoc *type_node,
	      struct sfw_rule *rule, long long type, long long code);
/* Ports first to last into the rule, unless it is all of them. */
void aws_ports(struct sfw_rule *rule, long long first, long long last);

#endif /* _SFWCTL_IMPORT_AWS_H */
