// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP associations as a host in the middle can follow them (RFC 9260).
 *
 * What proves that a packet belongs to an association is its verification tag:
 * each side chooses one, tells it in INIT or INIT ACK, and gets it back in
 * every packet (8.5). Transmission sequence numbers are not followed: 32
 * random bits are what a stranger would have to guess anyway.
 *
 * A host that restarted sends an INIT into its old association, with tag 0
 * like everybody (5.2.2). A stranger can do that as well. So a handshake that
 * meets an association is kept apart from it, and takes its place only when
 * the other side has acknowledged the cookie and the side that sent the INIT
 * was not heard with the old tag meanwhile.
 *
 * Hosts with several addresses check each pair of them with a HEARTBEAT before
 * they use it (5.4). For us each pair is a connection of its own, so a
 * HEARTBEAT may begin one.
 *
 * Pure: no locks here, the caller holds the connection's.
 *
 * Tried and rejected: leaving the order of states to the tags alone. It costs
 * nothing less, and timeouts could not tell a handshake from an association.
 */
#include "sctp.h"

/* RFC 9260, 3.2 */
#define DATA			BIT(0)
#define INIT			BIT(1)
#define INIT_ACK		BIT(2)
#define HEARTBEAT		BIT(4)
#define ABORT			BIT(6)
#define SHUTDOWN		BIT(7)
#define SHUTDOWN_ACK		BIT(8)
#define ERROR			BIT(9)
#define COOKIE_ECHO		BIT(10)
#define COOKIE_ACK		BIT(11)
#define SHUTDOWN_COMPLETE	BIT(14)
#define TYPES			16

/* The T bit of ABORT and SHUTDOWN COMPLETE (3.3.7, 3.3.13) */
#define FLAG_T			0x01

/* Type, flags, length; INIT and INIT ACK go on with the tag and 12 bytes. */
#define CHUNK_MIN		4
#define INIT_MIN		20

/**
 * sfw_sctp_chunk() - take note of one chunk
 * @t: what the chunks before said; zero but for the tag in front of the first
 * @head: its first SFW_SCTP_CHUNK_HEAD bytes, or @rest if that is less
 * @rest: bytes of the packet from here on, not 0
 *
 * Return: bytes to the next chunk, @rest if this was the last one, or 0 if it
 * is longer than the packet or shorter than it has to be.
 * Context: any.
 */
unsigned int sfw_sctp_chunk(struct sfw_sctp_info *t, const u8 *head,
			    unsigned int rest)
{
	unsigned int len;
	u32 chunk;

	if (rest < CHUNK_MIN)
		return 0;
	len = head[2] << 8 | head[3];
	if (len < CHUNK_MIN || len > rest)
		return 0;
	if (t->count < U16_MAX)
		t->count++;
	chunk = head[0] < TYPES ? BIT(head[0]) : 0;
	t->chunks |= chunk;
	if (chunk & (INIT | INIT_ACK)) {
		if (len < INIT_MIN)
			return 0;
		t->init_tag = (u32)head[4] << 24 | head[5] << 16 |
			      head[6] << 8 | head[7];
	}
	if (chunk & (ABORT | SHUTDOWN_COMPLETE))
		t->reflected = head[1] & FLAG_T;
	/* The last one may come without what fills it up. */
	len = (len + 3) & ~3U;
	return len < rest ? len : rest;
}

/**
 * sfw_sctp_valid() - can a packet look like this at all
 * @t: its chunks
 * @sport: source port
 * @dport: destination port
 *
 * No port is 0 (RFC 9260, 3.1). INIT, INIT ACK and SHUTDOWN COMPLETE are alone
 * in their packets (6.10), ABORT has no data with it (3.3.7). INIT has tag 0
 * and nothing else has (8.5.1); no side may choose 0 (3.3.2, 3.3.3).
 *
 * Return: false if no sane host sends it.
 * Context: any.
 */
bool sfw_sctp_valid(const struct sfw_sctp_info *t, u16 sport, u16 dport)
{
	if (!sport || !dport)
		return false;
	if (t->count != 1 && t->chunks & (INIT | INIT_ACK | SHUTDOWN_COMPLETE))
		return false;
	if (t->chunks & ABORT && t->chunks & DATA)
		return false;
	if (t->chunks & (INIT | INIT_ACK) && !t->init_tag)
		return false;
	return !(t->chunks & INIT) == !!t->vtag;
}

/**
 * sfw_sctp_is_init() - does this packet ask for an association
 * @t: its chunks
 *
 * Return: true for INIT.
 * Context: any.
 */
bool sfw_sctp_is_init(const struct sfw_sctp_info *t)
{
	return t->chunks & INIT;
}

/**
 * sfw_sctp_is_answer() - can only the host that was asked send this
 * @t: its chunks
 *
 * Return: true for INIT ACK and COOKIE ACK.
 * Context: any.
 */
