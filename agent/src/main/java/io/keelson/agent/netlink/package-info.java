/**
 * Linux' netlink, without a program in between: {@link io.keelson.agent.netlink.NetlinkSocket} carries messages to the kernel
 * and back, {@link io.keelson.agent.netlink.NetlinkWriter} writes them, {@link io.keelson.agent.netlink.Attributes} reads what
 * comes back. What the messages mean is known to those who use it: {@code nft} and {@code conntrack}.
 *
 * <p>A socket belongs to the network namespace of the thread that opened it, and to one thread at a time.
 */
@NullMarked
package io.keelson.agent.netlink;

import org.jspecify.annotations.NullMarked;
