/**
 * What happens to connections that arrive over IPv6: `ignore` leaves them alone, as version 1.4 does, `refuse` drops
 * new ones, `protect` treats them as those over IPv4.
 */
export const IPV6_MODES = ["ignore", "refuse", "protect"] as const;

/** One of `IPV6_MODES`. */
export type Ipv6Mode = (typeof IPV6_MODES)[number];

/**
 * What happens to what arrives by UDP and by every other protocol but TCP and ICMP, over either version of IP: `ignore`
 * leaves it alone, as version 1.4 does, `refuse` drops what is no answer.
 */
export const UDP_MODES = ["ignore", "refuse"] as const;

/** One of `UDP_MODES`. */
export type UdpMode = (typeof UDP_MODES)[number];
