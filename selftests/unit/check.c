// SPDX-License-Identifier: GPL-2.0
/*
 * The findings of check against brute force: random rule sets over a small
 * header space, in which every packet is one of some hundred kinds, and every
 * kind is asked of every rule by sfw_rule_match(). And the lines that check
 * proposes, added: the finding has to go.
 */
#include <math.h>

#include <lib/check.h>
#include <lib/parse.h>
#include <lib/print.h>
#include <lib/xalloc.h>
#include "small.h"

#define SETS	10000

/* --- brute force ----------------------------------------------------------- */

struct line {
	char text[80];
};

static struct line want[200], got[200];
static int n_want, n_got;
static bool forwarded;		/* this host is a router */
static unsigned int n_forwarded;	/* rules that can be about that only */

static void __attribute((__format__(__printf__, 1, 2)))
expect(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want[n_want++].text, sizeof(want->text), fmt, ap);
	va_end(ap);
}

static void brute_order(int d, int i)
{
	bool matches = false, left = false, needed = false, other = false;
	bool action = false;
	int p, j;

	for (p = 0; p < n_points; p++) {
		if (!(match[d][p] & 1 << i))
			continue;
		matches = true;
		if (reaches(d, p, i)) {
			left = true;
			needed = needed || !same_behind(d, p, i) ||
				 flags_at(d, i) & SFW_RULE_F_LOG;
		}
		for (j = 0; j < i; j++) {
			if (!reaches(d, p, j))
				continue;
			other |= outcome_at(d, j) != outcome_at(d, i);
			action |= action_at(d, j) != action_at(d, i);
		}
	}
	if (!matches) {
		expect("%d:%d never-matches", d, i);
		return;
	}
	if (!left && other) {
		expect("%d:%d shadowed", d, i);
		return;
	}
	if (!needed) {
		expect("%d:%d redundant", d, i);
		if (!left)
			return;
	}
	if (action)
		expect("%d:%d correlated", d, i);
}

static long double weight(const struct kind *k, int src, int dst, int sport,
			  int dport, int port_cells)
{
	const struct cell *cells = cells_of(k);
	long double w = cells[src].size * cells[dst].size;

	if (port_cells)
		w *= (long double)(port_hi[sport] - port_lo[sport] + 1) *
		     (port_hi[dport] - port_lo[dport] + 1);
	return w;
}

/* The reply to a request, by its point. */
static int reply_of(const struct kind *k, int src, int dst, int sport,
		    int dport, int flags, int iface)
{
	if (k->icmp)
		return index_of(k, dst, src, 1, dport, flags, iface);
	return index_of(k, dst, src, dport, sport, flags, iface);
}

static bool is_client(int d, int sport)
{
	return d == SFW_DIRECTION_IN ? sport >= 1 : sport == 2 || sport == 3;
}

/* Does the exchange work for all that comes back? */
static bool comes_back(const struct kind *k, int d, int src, int dst,
		       int sport, int dport, int iface)
{
	int f;

	if (k->protocol != IPPROTO_TCP)
		return allows(!d, reply_of(k, src, dst, sport, dport, 0,
					   iface));
	for (f = 1; f < k->n_flags && f <= 4; f++)
		if (!allows(!d, reply_of(k, src, dst, sport, dport, f, iface)))
			return false;
	return true;
}

/* The interfaces a rule is about; false: all. Their number is of world. */
static bool rule_ifaces(int i, bool in[3])
{
	const struct sfw_rule *rule = rule_at(SFW_DIRECTION_IN, i);
	int f;

	if (!rule || !(rule->flags & SFW_RULE_F_IFNAME))
		return false;
	for (f = 0; f < 3; f++)
		in[f] = (sfw_rule_ifname_is_wildcard(rule) ? f < 2 : !f) !=
			!!(rule->flags & SFW_RULE_F_NOT_IFNAME);
	return true;
}

