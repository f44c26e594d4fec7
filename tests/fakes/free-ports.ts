/** Ports of 127.0.0.1 that nothing listens on at the moment, all different. */
export function freePorts(count: number): readonly number[] {
  const servers = Array.from({ length: count }, () =>
    Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data: () => {} } }),
  );
  for (const server of servers) server.stop(true);
  return servers.map(({ port }) => port);
}
