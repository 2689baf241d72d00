package io.keelson.apiserver.fairness;

import io.keelson.kvstore.metrics.Metrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;

/** How many requests wait for seats and how many are being answered, those that read and those that change something. */
final class CurrentRequests {
    private static final Set<String> READS = Set.of("get", "list", "watch");
    private static final double[] BOUNDS = {0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1};

    private final Kind reading = new Kind("readOnly");
    private final Kind changing = new Kind("mutating");

    /** Requests of one kind. */
    static final class Kind {
        private final String name;
        private final Phase waiting = new Phase("waiting");
        private final Phase executing = new Phase("executing");

        private Kind(String name) {
            this.name = name;
        }

        /** Those that wait. */
        Phase waiting() {
            return waiting;
        }

        /** Those that are being answered. */
        Phase executing() {
            return executing;
        }
    }

    /** What requests are in, one after the other. */
    static final class Phase {
        private final String name;
        private final LongAdder now = new LongAdder();
        private final TimedRatio numbers = new TimedRatio(BOUNDS);

        private Phase(String name) {
            this.name = name;
        }

        void enter() {
            now.increment();
        }

        void leave() {
            now.decrement();
        }
    }

    /** Those of a verb. */
    Kind of(String verb) {
        return READS.contains(verb) ? reading : changing;
    }

    /** Looks how many there are; they have been so many for so long. */
    void sample(long nanos) {
        for (Kind kind : List.of(reading, changing)) {
            for (Phase phase : List.of(kind.waiting, kind.executing)) {
                // Levels have a limit together, and none for a kind: there is nothing that the number is a part of.
                phase.numbers.observe((double) Math.max(0, phase.now.sum()), nanos);
            }
        }
    }

    List<Metrics.Sample> samples() {
        List<Metrics.Sample> samples = new ArrayList<>();
        for (Kind kind : List.of(reading, changing)) {
            for (Phase phase : List.of(kind.waiting, kind.executing)) {
                samples.addAll(phase.numbers.samples(
                        Metrics.label("phase", phase.name) + "," + Metrics.label("request_kind", kind.name)));
            }
        }
        return samples;
    }
}
