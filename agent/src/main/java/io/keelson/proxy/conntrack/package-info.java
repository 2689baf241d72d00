/**
 * Connection tracking. For UDP the kernel takes packets of one source port for a connection as long as they keep coming, and
 * sends them where the first one was sent, were it to an endpoint that is gone: {@link
 * io.keelson.proxy.conntrack.StaleFlows} says of which, as Services change, that is so, and {@link
 * io.keelson.proxy.conntrack.FlowTable} lets the kernel forget them. {@link io.keelson.proxy.conntrack.ConntrackLimits} sets
 * how many connections are tracked, and for how long.
 */
@NullMarked
package io.keelson.proxy.conntrack;

import org.jspecify.annotations.NullMarked;
