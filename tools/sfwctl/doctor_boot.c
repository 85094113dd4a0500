// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl doctor, the boot: will the rules be there after the next one, before
 * the network, and will they be the ones that run now.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"
#include "lib/parse.h"
#include "lib/print.h"
#include "lib/xalloc.h"

#define RULES		"/etc/sfw/sfw.rules"
#define EXAMPLE		"cp /usr/share/doc/sfw/examples/workstation.rules " RULES

/* Is the unit wanted by some target? */
static bool enabled(const char *unit)
{
	char *pattern = xasprintf("/etc/systemd/system/*.wants/%s", unit);
	glob_t list;
	bool found;

	found = !glob(pattern, 0, NULL, &list);
	globfree(&list);
	free(pattern);
	return found;
}

/* Where systemd looks for units and what is added to them; of two files of one
 * name the first counts.
 */
static const char *const unit_dirs[] = {
	"/etc/systemd/system", "/run/systemd/system",
	"/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
	"/lib/systemd/system",
};

/* The file of a unit; fresh memory or NULL. */
static char *unit_file(const char *unit)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(unit_dirs); i++) {
		char *path = xasprintf("%s/%s", unit_dirs[i], unit);

		if (!access(path, F_OK))
			return path;
		free(path);
	}
	return NULL;
}

/* Is word among the words of text? */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *p = text;

	for (; (p = strstr(p, word)); p += len)
		if ((p == text || strchr(" \t", p[-1])) &&
		    (!p[len] || strchr(" \t\r\n\\", p[len])))
			return true;
	return false;
}

/* Does this file order its unit before the target? */
static bool is_before(const char *path, const char *target)
{
	FILE *file = fopen(path, "re");
	bool in_unit = false, ours = false, goes_on = false, found = false;
	size_t size = 0, len;
	char *line = NULL, *p;

	while (file && !found && getline(&line, &size, file) > 0) {
		p = line + strspn(line, " \t");
		if (*p == '#' || *p == ';')
			continue;
		len = strcspn(line, "\r\n");
		if (!goes_on) {
			if (*p == '[')
				in_unit = !strncmp(p, "[Unit]", 6);
			ours = in_unit && !strncmp(p, "Before", 6) &&
			       p[6 + strspn(p + 6, " \t")] == '=';
			if (ours)
				p = strchr(p, '=') + 1;
		}
		found = ours && has_word(p, target);
		goes_on = len && line[len - 1] == '\\';
	}
	free(line);
	if (file)
		fclose(file);
	return found;
}

/* Is there a file of this name in one of the first n directories? */
static bool hidden(const char *sub, const char *name, size_t n)
{
	bool found = false;
	size_t i;

	for (i = 0; i < n && !found; i++) {
		char *path = xasprintf("%s/%s/%s", unit_dirs[i], sub, name);

		found = !access(path, F_OK);
		free(path);
	}
	return found;
}

/* Does what the administrator or a package added order it so? */
static bool dropin_is_before(const char *unit, const char *target)
{
	char *sub = xasprintf("%s.d", unit);
	bool found = false;
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(unit_dirs) && !found; i++) {
		char *pattern = xasprintf("%s/%s/*.conf", unit_dirs[i], sub);
		glob_t list;

		if (glob(pattern, 0, NULL, &list))
			list.gl_pathc = 0;
		for (j = 0; j < list.gl_pathc && !found; j++) {
			const char *path = list.gl_pathv[j];

			found = !hidden(sub, strrchr(path, '/') + 1, i) &&
				is_before(path, target);
		}
		if (list.gl_pathc)
			globfree(&list);
		free(pattern);
	}
	free(sub);
	return found;
}

/* Are its rules there before interfaces come up? What one file orders no other
 * can take back.
 */
static bool before_network(const char *unit, const char *path)
{
	static const char target[] = "network-pre.target";

	return is_before(path, target) || dropin_is_before(unit, target);
}

/* systemd's own word, where it runs. */
static bool has_failed(const char *unit)
{
	char *command = xasprintf("systemctl -q is-failed %s 2>/dev/null", unit);
	bool yes = !access("/run/systemd/system", F_OK) && !system(command);

	free(command);
	return yes;
}

