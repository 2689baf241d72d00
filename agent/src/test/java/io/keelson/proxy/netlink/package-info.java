/** Messages, whole and damaged ones. */
@NullMarked
package io.keelson.proxy.netlink;

import org.jspecify.annotations.NullMarked;
