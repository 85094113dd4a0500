// SPDX-License-Identifier: GPL-2.0
/*
 * Asking the receiver of a SYN whether its connection still is.
 *
 * A SYN in the window of a running connection ends it at hosts that follow RFC
 * 793, and whoever sends it can be anybody. So the receiver gets, in
 * its place, what a keep-alive is (RFC 9293, 3.8.4): a segment that was
 * acknowledged already. A receiver that has the connection answers where it
 * is, as RFC 5961, 4, wants it to answer a SYN; a sender that has lost it
 * resets that answer, exactly, and its next SYN begins anew. A receiver that has
 * lost it as well resets the question.
 *
 * The segment is what is left of the SYN: its addresses, its way and its
 * options, of which none means anything without SYN but a timestamp, and one
 * that is too old is answered in the same way.
 *
 * Synchronisation: none, the packet is the caller's.
 *
 * Tried and rejected: to answer the SYN ourselves. That is a segment of our own
 * to route, with our idea of where the receiver is instead of its own.
 */
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/checksum.h>

#include "ask.h"
#include "packet.h"

/* The 16 bits in which the data offset and the flags are. */
#define FLAGS_AT	12

/**
 * sfw_ask_instead() - make a question of a SYN
 * @skb: the packet
 * @pkt: the same, read, with the numbers of the question in @pkt->tcp
 * @thoff: offset of its TCP header
 *
 * Return: 0 or -ENOMEM; then the packet must not go on.
 * Context: of a hook.
 */
int sfw_ask_instead(struct sk_buff *skb, const struct sfw_packet *pkt,
		    unsigned int thoff)
{
	__be32 seq = htonl(pkt->tcp.seq), ack = htonl(pkt->tcp.ack);
	struct tcphdr *th;
	__be16 *word, flags;

	if (skb_ensure_writable(skb, thoff + sizeof(*th)))
		return -ENOMEM;
	th = (struct tcphdr *)(skb->data + thoff);
	inet_proto_csum_replace4(&th->check, skb, th->seq, seq, false);
	inet_proto_csum_replace4(&th->check, skb, th->ack_seq, ack, false);
	th->seq = seq;
	th->ack_seq = ack;
	word = (__be16 *)((u8 *)th + FLAGS_AT);
	flags = htons(th->doff << 12 | SFW_TCP_ACK);
	inet_proto_csum_replace2(&th->check, skb, *word, flags, false);
	*word = flags;
	return 0;
}
