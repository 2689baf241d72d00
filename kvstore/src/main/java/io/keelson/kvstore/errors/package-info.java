/** The errors of the etcd v3 API: their texts and gRPC codes. */
@NullMarked
package io.keelson.kvstore.errors;

import org.jspecify.annotations.NullMarked;
