package io.keelson.proxy.conntrack;

import io.keelson.proxy.rules.Destination;
import io.keelson.proxy.rules.Octets;
import io.keelson.proxy.rules.Transport;

/**
 * A connection that the kernel tracks.
 *
 * @param asked where its packets were to go
 * @param answering where they go
 * @param tuple its name in the kernel
 * @param id tells it from a later one of that name
 * @param zone the kernel's; 0 for the usual one
 */
record Flow(Transport transport, Destination asked, Destination answering, Octets tuple, int id, int zone) {}
