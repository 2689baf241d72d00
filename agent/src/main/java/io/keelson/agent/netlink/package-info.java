/**
 * Linux' netlink, without a program in between: {@link io.keelson.agent.netlink.NetlinkRequests} asks the kernel and waits for what
 * it answers, {@link io.keelson.agent.netlink.NetlinkWriter} writes messages, {@link io.keelson.agent.netlink.NetlinkMessage} and
 * {@link io.keelson.agent.netlink.Attributes} read them, and {@link io.keelson.agent.netlink.NetlinkSocket} carries them. What they
 * mean is known to those who use it: pods' links and routes, the proxy's rules, and the kernel's table of connections.
 *
 * <p>A socket belongs to the network namespace of the thread that opened it, and to one thread at a time.
 */
@NullMarked
package io.keelson.agent.netlink;

import org.jspecify.annotations.NullMarked;
