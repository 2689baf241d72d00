/** How fast it is: JMH for the hot paths, and load tools that drive any etcd v3 endpoint and any API server. */
@NullMarked
package io.keelson.benchmarks;

import org.jspecify.annotations.NullMarked;
