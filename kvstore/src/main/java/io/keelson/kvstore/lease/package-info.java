/** Leases: granted, renewed and revoked through the log; expired by the leader. */
@NullMarked
package io.keelson.kvstore.lease;

import org.jspecify.annotations.NullMarked;
