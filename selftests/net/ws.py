#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""WebSocket clients and servers, asked line by line as peer is.

	serve NS PORT...	echo on all addresses, both families
	echo NS URL		a session: upgrade, text both ways, a message of
				200 kB, ping and pong, close. "ok" if all of
				it went well, else what did not, in one word

One process for all, because starting Python is what takes the time: a server
is a thread that has entered its network namespace, and the clients run in the
main thread, which enters another for each.
"""
import asyncio
import ctypes
import os
import socket
import sys
import threading

import websockets

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
SECONDS = 20


def enter(space):
    """Sockets that this thread makes from now on are of that namespace."""
    fd = os.open("/run/netns/" + space, os.O_RDONLY)
    if LIBC.setns(fd, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
    os.close(fd)


async def handler(sock):
    async for message in sock:
        await sock.send(message)


async def serve_forever(ports, ready):
    for port in ports:
        listener = socket.create_server(("::", port), family=socket.AF_INET6,
                                        dualstack_ipv6=True)
        await websockets.serve(handler, sock=listener)
    ready.set()
    await asyncio.Future()


def serve(space, *ports):
    def run():
        enter(space)
        asyncio.run(serve_forever([int(p) for p in ports], ready))

    ready = threading.Event()
    threading.Thread(target=run, daemon=True).start()
    return "ok" if ready.wait(SECONDS) else "not-listening"


async def session(url):
    async with websockets.connect(url) as sock:
        for message in ("hello", "x" * 200_000, b"\0\1\2"):
            await sock.send(message)
            if await sock.recv() != message:
                return "garbled"
        await (await sock.ping())
    return "ok" if sock.close_code == 1000 else f"close-{sock.close_code}"


def echo(space, url):
    enter(space)
    try:
        return asyncio.run(asyncio.wait_for(session(url), SECONDS))
    except (OSError, asyncio.TimeoutError,
            websockets.WebSocketException) as err:
        return f"{type(err).__name__}: {err}"


def main():
    for line in sys.stdin:
        word, *args = line.split()
        print({"serve": serve, "echo": echo}[word](*args), flush=True)


main()
