// SPDX-License-Identifier: GPL-2.0
/*
 * sfwctl doctor, the module: is it built for this kernel, loaded, the one that
 * is installed, signed by a key that the kernel knows, and what it taints.
 *
 * What a module file says about itself is asked of modinfo, which can read all
 * the ways it may be compressed.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "doctor.h"
#include "lib/xalloc.h"

#define SYS_MODULE	"/sys/module/sfw"

/* The first of the files that a pattern names; fresh memory or NULL. */
static char *first_match(const char *pattern)
{
	char *found = NULL;
	glob_t list;

	if (!glob(pattern, 0, NULL, &list))
		found = xstrdup(list.gl_pathv[0]);
	globfree(&list);
	return found;
}

/* Where modprobe finds it, in the order in which it looks. */
static char *module_file(const char *release)
{
	static const char *const places[] = {
		"updates/dkms", "updates", "extra", "kernel/extra",
	};
	char *pattern, *found = NULL;
	size_t i;

	for (i = 0; !found && i < ARRAY_SIZE(places); i++) {
		pattern = xasprintf("/lib/modules/%s/%s/sfw.ko*", release,
				    places[i]);
		found = first_match(pattern);
		free(pattern);
	}
	return found;
}

/* A field of a module file, empty if it has none. */
static void module_field(const char *file, const char *field, char *buf,
			 size_t size)
{
	char *command = xasprintf("PATH=$PATH:/usr/sbin:/sbin modinfo -F %s '%s' 2>/dev/null",
				  field, file);
	FILE *pipe = popen(command, "re");

	free(command);
	*buf = '\0';
	if (!pipe)
		return;
	if (fgets(buf, (int)size, pipe))
		buf[strcspn(buf, "\n")] = '\0';
	pclose(pipe);
	out_clean(buf);
}

static void not_built(const char *release, bool loaded)
{
	char *build = xasprintf("/lib/modules/%s/build", release);
	char *source = first_match("/usr/src/sfw-[0-9]*");
	char *fix;

	if (access(build, F_OK))
		fix = xasprintf("apt-get install linux-headers-%s", release);
	else if (source)
		fix = xasprintf("dkms install sfw/%s -k %s",
				strrchr(source, '-') + 1, release);
	else
		fix = xstrdup("make install    # in the source of sfw; or install sfw-dkms");
	if (loaded)
		doctor_say(SEVERITY_WARNING, "module-not-built", fix,
			   "the module is loaded, but none is installed for kernel %s: the next boot will not find it",
			   release);
	else
		doctor_say(SEVERITY_ERROR, "module-not-built", fix,
			   "there is no module for the running kernel, %s",
			   release);
	free(build);
	free(source);
	free(fix);
}

/* Does the kernel refuse modules without a good signature, and why? */
static const char *enforced(void)
{
	char line[128];

	if (doctor_read_line("/sys/module/module/parameters/sig_enforce", line,
			     sizeof(line)) && *line == 'Y')
		return "module.sig_enforce is set";
	/* "none [integrity] confidentiality" */
	if (doctor_read_line("/sys/kernel/security/lockdown", line,
			     sizeof(line)) && !strstr(line, "[none]"))
		return "the kernel is locked down";
	return NULL;
}

/* Is there a key of this name in the kernel's keyrings? */
static bool key_enrolled(const char *signer)
{
	FILE *file = fopen("/proc/keys", "re");
	char line[512];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file))
		found = strstr(line, " asymmetri") && strstr(line, signer);
	if (file)
		fclose(file);
	return found;
}

static const char enrol[] =
	"mokutil --import /var/lib/dkms/mok.pub    # then reboot and confirm it there";
static const char sign[] =
	"dkms install --force sfw    # signs with /var/lib/dkms/mok.key";

static void signature(const char *file)
{
	const char *why = enforced();
	enum severity bad = why ? SEVERITY_ERROR : SEVERITY_NOTE;
	char signer[128];

	module_field(file, "signer", signer, sizeof(signer));
	if (!*signer)
		doctor_say(bad, "module-unsigned", why ? sign : NULL,
			   "%s is not signed: %s", file,
			   why ? why : "this kernel takes it, one under Secure Boot would not");
	else if (geteuid())
		doctor_say(SEVERITY_NOTE, "module-key", NULL,
			   "%s is signed by '%s'; root can see whether the kernel knows that key",
			   file, signer);
	else if (!key_enrolled(signer))
		doctor_say(bad, "module-key", enrol,
			   "%s is signed by '%s', a key that this kernel does not know: %s",
			   file, signer,
			   why ? why : "it takes it all the same, but not under Secure Boot");
	else
		doctor_say(SEVERITY_OK, "module-key", NULL,
			   "signed by '%s', a key that this kernel knows%s%s",
			   signer, why ? "; " : "", why ? why : "");
}

static void explain_taint(void)
{
	char letters[16];

	if (!doctor_read_line(SYS_MODULE "/taint", letters, sizeof(letters)) ||
	    !*letters) {
		doctor_say(SEVERITY_OK, "taint", NULL,
			   "the module does not taint the kernel");
		return;
	}
	doctor_say(SEVERITY_NOTE, "taint", NULL,
		   "the module taints the kernel, %s:%s%s%s; that is for those who read bug reports, it changes nothing",
		   letters,
		   strchr(letters, 'O') ? " O, it is not part of the kernel's source" : "",
		   strchr(letters, 'O') && strchr(letters, 'E') ? ";" : "",
		   strchr(letters, 'E') ? " E, it has no signature that this kernel knows" : "");
}

/* Is what is loaded what is installed? */
static void compare(const char *file)
{
	char loaded[64], installed[64];

	module_field(file, "srcversion", installed, sizeof(installed));
	if (!doctor_read_line(SYS_MODULE "/srcversion", loaded,
			      sizeof(loaded)) || !*installed)
		return;
	if (strcmp(loaded, installed))
		doctor_say(SEVERITY_WARNING, "module-stale",
			   "reboot    # or, with nothing in force meanwhile: rmmod sfw && systemctl restart sfw",
			   "the loaded module is not the one that is installed (%s)",
			   file);
	else
		doctor_say(SEVERITY_OK, "module-stale", NULL,
			   "the loaded module is the installed one, %s", file);
}

void doctor_module(u32 interface_version)
{
	bool loaded = !access(SYS_MODULE, F_OK);
	char version[64] = "?";
	struct utsname un;
	char *file;

	uname(&un);
	file = module_file(un.release);
	doctor_read_line(SYS_MODULE "/version", version, sizeof(version));
	if (loaded && interface_version == SFW_GENL_VERSION)
		doctor_say(SEVERITY_OK, "interface-version", NULL,
			   "module %s is loaded, with the interface of this sfwctl, version %u",
			   version, interface_version);
	else if (loaded && interface_version)
		doctor_say(SEVERITY_ERROR, "interface-version",
			   "apt-get install sfwctl sfw-dkms && reboot    # both of one release",
			   "the loaded module, %s, has version %u of the interface, sfwctl %s version %u",
			   version, interface_version, SFW_VERSION,
			   SFW_GENL_VERSION);
	else if (!loaded && file)
		doctor_say(SEVERITY_ERROR, "module-not-loaded", "modprobe sfw",
			   "the module is not loaded");
	if (!file) {
		not_built(un.release, loaded);
	} else {
		if (loaded)
			compare(file);
		signature(file);
	}
	if (loaded)
		explain_taint();
	free(file);
}
