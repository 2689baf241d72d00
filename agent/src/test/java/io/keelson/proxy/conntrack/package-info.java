/** Connections that lead to what is gone. */
@NullMarked
package io.keelson.proxy.conntrack;

import org.jspecify.annotations.NullMarked;
