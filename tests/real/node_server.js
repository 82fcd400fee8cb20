// SPDX-License-Identifier: LGPL-2.1-or-later
// For tests/real/node: an HTTP server, an echo of net's and one of dgram's, on
// the ports HTTP ECHO DGRAM.  Ends when its HTTP server is asked for /end.
'use strict';
const http = require('http');
const net = require('net');
const dgram = require('dgram');
const [httpPort, echoPort, dgramPort] = process.argv.slice(2).map(Number);
const host = '127.0.0.1';

const server = http.createServer((request, response) => {
    if (request.method === 'POST') {
        request.pipe(response);
        return;
    }
    response.end('hello from node\n');
    if (request.url === '/end')
        setImmediate(() => process.exit(0));
});
const echo = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
});
const datagrams = dgram.createSocket('udp4');
datagrams.on('message', (message, from) => {
    datagrams.send(message, from.port, from.address);
});

server.listen(httpPort, host, () => {
    echo.listen(echoPort, host, () => {
        datagrams.bind(dgramPort, host, () => console.log('ready'));
    });
});
