/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lists of addresses or ports as sets: what is in both, what is in neither,
 * which networks they are made of.
 */
#ifndef _SFWCTL_LISTOPS_H
#define _SFWCTL_LISTOPS_H

#include <list.h>

/*
 * What a clause says, without its negation: a new list, compiled. A list is
 * about the families in it, negated or not. It may be empty (n_elem 0), which
 * no clause can say: such a rule never matches.
 */
struct sfw_list *listops_plain(const struct sfw_list *list, bool negate);
/* What both say; families that one of them does not mention are in neither. */
struct sfw_list *listops_both(const struct sfw_list *a, bool not_a,
			      const struct sfw_list *b, bool not_b);
/* What is in one of them. */
struct sfw_list *listops_either(const struct sfw_list *a,
				const struct sfw_list *b);
/* Does it hold every port, or every address of this family? */
bool listops_is_all(const struct sfw_list *list, u8 family);
/* Only the addresses of this family; a new list, maybe empty. */
struct sfw_list *listops_family(const struct sfw_list *list, u8 family);
/*
 * Every address range cut into networks, every range of ports as it is; a new
 * list whose elements are these, in order.
 */
struct sfw_list *listops_networks(const struct sfw_list *list);

#endif /* _SFWCTL_LISTOPS_H */