/* The same for what is forwarded: on one of the other interfaces. */
static bool comes_in(const struct kind *k, const bool own[3], bool some, int src,
		     int dst, int sport, int dport)
{
	int iface, f, n = k->protocol == IPPROTO_TCP ? 4 : 0;
	bool all, any;

	for (iface = 0; iface < k->n_iface; iface++) {
		if (some && own[iface])
			continue;
		all = true;
		for (f = n ? 1 : 0; f <= n && f < k->n_flags; f++) {
			any = allows(SFW_DIRECTION_IN,
				     reply_of(k, src, dst, sport, dport, f,
					      iface));
			all = all && any;
		}
		if (all)
			return true;
	}
	return false;
}

/* Does "out" let this host ask there? Rules for replies do not. */
static bool may_ask(int p)
{
	int i = __builtin_ctz(match[SFW_DIRECTION_OUT][p]);

	return action_at(SFW_DIRECTION_OUT, i) == SFW_ACTION_ALLOW &&
	       !(flags_at(SFW_DIRECTION_OUT, i) & SFW_RULE_F_RETURN);
}

/* Does a reply come in by another interface that "out" does not ask for? */
static bool only_forwarded(const struct kind *k, const bool own[3], int src,
			   int dst, int sport, int dport)
{
	int iface, f, n = k->protocol == IPPROTO_TCP ? 4 : 0;

	for (iface = 0; iface < k->n_iface; iface++) {
		if (own[iface] ||
		    may_ask(index_of(k, src, dst, sport, dport, 0, iface)))
			continue;
		for (f = n ? 1 : 0; f <= n && f < k->n_flags; f++)
			if (allows(SFW_DIRECTION_IN,
				   reply_of(k, src, dst, sport, dport, f,
					    iface)))
				return true;
	}
	return false;
}

/* Is there a rule for it, or is it one that check always asks about? */
static bool is_asked(const struct kind *k)
{
	int d, i;

	if (k->protocol != IPPROTO_GRE)
		return true;
	for (d = 0; d < 2; d++)
		for (i = 0; i < n_rules[d]; i++)
			if (rule_at(d, i)->flags & SFW_RULE_F_PROTOCOL &&
			    rule_at(d, i)->protocol == k->protocol)
				return true;
	return false;
}

enum way {
	OWN,
	FORWARDED,
};

struct shares {
	double worst;
	bool all, any;
	bool forwarded;		/* nothing else explains a reply that comes in */
};

static struct shares count_missing(int d, int i, enum way way)
{
	struct shares s = { .worst = -1, .all = true };
	bool own[3] = { false }, some = false, good;
	double percent;
	int n;

	if (d == SFW_DIRECTION_IN)
		some = rule_ifaces(i, own);
	for (n = 0; n < n_kinds; n++) {
		const struct kind *k = &kinds[n];
		long double total = 0, failed = 0, w;
		bool ports = sfw_packet_has_ports(k->protocol);
		bool passes = false, asked = false;

		if (!is_asked(k))
			continue;
		FOR_ALL(k, src, dst, sport, dport, flags, iface) {
			if (flags || (ports && !is_client(d, sport)) ||
			    (k->icmp && (sport || dport)) ||
			    !reaches(d, index_of(k, src, dst, sport, dport,
						 flags, iface), i))
				continue;
			w = weight(k, src, dst, sport, dport, ports);
			if (world.iface)
				w *= iface_weight[iface];
			total += w;
			asked = true;
			good = way == OWN ?
			       comes_back(k, d, src, dst, sport, dport, iface) :
			       comes_in(k, own, some, src, dst, sport, dport);
			if (good)
				passes = true;
			else
				failed += w;
			if (some && only_forwarded(k, own, src, dst, sport,
						   dport))
				s.forwarded = true;
		}
		if (!asked)
			continue;
		s.any = true;
		if (failed == 0 || passes)
			s.all = false;
		percent = passes ? (double)(failed / total * 100) : 100;
		if (failed > 0 && percent > s.worst)
			s.worst = percent;
	}
	return s;
}

