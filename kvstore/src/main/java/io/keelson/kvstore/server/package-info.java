/** The server: flags, start and stop, listeners, and the services of the etcd v3 API. */
@NullMarked
package io.keelson.kvstore.server;

import org.jspecify.annotations.NullMarked;
