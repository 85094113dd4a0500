// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of JSON to connections; saved_write.c says what the lines are like.
 *
 * Every key is read by name, checked for type and range, and ticked off; a key
 * that is left is an error, because what this program does not know may change
 * what the rest means. Whether the values go together is asked of kmod/saved.c,
 * as in the kernel. The first thing that is wrong with a line is told.
 */
#include <jansson.h>

#include <option.h>

#include "names.h"
#include "parse.h"
#include "saved.h"
#include "saved_names.h"

/* An object that is being read: at the top, or one inside. */
struct reader {
	json_t *obj;
	const char *path;	/* "tcp.originator." */
	const char *keys[24];	/* that were there */
	size_t n;
	struct saved_error *error;
	bool bad;
};

static void __attribute((__format__(__printf__, 3, 4)))
complain(struct reader *r, const char *key, const char *fmt, ...)
{
	va_list ap;

	if (r->bad)
		return;
	r->bad = true;
	snprintf(r->error->field, sizeof(r->error->field), "%s%s", r->path,
		 key);
	va_start(ap, fmt);
	vsnprintf(r->error->text, sizeof(r->error->text), fmt, ap);
	va_end(ap);
}

/* NULL if it is not there, which is an error if it is needed. */
static json_t *get(struct reader *r, const char *key, bool needed)
{
	json_t *value = json_object_get(r->obj, key);

	if (value)
		r->keys[r->n++] = key;
	else if (needed)
		complain(r, key, "it is missing");
	return value;
}

static u64 get_number(struct reader *r, const char *key, u64 max, bool needed)
{
	json_t *value = get(r, key, needed);

	if (!value)
		return 0;
	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    (u64)json_integer_value(value) > max) {
		complain(r, key, "it is a number from 0 to %llu",
			 (unsigned long long)max);
		return 0;
	}
	return (u64)json_integer_value(value);
}

static bool get_bool(struct reader *r, const char *key)
{
	json_t *value = get(r, key, false);

	if (value && !json_is_boolean(value))
		complain(r, key, "it is true or false");
	return json_is_true(value);
}

/* Never NULL. */
static const char *get_text(struct reader *r, const char *key, bool needed)
{
	json_t *value = get(r, key, needed);

	if (!value)
		return "";
	if (!json_is_string(value)) {
		complain(r, key, "it is a string");
		return "";
	}
	return json_string_value(value);
}

static u8 get_bits(struct reader *r, const char *key, const char *const *names,
		   bool needed)
{
	json_t *value = get(r, key, needed), *item;
	u8 bits = 0;
	size_t i;
	int bit;

	if (value && !json_is_array(value))
		complain(r, key, "it is a list of words");
	json_array_foreach(value, i, item) {
		const char *word = json_string_value(item);

		for (bit = 0; bit < SAVED_BITS; bit++)
			if (word && names[bit] && !strcmp(word, names[bit]))
				break;
		if (bit == SAVED_BITS)
			complain(r, key, "there is no '%.40s' in such a list",
				 word ? word : "");
		else
			bits |= BIT(bit);
	}
	return bits;
}

static struct reader inside(struct reader *r, const char *key, const char *path)
{
	struct reader in = { .path = path, .error = r->error };

	in.obj = get(r, key, true);
	if (in.obj && !json_is_object(in.obj))
		complain(r, key, "it is an object");
	in.bad = r->bad;
	return in;
}

/* Is there a key that was not read? */
static void leave(struct reader *r)
{
	const char *key;
	json_t *value;
	size_t i;

	if (r->bad || r->n == json_object_size(r->obj))
		return;
	json_object_foreach(r->obj, key, value) {
		for (i = 0; i < r->n && strcmp(r->keys[i], key); i++)
			;
		if (i == r->n) {
			complain(r, key,
				 "version %d of the format has no such key",
				 SAVED_VERSION);
			return;
		}
	}
}

