// SPDX-License-Identifier: LGPL-2.1-or-later
// For tests/real/node: gets the URL COUNT times over up to PARALLEL
// connections and prints how many answers had the text.
'use strict';
const http = require('http');
const [url, text] = process.argv.slice(2, 4);
const count = Number(process.argv[4]);
const parallel = Number(process.argv[5]);
const agent = new http.Agent({ keepAlive: true, maxSockets: parallel });
let started = 0, ended = 0, good = 0;

function next() {
    if (started === count)
        return;
    started++;
    const finish = (isGood) => {
        good += isGood;
        if (++ended === count) {
            console.log(good);
            agent.destroy();
        }
        next();
    };
    http.get(url, { agent }, (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (data) => { body += data; });
        response.on('end', () => finish(body === text));
    }).on('error', (error) => {
        console.error(String(error));
        finish(false);
    });
}
for (let i = 0; i < parallel; i++)
    next();
