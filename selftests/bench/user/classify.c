// SPDX-License-Identifier: GPL-2.0
/*
 * What a look-up in the classifier costs, beside a walk over the rules.
 *
 * For each rule set of gen.c: how long compiling takes, how many bytes the
 * result has, and ns of processor time per look-up for three kinds of traffic:
 *
 *   uniform     packets drawn into all rules alike, shuffled
 *   zipf        a few rules get most packets, as on real links
 *   dependent   uniform, but a look-up cannot begin before the one before it
 *               has ended, as in a hook that acts on each packet
 *
 * The kinds and the walk ("linear") are timed in turns, round by round, so that
 * whoever else uses the machine disturbs all alike; minimum and median of the
 * rounds are shown. A walk over 100,000 rules leaves nothing else in the cache:
 * what comes after it would pay for that, so each kind's packets are looked up
 * once before they are timed. Beforehand each look-up is compared with the walk; one
 * difference and the command fails. On large sets, where a walk takes long,
 * that is done for as many packets as fit CHECK_TESTS, and said.
 *
 * kmod/classify.c is compiled here as for the kernel, -O2 and without vector
 * instructions, which a kernel may not use.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <classify.h>

#include "gen.h"

#define POINTS_MAX	131072
#define LINEAR_TESTS	4000000ULL
#define CHECK_TESTS	100000000ULL
#define ROUNDS_MAX	31
#define ROUND_NS	50e6

enum figure {
	UNIFORM,
	ZIPF,
	DEPENDENT,
	LINEAR,
	FIGURES,
};

static const char *const figure_names[FIGURES] = {
	"uniform", "zipf", "dependent", "linear",
};

struct samples {
	double v[ROUNDS_MAX];
	u32 n;
};

/* One rule set, all that is found out about it. */
struct row {
	enum gen_kind kind;
	enum gen_order order;
	u8 family;
	u32 n;
	struct samples ns[FIGURES];
	struct samples build_ms;
	double bytes;		/* per rule */
	u32 points;		/* per round */
	u32 checked;
	bool good;
};

static struct {
	bool quick;
	u32 rounds;
	u32 points;
	u64 check_tests;
	const char *only;	/* part of a row's name, or NULL */
	FILE *json;
	const char *sep;
} opt = {
	.rounds = 11,
	.points = POINTS_MAX,
	.check_tests = CHECK_TESTS,
};

/* So that no result can be left out by the compiler. */
static volatile u32 sink;

