#!/usr/local/bin/node
// pg_isready -U … -d …: is a PostgreSQL listening here and taking connections? (A startup packet, and a look at what comes back.)
const { connect } = require('node:net');
const socket = connect(5432, '127.0.0.1');
const words = 'user\0switchfleet\0database\0switchfleet\0\0';
const packet = Buffer.alloc(8 + words.length);
packet.writeInt32BE(packet.length, 0);
packet.writeInt32BE(196608, 4);
packet.write(words, 8);
socket.setTimeout(2000, () => process.exit(2));
socket.on('error', () => process.exit(2));
socket.on('connect', () => socket.write(packet));
socket.on('data', (data) => process.exit(data[0] === 0x52 ? 0 : 1));