bool sfw_sctp_is_answer(const struct sfw_sctp_info *t)
{
	return t->chunks & (INIT_ACK | COOKIE_ACK);
}

/**
 * sfw_sctp_can_begin() - may this packet be an association's first
 * @t: its chunks, valid
 * @pickup: running associations are taken over
 *
 * INIT, HEARTBEAT on a new pair of addresses; with @pickup whatever is not an
 * answer and ends nothing.
 *
 * Return: true if a connection may be made for it.
 * Context: any.
 */
bool sfw_sctp_can_begin(const struct sfw_sctp_info *t, bool pickup)
{
	if (t->chunks & (INIT_ACK | ABORT | SHUTDOWN_ACK | ERROR | COOKIE_ACK |
			 SHUTDOWN_COMPLETE))
		return false;
	return pickup || t->chunks & (INIT | HEARTBEAT);
}

/**
 * sfw_sctp_begin() - state of an association from its first packet
 * @sctp: filled in
 * @t: chunks for which sfw_sctp_can_begin() holds
 *
 * Return: enum sfw_state.
 * Context: any; @sctp is not shared yet, or locked.
 */
u8 sfw_sctp_begin(struct sfw_sctp *sctp, const struct sfw_sctp_info *t)
{
	memset(sctp, 0, sizeof(*sctp));
	if (t->chunks & INIT) {
		sctp->tag[0] = t->init_tag;
		return SFW_STATE_SCTP_INIT;
	}
	sctp->tag[1] = t->vtag;
	return SFW_STATE_SCTP_ESTABLISHED;
}

/* No cookie was acknowledged: whatever the hosts say may still change. */
static bool is_handshake(u8 state)
{
	return state == SFW_STATE_SCTP_INIT ||
	       state == SFW_STATE_SCTP_INIT_ACK ||
	       state == SFW_STATE_SCTP_COOKIE_ECHO;
}

static void forget_again(struct sfw_sctp *sctp)
{
	sctp->next[0] = 0;
	sctp->next[1] = 0;
	sctp->again = 0;
}

/* RFC 9260, 5.2.1, 5.2.2: first, sent again, crossing, or after a restart. */
static enum sfw_sctp_result track_init(struct sfw_sctp *sctp, u8 state,
				       int dir, const struct sfw_sctp_info *t)
{
	if (state == SFW_STATE_SCTP_CLOSE)
		return SFW_SCTP_REOPEN;
	if (state == SFW_STATE_SCTP_INIT && !sctp->tag[dir]) {
		sctp->tag[dir] = t->init_tag;
		return SFW_SCTP_PASS;
	}
	if (sctp->tag[dir] == t->init_tag)
		return SFW_SCTP_PASS;
	/* The other side may have answered this one already. */
	if (sctp->again != 1 + dir || sctp->next[dir] != t->init_tag) {
		forget_again(sctp);
		sctp->next[dir] = t->init_tag;
		sctp->again = 1 + dir;
	}
	return SFW_SCTP_PASS;
}

/* The side that took an INIT names its own tag. It keeps nothing of that, so
 * the answer to a copy of the INIT names another one.
 */
static enum sfw_sctp_result track_init_ack(struct sfw_sctp *sctp, u8 *state,
					   int dir,
					   const struct sfw_sctp_info *t)
{
	if (t->vtag == sctp->tag[!dir]) {
		if (*state == SFW_STATE_SCTP_INIT) {
			sctp->tag[dir] = t->init_tag;
			*state = SFW_STATE_SCTP_INIT_ACK;
		} else if (is_handshake(*state) &&
			   sctp->tag[dir] != t->init_tag) {
			sctp->next[dir] = t->init_tag;
		}
		return SFW_SCTP_PASS;
	}
	if (sctp->again != 1 + !dir || t->vtag != sctp->next[!dir])
		return SFW_SCTP_BAD_TAG;
	if (*state == SFW_STATE_SCTP_INIT) {
		forget_again(sctp);
		sctp->tag[!dir] = t->vtag;
		sctp->tag[dir] = t->init_tag;
		*state = SFW_STATE_SCTP_INIT_ACK;
	} else {
		sctp->next[dir] = t->init_tag;
	}
	return SFW_SCTP_PASS;
}

