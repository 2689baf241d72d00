/** Tests of leases, on simulated cluster time. */
@NullMarked
package io.keelson.kvstore.lease;

import org.jspecify.annotations.NullMarked;