static void read_half(struct reader *r, int side, struct sfw_tcp *tcp)
{
	static const char *const paths[] = {
		"tcp.originator.", "tcp.responder.",
	};
	struct reader in = inside(r, saved_sides[side], paths[side]);
	struct sfw_tcp_half *half = &tcp->half[side];

	half->end = get_number(&in, "end", U32_MAX, true);
	half->max_end = get_number(&in, "max_end", U32_MAX, true);
	half->ack = get_number(&in, "ack", U32_MAX, true);
	half->max_win = get_number(&in, "window", U32_MAX, true);
	tcp->scales |= get_number(&in, "scale", 14, true) << 4 * side;
	tcp->flags[side] = get_bits(&in, "flags", saved_tcp_flags[side], true);
	leave(&in);
	r->bad = in.bad;
}

static void read_tcp(struct reader *r, struct sfw_tcp *tcp)
{
	struct reader in = inside(r, "tcp", "tcp.");
	int i;

	for (i = 0; i < 2 && !in.bad; i++)
		read_half(&in, i, tcp);
	tcp->probe = get_number(&in, "probe", U32_MAX, false);
	tcp->scales |= get_number(&in, "probe_scale", 15, false) << 8 |
		       get_number(&in, "answer_scale", 15, false) << 12;
	leave(&in);
	r->bad = in.bad;
}

static void read_tags(struct reader *r, int side, struct sfw_sctp *sctp)
{
	static const char *const paths[] = {
		"sctp.originator.", "sctp.responder.",
	};
	struct reader in = inside(r, saved_sides[side], paths[side]);

	sctp->tag[side] = get_number(&in, "tag", U32_MAX, true);
	sctp->next[side] = get_number(&in, "next", U32_MAX, false);
	leave(&in);
	r->bad = in.bad;
}

static void read_sctp(struct reader *r, struct sfw_sctp *sctp)
{
	struct reader in = inside(r, "sctp", "sctp.");
	const char *again;
	int i;

	for (i = 0; i < 2 && !in.bad; i++)
		read_tags(&in, i, sctp);
	again = get_text(&in, "again", false);
	i = names_index(saved_sides, again);
	if (*again && i < 0)
		complain(&in, "again", "it is originator or responder");
	sctp->again = i < 0 ? 0 : i + 1;
	leave(&in);
	r->bad = in.bad;
}

static u8 read_addr(struct reader *r, const char *key, struct sfw_addr *addr)
{
	const char *text = get_text(r, key, true);
	struct sfw_elem elem;

	if (r->bad)
		return 0;
	if (!parse_addr(text, &elem) || elem.kind != SFW_ELEM_ONE) {
		complain(r, key, "'%.60s' is no address", text);
		return 0;
	}
	*addr = elem.first;
	return elem.family;
}

/* "in:120", or "in:*" for the default. */
static u32 read_rule(struct reader *r, u8 direction)
{
	const char *text = get_text(r, "rule", true);
	const char *name = names_directions[direction];
	size_t len = strlen(name);
	long long number;

	if (r->bad)
		return 0;
	if (strncmp(text, name, len) || text[len] != ':') {
		complain(r, "rule",
			 "it is %s: and a number or *, because the direction is %s",
			 name, name);
		return 0;
	}
	if (!strcmp(text + len + 1, "*"))
		return 0;
	number = names_uint(text + len + 1, SFW_RULE_NUMBER_MAX);
	if (number < 1)
		complain(r, "rule", "a rule number is 1 to %u, and * is the default",
			 SFW_RULE_NUMBER_MAX);
	return number < 1 ? 0 : (u32)number;
}

static void read_ends(struct reader *r, struct sfw_saved *saved)
{
	const char *text = get_text(r, "protocol", true);
	int value = parse_protocol(text);

	if (value < 0 || value > 255)
		complain(r, "protocol", "'%.40s' is no protocol", text);
	saved->protocol = (u8)value;
	text = get_text(r, "direction", true);
	value = names_index(names_directions, text);
	if (value < 0)
		complain(r, "direction", "it is in or out");
	saved->direction = value < 0 ? 0 : (u8)value;
	saved->family = read_addr(r, "source", &saved->src);
	if (read_addr(r, "destination", &saved->dst) != saved->family)
		complain(r, "destination", "it is of another family than the source");
	if (sfw_packet_has_ports(saved->protocol)) {
		saved->sport = get_number(r, "source_port", U16_MAX, true);
		saved->dport = get_number(r, "destination_port", U16_MAX, true);
	} else if (saved->protocol == IPPROTO_ICMP ||
		   saved->protocol == IPPROTO_ICMPV6) {
		saved->icmp_type = get_number(r, "icmp_type", 255, true);
		saved->icmp_id = get_number(r, "icmp_id", U16_MAX, true);
	}
}

