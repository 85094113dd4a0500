/* SPDX-License-Identifier: GPL-2.0 */
/*
 * States of the protocols that have no handshake to follow. Pure.
 */
#ifndef _SFW_GENERIC_H
#define _SFW_GENERIC_H

#include "packet.h"

/* Bytes of a header in which the id of a tunnel is. */
#define SFW_GENERIC_HEAD	12

/**
 * struct sfw_tunnel - the ids that both sides of a connection showed last
 * @id: of the originator [0] and the responder [1]
 * @has_id: which of them are known, bit 0 and 1
 *
 * Guarded by the connection's lock.
 */
struct sfw_tunnel {
	u32 id[2];
	u8 has_id;
};

/**
 * sfw_generic_is_tunnel() - has this protocol ids
 * @protocol: IP protocol
 *
 * Return: true for GRE, ESP and AH.
 */
static inline bool sfw_generic_is_tunnel(u8 protocol)
{
	return protocol == IPPROTO_GRE || protocol == IPPROTO_ESP ||
	       protocol == IPPROTO_AH;
}

/**
 * sfw_generic_note() - a packet of a tunnel's connection
 * @tunnel: of the connection
 * @dir: 0 from the originator, 1 from the responder
 * @info: of the packet
 *
 * Context: any; the caller holds the connection's lock.
 */
static inline void sfw_generic_note(struct sfw_tunnel *tunnel, int dir,
				    const struct sfw_tunnel_info *info)
{
	if (!info->has_id)
		return;
	tunnel->id[dir] = info->id;
	tunnel->has_id |= 1 << dir;
}

u8 sfw_generic_state(u8 protocol, bool replied);
void sfw_generic_tunnel(struct sfw_tunnel_info *tunnel, u8 protocol,
			const u8 *head, unsigned int len);

#endif /* _SFW_GENERIC_H */
