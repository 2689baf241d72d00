/** Network namespaces of a test, with a node, a client and pods in them, and servers that say who they are. */
@NullMarked
package io.keelson.proxy.testing;

import org.jspecify.annotations.NullMarked;
