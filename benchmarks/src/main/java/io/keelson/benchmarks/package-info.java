/** How fast it is: JMH for the hot paths, and a load tool that drives any etcd v3 endpoint. */
@NullMarked
package io.keelson.benchmarks;

import org.jspecify.annotations.NullMarked;
