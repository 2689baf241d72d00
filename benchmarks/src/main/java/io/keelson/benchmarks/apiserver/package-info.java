/**
 * What the API server's steps cost, one by one: JMH for decoding, admission, patches, apply, encoding, lists out of the watch
 * cache, and the dispatch of changes to watches. No network and no store on a disk: {@link
 * io.keelson.benchmarks.apiserver.BenchmarkApi} serves over {@link io.keelson.benchmarks.apiserver.MemoryStore}.
 *
 * <p>Methods whose names end with {@code Request} send a request through everything between the filters and the transport; the
 * others do one step of it. Scores are microseconds for one operation. {@code -prof gc} tells the bytes that one allocates.
 */
@NullMarked
package io.keelson.benchmarks.apiserver;

import org.jspecify.annotations.NullMarked;
