/** What a command costs on its way into the log: JMH for encoding, decoding and appending. */
@NullMarked
package io.keelson.benchmarks.log;

import org.jspecify.annotations.NullMarked;
