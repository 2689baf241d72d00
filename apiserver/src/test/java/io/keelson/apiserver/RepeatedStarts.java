package io.keelson.apiserver;

import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A program that starts and closes a server several times, and prints how long each start took and what is left. It is one
 * of its own because what other tests leave behind would be counted with it.
 */
final class RepeatedStarts {
    private static final int STARTS = 5;
    private static final int HASHED_MIB = 64;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Threads that the JVM or a library keeps for the whole process, however many servers there are. */
    private static final Predicate<String> OF_THE_PROCESS =
            name -> name.startsWith("ForkJoinPool") || name.startsWith("globalEventExecutor");

    /** What the process holds. */
    private record Held(List<String> threads, List<String> descriptors) {
        static Held now() throws Exception {
            return new Held(
                    OwnProcess.platformThreads().stream()
                            .filter(OF_THE_PROCESS.negate())
                            .toList(),
                    OwnProcess.descriptors());
        }

        int threadsMoreThan(Held earlier) {
            return threads.size() - earlier.threads.size();
        }

        int descriptorsMoreThan(Held earlier) {
            return descriptors.size() - earlier.descriptors.size();
        }
    }

    private RepeatedStarts() {}

    /**
     * Prints {@code start N ms} for each start but the first, with {@code hashing N ms} before each: how long the machine took
     * at that time for work that is always the same. Then {@code threads N} and {@code descriptors N}: more than after the
     * first.
     */
    public static void main(String[] arguments) throws Exception {
        startAndClose();
        hash();
        Held first = settled(null);
        for (int i = 0; i < STARTS; i++) {
            System.out.println("hashing " + hash() + " ms");
            System.out.println("start " + startAndClose() + " ms");
        }
        Held last = settled(first);
        System.out.println("threads " + last.threadsMoreThan(first));
        System.out.println("descriptors " + last.descriptorsMoreThan(first));
        System.out.println("listening " + OwnProcess.listeningPorts());
        System.out.println("new threads: " + more(last.threads, first.threads));
        System.out.println("new descriptors: " + more(last.descriptors, first.descriptors));
        System.exit(0);
    }

    private static List<String> more(List<String> now, List<String> before) {
        List<String> rest = new ArrayList<>(now);
        before.forEach(rest::remove);
        return rest;
    }

    /** Threads that end by themselves once idle are given time to. */
    private static Held settled(@Nullable Held goal) throws Exception {
        long end = System.nanoTime() + PATIENCE_NANOS;
        Held now = Held.now();
        while (System.nanoTime() < end) {
            Thread.sleep(500);
            Held next = Held.now();
            boolean reached = goal == null
                    ? next.threads.size() == now.threads.size() && next.descriptors.size() == now.descriptors.size()
                    : next.threadsMoreThan(goal) <= 0 && next.descriptorsMoreThan(goal) <= 0;
            now = next;
            if (reached) {
                break;
            }
        }
        return now;
    }

    /** On two threads at once, as a start keeps two processors busy. */
    private static long hash() throws Exception {
        byte[] block = new byte[1 << 20];
        Callable<byte[]> hashing = () -> {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int i = 0; i < HASHED_MIB; i++) {
                digest.update(block);
            }
            return digest.digest();
        };
        long begin = System.nanoTime();
        try (ExecutorService two = Executors.newFixedThreadPool(2)) {
            for (Future<byte[]> hash : two.invokeAll(List.of(hashing, hashing))) {
                hash.get();
            }
        }
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }

    private static long startAndClose() throws Exception {
        long begin = System.nanoTime();
        try (KeelsonServer server = KeelsonServer.start(KeelsonConfig.ephemeral())) {
            long took = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
            try (Administrator admin = new Administrator(server)) {
                admin.create("/api/v1/namespaces/default/configmaps", "{\"metadata\":{\"name\":\"m\"}}");
                admin.beginWatch("/api/v1/namespaces/default/configmaps?watch=true");
            }
            return took;
        }
    }
}
