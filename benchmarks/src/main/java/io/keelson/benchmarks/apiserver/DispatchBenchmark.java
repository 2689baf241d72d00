package io.keelson.benchmarks.apiserver;

import io.keelson.apiserver.request.ApiResponse;
import io.keelson.benchmarks.api.Pods;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Time from the write of a pod until all watches that are to hear of it have written their event, per change: the cache reads
 * the value, encodes it, and hands it to the watches it may interest; each watch, on a virtual thread of its own, selects and
 * writes, and the bytes are copied as a transport would copy them. {@code watchers=0} tells what the cache needs for itself.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class DispatchBenchmark {
    private static final int CHANGES = 16;
    private static final int PODS = BenchmarkApi.NODES;

    /** How watches select. */
    public enum Selection {
        /** Not at all: all hear of every change. */
        ALL {
            @Override
            String query(int watch) {
                return "";
            }

            @Override
            boolean hears(int watch, int pod) {
                return true;
            }
        },
        /** By one of the fifty values of a label: all look at every change, and one in fifty tells it. */
        LABEL {
            @Override
            String query(int watch) {
                return "&labelSelector=group%3Dg" + watch % Pods.GROUPS;
            }

            @Override
            boolean hears(int watch, int pod) {
                return watch % Pods.GROUPS == pod % Pods.GROUPS;
            }
        },
        /** By the node, each by another one, as kubelets do: one hears of a change. */
        NODE {
            @Override
            String query(int watch) {
                return "&fieldSelector=spec.nodeName%3Dnode-" + watch;
            }

            @Override
            boolean hears(int watch, int pod) {
                return watch == pod % BenchmarkApi.NODES;
            }
        };

        abstract String query(int watch);

        abstract boolean hears(int watch, int pod);
    }

    /** How many watch. */
    @Param({"0", "1", "50", "1000"})
    public int watchers = 1;

    @Param({"ALL", "LABEL", "NODE"})
    public Selection selection = Selection.ALL;

    @Param({"JSON", "PROTOBUF", "METADATA"})
    public EncodeBenchmark.Format format = EncodeBenchmark.Format.JSON;

    private final BenchmarkApi api = new BenchmarkApi();
    private final byte[][] values = new byte[PODS][];
    /** How many watches hear of a change of each pod. */
    private final int[] hearers = new int[PODS];

    private final List<Thread> threads = new ArrayList<>();
    private final Deliveries deliveries = new Deliveries();
    private int next;

    @Setup(Level.Trial)
    public void begin() {
        api.fill(PODS);
        String revision = "&resourceVersion=" + api.store().revision();
        for (int watch = 0; watch < watchers; watch++) {
            String target = BenchmarkApi.podsPath() + "?watch=true" + revision + selection.query(watch);
            ApiResponse answer = BenchmarkApi.require(200, api.get(target, format.watching()));
            if (!(answer instanceof ApiResponse.Streamed streamed)) {
                throw new IllegalStateException("a watch is a stream");
            }
            threads.add(Thread.startVirtualThread(() -> write(streamed)));
        }
        for (int pod = 0; pod < PODS; pod++) {
            values[pod] = api.stored("pod-" + pod);
            for (int watch = 0; watch < watchers; watch++) {
                hearers[pod] += selection.hears(watch, pod) ? 1 : 0;
            }
        }
    }

    private void write(ApiResponse.Streamed answer) {
        try {
            answer.writer().write(new Transport(deliveries, format != EncodeBenchmark.Format.JSON));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @TearDown(Level.Trial)
    public void end() throws InterruptedException {
        api.close();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** Writes some pods and waits for the last event. */
    @Benchmark
    @OperationsPerInvocation(CHANGES)
    public long dispatch() {
        int first = next;
        long expected = 0;
        for (int i = 0; i < CHANGES; i++) {
            expected += hearers[(first + i) % PODS];
        }
        deliveries.expect(expected);
        long revision = 0;
        for (int i = 0; i < CHANGES; i++) {
            int pod = (first + i) % PODS;
            revision = api.store().put(BenchmarkApi.podKey("pod-" + pod), values[pod]);
        }
        next = (first + CHANGES) % PODS;
        deliveries.await();
        return revision;
    }

    /** Counts events down; one thread waits for the last. */
    private static final class Deliveries {
        private final AtomicLong left = new AtomicLong();
        private volatile @Nullable Thread waiting;

        void expect(long events) {
            waiting = Thread.currentThread();
            left.set(events);
        }

        void delivered() {
            if (left.decrementAndGet() == 0) {
                LockSupport.unpark(waiting);
            }
        }

        void await() {
            while (left.get() > 0) {
                LockSupport.park(this);
            }
        }
    }

    /** Takes the bytes of one watch as a transport's buffer does, and counts events. */
    private static final class Transport extends OutputStream {
        private final byte[] buffer = new byte[16 << 10];
        private final Deliveries deliveries;
        private final boolean framed;
        private int at;
        /** Bytes that are missing of the frame that was begun. */
        private int missing;

        /** @param framed whether an event is a frame, which begins with its length; else it is what ends with a line */
        Transport(Deliveries deliveries, boolean framed) {
            this.deliveries = deliveries;
            this.framed = framed;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) {
            if (at + length > buffer.length) {
                at = 0;
            }
            System.arraycopy(source, offset, buffer, at, length);
            at += length;
            if (framed) {
                missing = missing == 0
                        ? Integer.BYTES
                                + ByteBuffer.wrap(source, offset, length).getInt()
                        : missing;
                missing -= length;
            }
            if (framed ? missing == 0 : buffer[at - 1] == '\n') {
                deliveries.delivered();
            }
        }
    }
}
