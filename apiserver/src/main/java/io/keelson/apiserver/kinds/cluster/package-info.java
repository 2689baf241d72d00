/** Strategies of small groups: leases, priorities, runtimes. */
@NullMarked
package io.keelson.apiserver.kinds.cluster;

import org.jspecify.annotations.NullMarked;