static void units(void)
{
	static const char *const others[] = {
		"nftables.service", "netfilter-persistent.service",
		"iptables.service", "ufw.service", "firewalld.service",
	};
	char *file = unit_file("sfw.service");
	size_t i;

	if (!file)
		doctor_say(SEVERITY_WARNING, "unit-missing",
			   "apt-get install sfw    # or make install",
			   "there is no sfw.service: no rules will be loaded at boot");
	else if (!enabled("sfw.service"))
		doctor_say(SEVERITY_WARNING, "unit-not-enabled",
			   "systemctl enable sfw",
			   "sfw.service is not enabled: no rules will be loaded at boot");
	else if (has_failed("sfw.service"))
		doctor_say(SEVERITY_ERROR, "unit-failed",
			   "journalctl -b -u sfw -u sfw-fallback    # says why; then: systemctl restart sfw",
			   "sfw.service has failed: what is in force is not what %s says",
			   RULES);
	else if (!before_network("sfw.service", file))
		doctor_say(SEVERITY_WARNING, "boot-order",
			   "systemctl revert sfw    # or 'systemctl edit sfw': [Unit] Before=network-pre.target",
			   "%s, with what is added to it, is not ordered before network-pre.target: interfaces may come up before the rules",
			   file);
	else
		doctor_say(SEVERITY_OK, "unit-enabled", NULL,
			   "sfw.service is enabled, and ordered before network-pre.target");
	free(file);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		char *fix = xasprintf("systemctl disable --now %s", others[i]);

		if (enabled(others[i]))
			doctor_say(SEVERITY_WARNING, "boot-order", fix,
				   "%s is enabled, too: two firewalls are loaded at boot, and a packet has to pass both",
				   others[i]);
		free(fix);
	}
}

static char *set_text(const struct ruleset *rs)
{
	const struct print_style style = { .compared = true };
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		xalloc_fail();
	print_ruleset(file, rs, -1, &style);
	if (fclose(file))
		xalloc_fail();
	return text;
}

static void compare(const struct ruleset *file, const struct ruleset *running)
{
	char *a = set_text(file), *b = set_text(running);

	if (strcmp(a, b))
		doctor_say(SEVERITY_WARNING, "rules-differ",
			   "sfwctl save    # or: sfwctl apply " RULES,
			   "what runs is not what %s says: the next boot changes it",
			   RULES);
	else
		doctor_say(SEVERITY_OK, "rules-differ", NULL,
			   "%s is what runs", RULES);
	free(a);
	free(b);
}

static void rule_file(const struct ruleset *running)
{
	struct parse_result *res;
	struct stat st;

	if (access(RULES, R_OK)) {
		doctor_say(SEVERITY_WARNING, "rules-missing",
			   running ? "sfwctl save" : EXAMPLE,
			   "%s cannot be read, which is what the next boot loads",
			   RULES);
		return;
	}
	if (!stat(RULES, &st) && (st.st_mode & 022))
		doctor_say(SEVERITY_WARNING, "rules-mode", "chmod go-w " RULES,
			   "others than its owner may write %s", RULES);
	res = parse_file(RULES);
	if (!res->ruleset)
		doctor_say(SEVERITY_ERROR, "rules-broken",
			   "sfwctl check " RULES,
			   "%s has %zu error%s: the next boot loads the last good set instead",
			   RULES, res->n_errors, res->n_errors == 1 ? "" : "s");
	else if (running)
		compare(res->ruleset, running);
	parse_result_free(res);
}

/* Is this the namespace that the boot is about? */
static bool first_namespace(void)
{
	struct stat own, init;

	return stat("/proc/self/ns/net", &own) || stat("/proc/1/ns/net", &init) ||
	       own.st_ino == init.st_ino;
}

void doctor_boot(const struct nl_status *status, const struct ruleset *rs)
{
	if (!first_namespace()) {
		doctor_say(SEVERITY_NOTE, "namespace", NULL,
			   "this is not the network namespace of the host: units and %s are about that one",
			   RULES);
		return;
	}
	units();
	rule_file(status ? rs : NULL);
}
