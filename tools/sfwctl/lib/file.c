// SPDX-License-Identifier: GPL-2.0
/*
 * Writing a file that is the old one or the new one, never half of either.
 *
 * The new one is written beside the old one, brought to the disk, and renamed:
 * a crash, a full disk or a signal at any moment leaves one of the two whole.
 * The directory is brought to the disk as well, or else the name might still
 * be the old file's after a power cut.
 *
 * Tried and rejected: writing to an unnamed file (O_TMPFILE) and linking it.
 * A link cannot replace a name, so a rename would be needed all the same.
 */
#define _GNU_SOURCE		/* mkostemp() */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "xalloc.h"

struct file_new {
	char *path;		/* what it will be */
	char *temporary;	/* what it is */
	FILE *stream;
	sigset_t mask;		/* signals that were blocked before */
};

/* What a terminal and a service manager end programs with. */
static void hold_signals(struct file_new *new)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &new->mask);
}

static void end(struct file_new *new)
{
	sigprocmask(SIG_SETMASK, &new->mask, NULL);
	free(new->path);
	free(new->temporary);
	free(new);
}

static enum rc refused(const char *path, int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
		out_err("cannot write '%s': %s; be root, or name another file",
			path, strerror(err));
		return RC_PERMISSION;
	case ENOENT:
	case ENOTDIR:
		out_err("cannot write '%s': its directory is not there; make it, or name another file",
			path);
		return RC_USAGE;
	case EROFS:
		out_err("cannot write '%s': the file system is read-only; name another file",
			path);
		return RC_KERNEL;
	case ENOSPC:
	case EDQUOT:
		out_err("cannot write '%s': %s; what was there before is untouched",
			path, strerror(err));
		return RC_KERNEL;
	default:
		out_err("cannot write '%s': %s", path, strerror(err));
		return RC_KERNEL;
	}
}

/* The new file has the mode and owner of the old one, or those of any new. */
static int adopt(int fd, const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st)) {
		mask = umask(0);
		umask(mask);
		return fchmod(fd, 0644 & ~mask) ? -errno : 0;
	}
	/* Who may write there may not be allowed to give files away. */
	if (fchown(fd, st.st_uid, st.st_gid) && errno != EPERM)
		return -errno;
	return fchmod(fd, st.st_mode & 07777) ? -errno : 0;
}

/* Where the link leads, or the path itself if there is nothing yet. */
static char *follow(const char *path)
{
	char *real = realpath(path, NULL);

	return real ? real : xstrdup(path);
}

enum rc file_begin(const char *path, struct file_new **result)
{
	struct file_new *new;
	const char *slash;
	struct stat st;
	int fd, err;

	*result = NULL;
	if (!*path || (!stat(path, &st) && !S_ISREG(st.st_mode))) {
		out_err("'%s' is no regular file, and only such a one can be replaced as a whole",
			path);
		return RC_USAGE;
	}
	new = xcalloc(1, sizeof(*new));
	hold_signals(new);
	new->path = follow(path);
	slash = strrchr(new->path, '/');
	new->temporary = xasprintf("%.*s.%s.XXXXXX",
				   slash ? (int)(slash - new->path + 1) : 0,
				   new->path, slash ? slash + 1 : new->path);
	fd = mkostemp(new->temporary, O_CLOEXEC);
	if (fd < 0) {
		err = errno;
		end(new);
		return refused(path, err);
	}
	err = -adopt(fd, new->path);
	if (!err) {
		new->stream = fdopen(fd, "w");
		if (!new->stream)
			err = errno;
	}
	if (err) {
		close(fd);
		unlink(new->temporary);
		end(new);
		return refused(path, err);
	}
	*result = new;
	return RC_OK;
}

FILE *file_stream(const struct file_new *new)
{
	return new->stream;
}

static int sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int fd, err = 0;

	if (!slash)
		dir = xstrdup(".");
	else
		dir = xstrndup(path, slash > path ? slash - path : 1);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(dir);
	if (fd < 0)
		return -errno;
	/* Some file systems cannot, and need not. */
	if (fsync(fd) && errno != EINVAL && errno != ENOTSUP)
		err = -errno;
	close(fd);
	return err;
}

enum rc file_commit(struct file_new *new)
{
	enum rc rc = RC_OK;
	int err = 0;

	errno = 0;
	if (fflush(new->stream) || ferror(new->stream))
		err = errno ? errno : EIO;
	else if (fsync(fileno(new->stream)) && errno != EINVAL)
		err = errno;
	if (fclose(new->stream) && !err)
		err = errno;
	if (!err && rename(new->temporary, new->path))
		err = errno;
	if (err) {
		unlink(new->temporary);
		rc = refused(new->path, err);
	} else {
		err = -sync_directory(new->path);
		if (err)
			out_warn("'%s' is written, but its directory may not be on the disk yet: %s",
				 new->path, strerror(err));
	}
	end(new);
	return rc;
}

void file_abort(struct file_new *new)
{
	fclose(new->stream);
	unlink(new->temporary);
	end(new);
}
