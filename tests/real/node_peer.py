# SPDX-License-Identifier: LGPL-2.1-or-later
"""For tests/real/node, the Linux side:

    node_peer.py echo PORT MEGABYTES   through the echo and back, checksums
    node_peer.py dgram PORT COUNT      datagrams of all sizes, each comes back
"""
import hashlib
import os
import socket
import sys
import threading


def echo(port, megabytes):
    s = socket.create_connection(('127.0.0.1', port), timeout=100)
    block = os.urandom(1 << 20)
    sent, got = hashlib.blake2b(), hashlib.blake2b()
    for _ in range(megabytes):
        sent.update(block)

    def send():
        for _ in range(megabytes):
            s.sendall(block)
        s.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send)
    sender.start()
    total = 0
    while data := s.recv(1 << 18):
        got.update(data)
        total += len(data)
    sender.join()
    return total == megabytes << 20 and sent.digest() == got.digest()


def dgram(port, count):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(20)
    s.connect(('127.0.0.1', port))
    for i in range(count):
        data = os.urandom(i * 7 % 9000)
        s.send(data)
        if s.recv(65536) != data:
            return False
    return True


role, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
sys.exit(0 if {'echo': echo, 'dgram': dgram}[role](port, count) else 1)