static void read_words(struct reader *r, struct sfw_saved *saved)
{
	struct sfw_track *track = &saved->track;
	const char *text = get_text(r, "state", true);
	int value = parse_state(text);

	if (value < 0)
		complain(r, "state", "'%.40s' is no state", text);
	saved->state = value < 0 ? 0 : (u8)value;
	saved->rule = read_rule(r, saved->direction);
	text = get_text(r, "interface", false);
	if (strlen(text) > SFW_IFNAME_MAX)
		complain(r, "interface", "a name has at most %d characters",
			 SFW_IFNAME_MAX);
	else
		memcpy(saved->ifname, text, strlen(text) + 1);
	text = get_text(r, "standing", true);
	value = names_index(saved_standings, text);
	if (value < 0)
		complain(r, "standing", "it is unreplied, heard or stays");
	track->standing = value < 0 ? 0 : (u8)value;
	track->picked_up = get_bool(r, "picked_up");
	track->looped = get_bool(r, "looped");
	track->hooks = get_bits(r, "hooks", saved_hooks, false);
}

static void read_figures(struct reader *r, struct sfw_saved *saved)
{
	saved->packets[0] = get_number(r, "packets", INT64_MAX, true);
	saved->bytes[0] = get_number(r, "bytes", INT64_MAX, true);
	saved->packets[1] = get_number(r, "reply_packets", INT64_MAX, true);
	saved->bytes[1] = get_number(r, "reply_bytes", INT64_MAX, true);
	saved->expires_ms = get_number(r, "expires_ms", INT64_MAX, true);
}

/* NULL with an error if the line is no JSON object. */
static json_t *load(const char *line, struct saved_error *error)
{
	json_error_t at;
	json_t *obj;

	error->field[0] = '\0';
	obj = json_loads(line, JSON_REJECT_DUPLICATES, &at);
	if (!obj) {
		snprintf(error->text, sizeof(error->text),
			 "no JSON object in column %d: %.120s", at.column,
			 at.text);
	} else if (!json_is_object(obj)) {
		snprintf(error->text, sizeof(error->text),
			 "a line holds one JSON object");
		json_decref(obj);
		obj = NULL;
	}
	return obj;
}

bool saved_read_header(const char *line, struct saved_error *error)
{
	struct reader r = { .path = "", .error = error };
	const char *format;
	u64 version;

	r.obj = load(line, error);
	if (!r.obj)
		return false;
	format = get_text(&r, "format", true);
	if (strcmp(format, "sfw-conns"))
		complain(&r, "format",
			 "the first line of what 'sfwctl conns save' wrote says sfw-conns here");
	version = get_number(&r, "version", U32_MAX, true);
	if (version != SAVED_VERSION)
		complain(&r, "version", "this sfwctl reads version %d",
			 SAVED_VERSION);
	leave(&r);
	json_decref(r.obj);
	return !r.bad;
}

bool saved_read(const char *line, struct sfw_saved *saved,
		struct saved_error *error)
{
	struct reader r = { .path = "", .error = error };
	const char *field, *why;

	memset(saved, 0, sizeof(*saved));
	r.obj = load(line, error);
	if (!r.obj)
		return false;
	read_ends(&r, saved);
	if (!r.bad)
		read_words(&r, saved);
	if (!r.bad)
		read_figures(&r, saved);
	if (!r.bad && saved->protocol == IPPROTO_TCP) {
		saved->track.first = get_number(&r, "first_flags", 255, true);
		read_tcp(&r, &saved->track.tcp);
	} else if (!r.bad && saved->protocol == IPPROTO_SCTP) {
		read_sctp(&r, &saved->track.sctp);
	}
	leave(&r);
	json_decref(r.obj);
	if (r.bad)
		return false;
	why = sfw_saved_check(saved, &field);
	if (why)
		complain(&r, field, "%s", why);
	return !why;
}
