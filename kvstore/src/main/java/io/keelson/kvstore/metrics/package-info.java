/**
 * What the server counts and measures, under etcd's names, in the text format that Prometheus reads. The libraries for it
 * complete names by rules of their own ({@code _total} behind every counter), which would rename a third of etcd's and
 * leave its dashboards empty; so names, labels and text are written here, and nothing else is.
 */
@NullMarked
package io.keelson.kvstore.metrics;

import org.jspecify.annotations.NullMarked;
