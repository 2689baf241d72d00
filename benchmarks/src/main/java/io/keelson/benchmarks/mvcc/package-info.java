/** What one operation of the store costs, without log and network: JMH for put, get, range, transaction and catch-up. */
@NullMarked
package io.keelson.benchmarks.mvcc;

import org.jspecify.annotations.NullMarked;
