/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SCTP associations as a host in the middle can follow them. Pure.
 */
#ifndef _SFW_SCTP_H
#define _SFW_SCTP_H

#include "packet.h"

/* Bytes in front of the first chunk, and of a chunk that sfw_sctp_chunk()
 * reads.
 */
#define SFW_SCTP_HEADER		12
#define SFW_SCTP_CHUNK_HEAD	8

/**
 * struct sfw_sctp - both sides of an association
 * @tag: verification tag of what is sent to the originator [0], to the
 *	responder [1]; 0 if it is not known yet
 * @next: likewise in a handshake that meets the running association
 * @again: 1 + the side that sent the INIT of that handshake, 0 for none
 *
 * Guarded by the connection's lock.
 */
struct sfw_sctp {
	u32 tag[2];
	u32 next[2];
	u8 again;
};

enum sfw_sctp_result {
	SFW_SCTP_PASS,		/* belongs to the association */
	SFW_SCTP_BAD_CHUNKS,
	SFW_SCTP_BAD_TAG,
	SFW_SCTP_REOPEN,	/* a new association on the same ports begins */
};

unsigned int sfw_sctp_chunk(struct sfw_sctp_info *t, const u8 *head,
			    unsigned int rest);
bool sfw_sctp_valid(const struct sfw_sctp_info *t, u16 sport, u16 dport);
bool sfw_sctp_is_init(const struct sfw_sctp_info *t);
bool sfw_sctp_is_answer(const struct sfw_sctp_info *t);
bool sfw_sctp_can_begin(const struct sfw_sctp_info *t, bool pickup);
u8 sfw_sctp_begin(struct sfw_sctp *sctp, const struct sfw_sctp_info *t);
enum sfw_sctp_result sfw_sctp_track(struct sfw_sctp *sctp, u8 *state, int dir,
				    const struct sfw_sctp_info *t);
bool sfw_sctp_quote_valid(const struct sfw_sctp *sctp, int dir, u32 vtag);

#endif /* _SFW_SCTP_H */
