/** Messages, whole and damaged ones. */
@NullMarked
package io.keelson.agent.netlink;

import org.jspecify.annotations.NullMarked;