static void brute_missing(int d, int i)
{
	bool router = forwarded && d == SFW_DIRECTION_IN;
	struct shares s = count_missing(d, i, router ? FORWARDED : OWN);

	if (s.any && s.worst >= 0 && s.forwarded && !router) {
		s = count_missing(d, i, FORWARDED);
		n_forwarded++;
	}
	if (s.any && s.worst >= 0)
		expect("%d:%d missing-return %s %.6f", d, i,
		       s.all ? "error" : "warning", s.worst);
}

/* Errors answer anything. */
static bool is_error(const struct kind *k, int sport)
{
	return k->icmp && sport == 2;
}

static bool is_reply(const struct kind *k, int sport, int dport, int flags)
{
	if (k->protocol == IPPROTO_TCP)
		return flags >= 1 && flags <= 4;
	return !k->icmp || (sport == 1 && !dport);
}

/* Does "in" let a request in, by an interface that the rule is not about? */
static bool asked_in(const struct kind *k, int i, int src, int dst, int sport,
		     int dport)
{
	bool own[3], some = rule_ifaces(i, own);
	int iface;

	for (iface = 0; iface < k->n_iface; iface++)
		if (!(some && own[iface]) &&
		    allows(SFW_DIRECTION_IN,
			   k->icmp ? index_of(k, dst, src, 0, dport, 0, iface) :
			   index_of(k, dst, src, dport, sport, 0, iface)))
			return true;
	return false;
}

static void brute_orphan(int d, int i)
{
	bool any = false, own[3];
	int n, back;

	for (n = 0; n < n_kinds; n++) {
		const struct kind *k = &kinds[n];

		FOR_ALL(k, src, dst, sport, dport, flags, iface) {
			int p = index_of(k, src, dst, sport, dport, flags,
					 iface);

			if (!(match[d][p] & 1 << i))
				continue;
			any = true;
			if (is_error(k, sport))
				return;
			if (!is_asked(k) ||
			    !is_reply(k, sport, dport, flags) ||
			    !reaches(d, p, i))
				continue;
			back = k->icmp ? index_of(k, dst, src, 0, dport, 0,
						  iface) :
			       index_of(k, dst, src, dport, sport, 0, iface);
			if (allows(!d, back))
				return;
			if (d == SFW_DIRECTION_IN &&
			    (forwarded || rule_ifaces(i, own)) &&
			    asked_in(k, i, src, dst, sport, dport))
				return;
		}
	}
	if (any)
		expect("%d:%d orphan-return", d, i);
}

static void brute(void)
{
	int d, i;

	match_all();
	weigh_ifaces();
	n_want = 0;
	for (d = 0; d < 2; d++) {
		for (i = 0; i < n_rules[d]; i++)
			brute_order(d, i);
		for (i = 0; i <= n_rules[d]; i++) {
			if (action_at(d, i) != SFW_ACTION_ALLOW)
				continue;
			if (flags_at(d, i) & SFW_RULE_F_RETURN)
				brute_orphan(d, i);
			else if (world.mode == SFW_MODE_STATELESS)
				brute_missing(d, i);
		}
	}
}

/* --- comparing ------------------------------------------------------------- */

