/** What watching costs: the dispatcher alone, without a transport. */
@NullMarked
package io.keelson.benchmarks.watch;

import org.jspecify.annotations.NullMarked;