/* A packet with a tag of the handshake that met the association. */
static enum sfw_sctp_result track_again(struct sfw_sctp *sctp, u8 *state,
					int dir, const struct sfw_sctp_info *t)
{
	if (t->vtag != sctp->next[!dir] || !t->vtag)
		return SFW_SCTP_BAD_TAG;
	/* Refused: the old one goes on, or ends by its timeout. */
	if (t->chunks & ABORT)
		return SFW_SCTP_PASS;
	if (t->chunks & COOKIE_ECHO && sctp->again != 1 + !dir) {
		/* The answer to a copy of the first INIT was taken. */
		if (is_handshake(*state) && !sctp->again) {
			sctp->tag[!dir] = t->vtag;
			sctp->next[!dir] = 0;
			*state = SFW_STATE_SCTP_COOKIE_ECHO;
		}
		return SFW_SCTP_PASS;
	}
	if (t->chunks & COOKIE_ACK && sctp->again == 1 + !dir &&
	    sctp->next[dir]) {
		sctp->tag[0] = sctp->next[0];
		sctp->tag[1] = sctp->next[1];
		forget_again(sctp);
		*state = SFW_STATE_SCTP_ESTABLISHED;
		return SFW_SCTP_PASS;
	}
	return SFW_SCTP_BAD_TAG;
}

/* An ABORT or SHUTDOWN COMPLETE of a host that knows no association carries
 * the tag of the packet it answers, with the T bit set (8.4, 8.5.1).
 */
static bool tag_is_right(const struct sfw_sctp *sctp, int dir,
			 const struct sfw_sctp_info *t)
{
	return t->vtag == sctp->tag[t->reflected ? dir : !dir];
}

static u8 state_after(u8 state, u32 chunks)
{
	if (state == SFW_STATE_SCTP_CLOSE || chunks & ABORT)
		return SFW_STATE_SCTP_CLOSE;
	if (chunks & SHUTDOWN_COMPLETE)
		return state == SFW_STATE_SCTP_SHUTDOWN_ACK ?
		       SFW_STATE_SCTP_CLOSE : state;
	if (is_handshake(state)) {
		if (chunks & COOKIE_ACK)
			return SFW_STATE_SCTP_ESTABLISHED;
		return chunks & COOKIE_ECHO ? SFW_STATE_SCTP_COOKIE_ECHO :
					      state;
	}
	if (chunks & SHUTDOWN_ACK)
		return SFW_STATE_SCTP_SHUTDOWN_ACK;
	if (chunks & SHUTDOWN && state == SFW_STATE_SCTP_ESTABLISHED)
		return SFW_STATE_SCTP_SHUTDOWN;
	return state;
}

/**
 * sfw_sctp_track() - take one packet of a known association
 * @sctp: the association
 * @state: enum sfw_state, brought up to date
 * @dir: 0 from the originator, 1 from the responder
 * @t: its chunks, valid
 *
 * Nothing is changed unless the result is SFW_SCTP_PASS.
 *
 * Return: what to do with it. After SFW_SCTP_REOPEN the caller removes the
 * connection and judges the packet as a first one.
 * Context: any; the caller holds the connection's lock.
 */
enum sfw_sctp_result sfw_sctp_track(struct sfw_sctp *sctp, u8 *state, int dir,
				    const struct sfw_sctp_info *t)
{
	if (t->chunks & INIT)
		return track_init(sctp, *state, dir, t);
	if (t->chunks & INIT_ACK)
		return track_init_ack(sctp, state, dir, t);

	if (*state == SFW_STATE_SCTP_INIT) {
		/* The responder refuses, or it is about to leave an older
		 * association, which the originator helps it to do (9.2).
		 */
		if (dir == 1 && t->chunks & ABORT && tag_is_right(sctp, 1, t)) {
			*state = SFW_STATE_SCTP_CLOSE;
			return SFW_SCTP_PASS;
		}
		if (dir == 1 ? t->chunks & SHUTDOWN_ACK :
			       t->chunks & SHUTDOWN_COMPLETE && t->reflected)
			return SFW_SCTP_PASS;
		return track_again(sctp, state, dir, t);
	}

	if (!tag_is_right(sctp, dir, t)) {
		/* The other side of what was picked up is heard. */
		if (sctp->tag[!dir] || t->chunks & (ABORT | SHUTDOWN_COMPLETE))
			return track_again(sctp, state, dir, t);
		sctp->tag[!dir] = t->vtag;
	}
	if (sctp->again == 1 + dir)
		forget_again(sctp);
	*state = state_after(*state, t->chunks);
	return SFW_SCTP_PASS;
}

/**
 * sfw_sctp_quote_valid() - can an ICMP error be about this association
 * @sctp: the association
 * @dir: which side sent the quoted packet
 * @vtag: its verification tag
 *
 * RFC 9260, 10, ICMP6.
 *
 * Return: true if it can.
 * Context: any; the caller holds the connection's lock.
 */
bool sfw_sctp_quote_valid(const struct sfw_sctp *sctp, int dir, u32 vtag)
{
	/* An INIT on its way. */
	if (!vtag)
		return !sctp->tag[!dir] || sctp->again == 1 + dir;
	return vtag == sctp->tag[!dir] || vtag == sctp->next[!dir];
}