static int line_cmp(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void collect(const struct findings *findings)
{
	static const char *const codes[] = {
		"shadowed", "redundant", "never-matches", "correlated",
		"orphan-return", "missing-return", "not-analysed", NULL
	};
	size_t i;

	n_got = 0;
	for (i = 0; i < findings->n; i++) {
		const struct finding *f = &findings->finding[i];
		const char *star = strchr(f->name ? f->name : "*", '*');
		int d = f->name && !strncmp(f->name, "out", 3), c, n;
		char *text = got[n_got].text;

		for (c = 0; codes[c] && strcmp(codes[c], f->code); c++)
			;
		if (!codes[c])
			continue;
		n = star ? n_rules[d] : (int)(f->rule->rule.number / 10) - 1;
		n_got++;
		if (f->percent < 0)
			snprintf(text, sizeof(got->text), "%d:%d %s", d, n,
				 f->code);
		else
			snprintf(text, sizeof(got->text), "%d:%d %s %s %.6f",
				 d, n, f->code,
				 f->severity == FINDING_ERROR ? "error" :
				 "warning", f->percent);
	}
}

static const struct explain_ports ports = {
	{ 1024, 32768 }, { 65535, 60999 },
};

static void show_set(void)
{
	const struct print_style plain = { .color = false };
	char *text = NULL, *p;
	size_t size;
	FILE *f = open_memstream(&text, &size);
	int i;

	print_ruleset(f, set, -1, &plain);
	fclose(f);
	for (p = strtok(text, "\n"); p; p = strtok(NULL, "\n"))
		printf("#   %s\n", p);
	free(text);
	for (i = 0; i < n_want; i++)
		printf("# want %s\n", want[i].text);
	for (i = 0; i < n_got; i++)
		printf("# got  %s\n", got[i].text);
}

static bool agree(void)
{
	int i;

	qsort(want, n_want, sizeof(*want), line_cmp);
	qsort(got, n_got, sizeof(*got), line_cmp);
	if (n_want != n_got)
		return false;
	for (i = 0; i < n_want; i++)
		if (strcmp(want[i].text, got[i].text))
			return false;
	return true;
}

/* The set with all proposed lines: what is still missing of its own rules? */
static int missing_after(const struct findings *findings)
{
	const struct print_style plain = { .color = false };
	struct findings after = { .file = "after" };
	struct parse_result *res;
	char *text = NULL;
	size_t size, i;
	int missing = 0, without = 0;
	FILE *f = open_memstream(&text, &size);

	print_ruleset(f, set, -1, &plain);
	for (i = 0; i < findings->n; i++) {
		const struct finding *x = &findings->finding[i];

		if (strcmp(x->code, "missing-return"))
			continue;
		if (x->add)
			fprintf(f, "%s\n", x->add);
		else
			without++;
	}
	fclose(f);
	res = parse_text("after", text, strlen(text));
	if (!res->ruleset) {
		printf("# a proposed line is none:\n# %s\n", text);
		free(text);
		parse_result_free(res);
		return -1;
	}
	check_ruleset(res->ruleset, SFW_MODE_STATELESS, forwarded, &ports,
		      &after);
	for (i = 0; i < after.n; i++)
		missing += !strcmp(after.finding[i].code, "missing-return");
	if (missing > without)
		printf("# with the proposed lines:\n%s", text);
	findings_free(&after);
	parse_result_free(res);
	free(text);
	return missing - without;
}

static bool has_missing(const struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->n; i++)
		if (!strcmp(findings->finding[i].code, "missing-return"))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned int wrong = 0, repaired = 0, unrepaired = 0;
	unsigned long lines = 0;
	int i;

	rnd_seed(argc, argv);
	for (i = 0; i < SETS; i++) {
		struct findings findings = { .file = "set" };
		struct ruleset *rs;

		make_world();
		forwarded = rnd_once_in(8);
		rs = gen_small_set();
		set = rs;
		brute();
		check_ruleset(rs, rs->mode, forwarded, &ports, &findings);
		collect(&findings);
		lines += n_want;
		if (!agree() && wrong++ < 3)
			show_set();
		if (has_missing(&findings) && rnd_once_in(2)) {
			repaired++;
			if (missing_after(&findings) > 0 && unrepaired++ < 3)
				show_set();
		}
		findings_free(&findings);
		ruleset_free(rs);
	}
	printf("# %lu findings, %u sets repaired\n", lines, repaired);
	ok(lines > SETS / 2, "random sets have findings");
	ok(n_forwarded > 20, "of some rules only forwarding explains the replies (%u)",
	   n_forwarded);
	ok(!wrong, "%d random sets: the findings of brute force (%u differ)",
	   SETS, wrong);
	ok(repaired > 100 && !unrepaired,
	   "the lines that are proposed let all replies through (%u sets still miss some)",
	   unrepaired);
	return tap_done();
}
