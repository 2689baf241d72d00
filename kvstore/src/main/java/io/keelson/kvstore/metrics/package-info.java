/** What the server counts and measures, under etcd's names, in the text format that Prometheus reads. */
@NullMarked
package io.keelson.kvstore.metrics;

import org.jspecify.annotations.NullMarked;