static double cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int double_cmp(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void add_sample(struct samples *s, double v)
{
	s->v[s->n++] = v;
}

static double at_rank(const struct samples *s, double rank)
{
	struct samples t = *s;

	qsort(t.v, t.n, sizeof(*t.v), double_cmp);
	return t.v[(u32)(rank * (t.n - 1))];
}

static double minimum(const struct samples *s)
{
	return at_rank(s, 0);
}

static double median(const struct samples *s)
{
	return at_rank(s, 0.5);
}

static void *must(void *p)
{
	if (!p) {
		fprintf(stderr, "bench: out of memory\n");
		exit(1);
	}
	return p;
}

static u32 linear(const struct gen_set *set, const struct sfw_packet *pkt)
{
	u32 i;

	for (i = 0; i < set->n; i++)
		if (sfw_rule_match(set->ptr[i], pkt))
			return i;
	return SFW_CLASSIFY_NONE;
}

static size_t allocated(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static struct sfw_classifier *timed_build(const struct gen_set *set,
					  struct row *row)
{
	struct sfw_classifier *cls = NULL;
	size_t before = allocated();
	u32 i, times = row->n > 20000 ? 3 : 7;
	double t;

	for (i = 0; i < times; i++) {
		sfw_classify_free(cls);
		t = cpu_ns();
		cls = must(sfw_classify_build(set->ptr, set->n));
		add_sample(&row->build_ms, (cpu_ns() - t) / 1e6);
	}
	row->bytes = (double)(allocated() - before) / set->n;
	return cls;
}

static struct gen_point *uniform_trace(const struct gen_set *set, u8 family)
{
	struct gen_point *p = must(calloc(opt.points, sizeof(*p)));
	struct gen_rnd r = { 12345 };
	u32 i;

	for (i = 0; i < opt.points; i++)
		gen_point_in(&r, set->ptr[gen_rnd_below(&r, set->n)], family,
			     &p[i]);
	return p;
}

/* The k-th most popular rule gets 1/k of what the first one gets. */
static struct gen_point *zipf_trace(const struct gen_set *set, u8 family)
{
	struct gen_point *p = must(calloc(opt.points, sizeof(*p)));
	double *sum = must(calloc(set->n, sizeof(*sum)));
	u32 *perm = must(calloc(set->n, sizeof(*perm)));
	struct gen_rnd r = { 54321 };
	u32 i;

	for (i = 0; i < set->n; i++) {
		u32 j = gen_rnd_below(&r, i + 1);

		perm[i] = perm[j];
		perm[j] = i;
		sum[i] = 1.0 / (i + 1) + (i ? sum[i - 1] : 0);
	}
	for (i = 0; i < opt.points; i++) {
		double x = gen_rnd_below(&r, U32_MAX) / 4294967296.0 *
			   sum[set->n - 1];
		u32 lo = 0, hi = set->n - 1;

		while (lo < hi) {
			u32 mid = (lo + hi) / 2;

			if (sum[mid] < x)
				lo = mid + 1;
			else
				hi = mid;
		}
		gen_point_in(&r, set->ptr[perm[lo]], family, &p[i]);
	}
	free(sum);
	free(perm);
	return p;
}

static bool check(const struct gen_set *set, const struct sfw_classifier *cls,
		  u8 family, const struct gen_point *p, u32 n)
{
	struct sfw_packet pkt = { .len = 0 };
	u32 i, got, want;

	for (i = 0; i < n; i++) {
		gen_point_unpack(&p[i], family, &pkt);
		got = sfw_classify_next(cls, &pkt, 0);
		want = linear(set, &pkt);
		if (got != want) {
			fprintf(stderr,
				"bench: packet %u: the classifier says %u, walking the rules %u\n",
				i, got, want);
			return false;
		}
	}
	return true;
}

static double time_free_once(const struct sfw_classifier *cls, u8 family,
			     const struct gen_point *p, u32 n)
{
	struct sfw_packet pkt = { .len = 0 };
	double t = cpu_ns();
	u32 i, sum = 0;

	for (i = 0; i < n; i++) {
		gen_point_unpack(&p[i], family, &pkt);
		sum += sfw_classify_next(cls, &pkt, 0);
	}
	t = cpu_ns() - t;
	sink = sum;
	return t / n;
}

static double time_free(const struct sfw_classifier *cls, u8 family,
			const struct gen_point *p, u32 n)
{
	time_free_once(cls, family, p, n);
	return time_free_once(cls, family, p, n);
}

static double time_dependent(const struct sfw_classifier *cls, u8 family,
			     const struct gen_point *p, u32 n)
{
	struct sfw_packet pkt = { .len = 0 };
	u64 last = 0;
	double t;
	u32 i;

	time_free_once(cls, family, p, n);
	t = cpu_ns();
	for (i = 0; i < n; i++) {
		/* Zero, but only the processor can know. */
		__asm__ __volatile__("" : "+r"(last));
		gen_point_unpack(&p[i] + (last >> 32), family, &pkt);
		last = sfw_classify_next(cls, &pkt, 0);
	}
	t = cpu_ns() - t;
	sink = last;
	return t / n;
}

static double time_linear(const struct gen_set *set, u8 family,
			  const struct gen_point *p)
{
	u64 n = LINEAR_TESTS / set->n;
	struct sfw_packet pkt = { .len = 0 };
	u32 i, sum = 0;
	double t;

	n = n < 20 ? 20 : n > opt.points ? opt.points : n;
	t = cpu_ns();
	for (i = 0; i < n; i++) {
		gen_point_unpack(&p[i], family, &pkt);
		sum += linear(set, &pkt);
	}
	t = cpu_ns() - t;
	sink = sum;
	return t / n;
}

static void name_of(const struct row *row, char *name, size_t size)
{
	snprintf(name, size, "%s/%s/ipv%c/%u", gen_kind_name(row->kind),
		 gen_order_name(row->order), row->family == AF_INET ? '4' : '6',
		 row->n);
}

static void json_samples(const struct row *row, const char *what,
			 const char *subject, const char *role,
			 const char *unit, const struct samples *s)
{
	char name[64];
	u32 i;

	name_of(row, name, sizeof(name));
	fprintf(opt.json,
		"%s\n  {\"row\": \"classify\", \"case\": \"%s %s\", \"x\": %u, \"subject\": \"%s\", \"role\": \"%s\", \"unit\": \"%s\", \"samples\": [",
		opt.sep, name, what, row->n, subject, role, unit);
	for (i = 0; i < s->n; i++)
		fprintf(opt.json, "%s%.4g", i ? ", " : "", s->v[i]);
	fprintf(opt.json,
		"], \"min\": %.4g, \"median\": %.4g, \"checked\": %u, \"ok\": %s}",
		minimum(s), median(s), row->checked,
		row->good ? "true" : "false");
	opt.sep = ",";
}

static void report(const struct row *row)
{
	struct samples bytes = { .v = { row->bytes }, .n = 1 };
	char name[64];
	int f;

	name_of(row, name, sizeof(name));
	printf("%-30s", name);
	for (f = 0; f < FIGURES; f++)
		printf(f == LINEAR ? " %8.0f" : " %6.1f %6.1f",
		       minimum(&row->ns[f]), median(&row->ns[f]));
	printf(" %8.1f %9.2f %8u%s\n", row->bytes, minimum(&row->build_ms),
	       row->checked, row->good ? "" : "  WRONG");
	fflush(stdout);

	for (f = 0; f < FIGURES; f++)
		json_samples(row, f == LINEAR ? "uniform" : figure_names[f],
			     f == LINEAR ? "linear" : "sfw",
			     f == LINEAR ? "peer" : "sfw", "ns/lookup",
			     &row->ns[f]);
	json_samples(row, "memory", "sfw", "sfw", "bytes/rule", &bytes);
	json_samples(row, "compile", "sfw", "sfw", "ms", &row->build_ms);
}

static bool run_row(struct row *row)
{
	struct gen_point *uniform, *zipf;
	struct sfw_classifier *cls;
	struct gen_set *set;
	char name[64];
	u32 i;

	name_of(row, name, sizeof(name));
	if (opt.only && !strstr(name, opt.only))
		return true;
	set = gen_set_new(row->kind, row->family, row->order, row->n, row->n);
	cls = timed_build(set, row);
	uniform = uniform_trace(set, row->family);
	zipf = zipf_trace(set, row->family);

	row->checked = opt.points;
	if (opt.check_tests / set->n < opt.points)
		row->checked = opt.check_tests / set->n;
	row->good = check(set, cls, row->family, uniform, row->checked) &&
		    check(set, cls, row->family, zipf, row->checked);
	/* A slow classifier gets fewer packets. */
	row->points = opt.points;
	while (row->points > 100 &&
	       time_free(cls, row->family, uniform, 100) * row->points > ROUND_NS)
		row->points /= 2;
	for (i = 0; i < opt.rounds; i++) {
		add_sample(&row->ns[UNIFORM],
			   time_free(cls, row->family, uniform, row->points));
		add_sample(&row->ns[ZIPF],
			   time_free(cls, row->family, zipf, row->points));
		add_sample(&row->ns[DEPENDENT],
			   time_dependent(cls, row->family, uniform,
					  row->points));
		add_sample(&row->ns[LINEAR],
			   time_linear(set, row->family, uniform));
	}
	report(row);

	free(uniform);
	free(zipf);
	sfw_classify_free(cls);
	gen_set_free(set);
	return row->good;
}

static void processor(char *name, size_t size)
{
	FILE *f = fopen("/proc/cpuinfo", "r");
	char line[256], *colon;

	snprintf(name, size, "unknown");
	while (f && fgets(line, sizeof(line), f)) {
		colon = strchr(line, ':');
		if (strncmp(line, "model name", 10) || !colon)
			continue;
		line[strcspn(line, "\n")] = '\0';
		snprintf(name, size, "%.100s", colon + 2);
		break;
	}
	if (f)
		fclose(f);
}

static void usage(const char *me)
{
	fprintf(stderr,
		"use: %s [-q] [-r ROUNDS] [-o FILE.json] [PART]\n"
		"  PART  only sets with this in their name, as acl/users/ipv4/10000\n",
		me);
	exit(2);
}

static void options(int argc, char **argv)
{
	const char *out = "/dev/null";
	char cpu[128], date[32];
	time_t now = time(NULL);
	int c;

	while ((c = getopt(argc, argv, "qr:o:")) != -1) {
		switch (c) {
		case 'q':
			opt.quick = true;
			opt.rounds = 3;
			opt.points = 32768;
			opt.check_tests = CHECK_TESTS / 10;
			break;
		case 'r':
			opt.rounds = atoi(optarg);
			if (opt.rounds < 1 || opt.rounds > ROUNDS_MAX)
				usage(argv[0]);
			break;
		case 'o':
			out = optarg;
			break;
		default:
			usage(argv[0]);
		}
	}
	opt.only = argv[optind];
	opt.json = fopen(out, "w");
	if (!opt.json) {
		fprintf(stderr, "bench: %s: %s\n", out, strerror(errno));
		exit(1);
	}
	processor(cpu, sizeof(cpu));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%SZ", gmtime(&now));
	opt.sep = "";
	fprintf(opt.json,
		"{\"meta\": {\"date\": \"%s\", \"machine\": \"%s\", \"quick\": %s, \"rounds\": %u},\n \"rows\": [",
		date, cpu, opt.quick ? "true" : "false", opt.rounds);
}

int main(int argc, char **argv)
{
	static const u32 sizes[] = { 5, 100, 1000, 10000, 100000 };
	static const u8 families[] = { AF_INET, AF_INET6 };
	u32 kind, order, s, f;
	bool good = true;

	options(argc, argv);
	printf("ns per look-up, minimum and median of %u rounds; bytes per rule; ms to compile\n",
	       opt.rounds);
	printf("%-30s %13s %13s %13s %8s %8s %9s %8s\n", "rule set", "uniform",
	       "zipf", "dependent", "linear", "bytes", "compile", "checked");
	for (s = 0; s < ARRAY_SIZE(sizes); s++) {
		for (f = 0; f < ARRAY_SIZE(families); f++) {
			for (kind = 0; kind < GEN_KINDS; kind++) {
				for (order = 0; order < GEN_ORDERS; order++) {
					struct row row = {
						.kind = kind,
						.order = order,
						.family = families[f],
						.n = sizes[s],
					};

					good &= run_row(&row);
				}
			}
		}
	}
	fprintf(opt.json, "\n]}\n");
	if (fclose(opt.json)) {
		fprintf(stderr, "bench: cannot write the results: %s\n",
			strerror(errno));
		return 1;
	}
	if (!good)
		fprintf(stderr, "bench: the classifier is WRONG\n");
	return good ? 0 : 1;
}
