/** What the server tells of itself, held against what etcd tells. */
@NullMarked
package io.keelson.kvstore.metrics;

import org.jspecify.annotations.NullMarked;
