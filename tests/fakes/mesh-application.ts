// What runs behind a sidecar in tests: says on every port what it sees of a connection, and gives back what is posted.
// Arguments are the ports, for TCP and for UDP.
import { createSocket } from "node:dgram";
import { createServer } from "node:http";

const plain = (address = ""): string => address.replace("::ffff:", "");

for (const port of process.argv.slice(2).map(Number)) {
  const server = createServer((request, response) => {
    const { socket, method } = request;
    if (method === "POST") request.pipe(response);
    else response.end(`port ${socket.localPort} of ${plain(socket.localAddress)}, from ${plain(socket.remoteAddress)}`);
  });
  await new Promise<void>((resolve) => server.listen(port, "::", resolve));
  const datagrams = createSocket("udp6");
  datagrams.on("message", (_, { port: to, address }) => datagrams.send("datagram\n", to, address));
  await new Promise<void>((resolve) => datagrams.bind(port, resolve));
}
console.error("listening");
