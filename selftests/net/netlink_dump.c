// SPDX-License-Identifier: GPL-2.0
/*
 * Dumps of the netlink family: whole, in order, and honest about what came
 * between their parts. What makes the sets has netlink.c.
 *
 * Each test gets a network namespace of its own, so that none sees what
 * another left.
 */
#include "kselftest_harness.h"

#include "nl_sfw.h"

FIXTURE(dump)
{
	struct nl a;
	struct nl b;
	struct nl slow;		/* takes dumps in small parts */
};

FIXTURE_SETUP(dump)
{
	ASSERT_EQ(0, nl_load_module());
	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&self->a));
	ASSERT_EQ(0, nl_open(&self->b));
	ASSERT_EQ(0, nl_open_at(&self->slow, 8192, 0));
}

FIXTURE_TEARDOWN(dump)
{
	nl_close(&self->a);
	nl_close(&self->b);
	nl_close(&self->slow);
}

TEST_F_TIMEOUT(dump, long_one_is_complete_and_in_order, 60)
{
	struct sfw_seen seen;
	struct nl *nl = &self->slow;
	int parts = 0;

	ASSERT_EQ(0, sfw_begin(nl, false, -1));
	ASSERT_EQ(0, sfw_add_rules(nl, SFW_DIRECTION_OUT, 1, 1000));
	ASSERT_EQ(0, sfw_add_rules(nl, SFW_DIRECTION_IN, 1, 3000));
	ASSERT_EQ(0, sfw_commit(nl, false));

	sfw_seen_init(&seen);
	nl_reset(nl);
	nl_cmd(nl, &msg, SFW_CMD_RULE_GET);
	msg.hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ASSERT_EQ(0, nl_send(nl, &msg));
	while (nl_read(nl, sfw_seen_cb, &seen))
		parts++;
	EXPECT_TRUE(nl->done);
	EXPECT_FALSE(nl->intr);
	EXPECT_LT(10, parts);
	EXPECT_EQ(4000, seen.rules);
	EXPECT_TRUE(seen.ordered);

	/* One direction alone. */
	sfw_seen_init(&seen);
	nl_cmd(nl, &msg, SFW_CMD_RULE_GET);
	nl_u8(&msg, SFW_A_DIRECTION, SFW_DIRECTION_OUT);
	EXPECT_EQ(0, nl_dump(nl, &msg, sfw_seen_cb, &seen));
	EXPECT_EQ(1000, seen.rules);
	EXPECT_EQ(101000, seen.last);
}

/* Elements of sets in a dump, and whether they ascend without a gap. */
struct elems {
	int n;
	bool whole;
};

static void elems_cb(const struct nlmsghdr *h, void *arg)
{
	const struct nlattr *set = nl_top(h, SFW_A_SET);
	const char *p = set ? nl_data(set) : NULL;
	size_t len = set ? nl_len(set) : 0;
	struct elems *e = arg;
	const struct nlattr *a, *first;
	__u32 addr;

	while ((a = nl_first(p, len))) {
		size_t step = NLA_ALIGN(a->nla_len);

		if ((a->nla_type & NLA_TYPE_MASK) == SFW_LIST_ADDR) {
			first = nl_sub(a, SFW_ADDR_FIRST);
			memcpy(&addr, nl_data(first), sizeof(addr));
			if (ntohl(addr) != 0x0a000000 + 2 * (__u32)e->n)
				e->whole = false;
			e->n++;
		}
		if (step >= len)
			break;
		p += step;
		len -= step;
	}
}

TEST_F_TIMEOUT(dump, large_set_comes_back_as_it_went, 60)
{
	struct elems e = { .whole = true };

	ASSERT_EQ(0, sfw_begin(&self->a, false, -1));
	ASSERT_EQ(0, sfw_add_set(&self->a, "big", 0, 30000, false));
	ASSERT_EQ(0, sfw_commit(&self->a, false));
	nl_cmd(&self->b, &msg, SFW_CMD_SET_GET);
	ASSERT_EQ(0, nl_dump(&self->b, &msg, elems_cb, &e));
	EXPECT_EQ(30000, e.n);
	EXPECT_TRUE(e.whole);
}

TEST_F_TIMEOUT(dump, it_says_that_a_commit_came_between, 60)
{
	static const __u8 dumps[] = { SFW_CMD_RULE_GET, SFW_CMD_SET_GET };
	struct nl *nl = &self->slow;
	unsigned int i;

	for (i = 0; i < sizeof(dumps); i++) {
		ASSERT_EQ(0, sfw_begin(nl, false, -1));
		ASSERT_EQ(0, sfw_add_set(nl, "big", 0, 30000, false));
		ASSERT_EQ(0, sfw_add_rules(nl, SFW_DIRECTION_IN, 1, 4000));
		ASSERT_EQ(0, sfw_commit(nl, false));
		nl_reset(nl);
		nl_cmd(nl, &msg, dumps[i]);
		msg.hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
		ASSERT_EQ(0, nl_send(nl, &msg));
		ASSERT_TRUE(nl_read(nl, NULL, NULL));
		ASSERT_FALSE(nl->intr);
		ASSERT_EQ(0, sfw_load(&self->b, 3000));
		while (nl_read(nl, NULL, NULL))
			;
		EXPECT_TRUE(nl->intr) {
			TH_LOG("no NLM_F_DUMP_INTR in command %d", dumps[i]);
		}
		/* The next one is whole again. */
		nl_cmd(nl, &msg, dumps[i]);
		EXPECT_EQ(0, nl_dump(nl, &msg, NULL, NULL));
		EXPECT_FALSE(nl->intr);
	}
}

TEST_F(dump, abandoned_one_holds_nothing_up)
{
	struct nl *nl = &self->slow;

	ASSERT_EQ(0, sfw_load(&self->a, 4000));
	nl_reset(nl);
	nl_cmd(nl, &msg, SFW_CMD_RULE_GET);
	msg.hdr.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	ASSERT_EQ(0, nl_send(nl, &msg));
	ASSERT_TRUE(nl_read(nl, NULL, NULL));
	EXPECT_EQ(0, sfw_load(&self->a, 10));
	EXPECT_EQ(0, sfw_plain(&self->a, SFW_CMD_FLUSH));
}

TEST_HARNESS_MAIN
