// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into sfwctl: a signal at the worst moment.
 *
 * For top it is SIGTERM right before the wait for a key that follows p (pause)
 * or f (filter), when it was looked already whether one has come. For save it
 * is the signal whose number is in SFW_UNTIMELY, before the new file is brought
 * to the disk.
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* Of ncurses, where getch() is a macro for it. */
int wgetch(void *window)
{
	static int (*real)(void *window);
	static int last;

	if (!real)
		real = (int (*)(void *))dlsym(RTLD_NEXT, "wgetch");
	if (last == 'p' || last == 'f')
		raise(SIGTERM);
	last = real(window);
	return last;
}

int fsync(int fd)
{
	int (*real)(int fd) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	const char *number = getenv("SFW_UNTIMELY");

	if (number)
		raise(atoi(number));
	return real(fd);
}
