package io.keelson.kvstore.cli;

import com.google.protobuf.ByteString;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.keelson.kvstore.api.CompactionRequest;
import io.keelson.kvstore.api.DefragmentRequest;
import io.keelson.kvstore.api.DeleteRangeRequest;
import io.keelson.kvstore.api.DeleteRangeResponse;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.MaintenanceGrpc;
import io.keelson.kvstore.api.PutRequest;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.client.KvClient;
import io.keelson.kvstore.client.OutcomeUnknownException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAccumulator;
import java.util.concurrent.atomic.LongAdder;

/** {@code check …}: writes under a prefix of its own, measures, and removes what it wrote. */
final class CheckCommands {
    private static final int KEY_RANDOM_BYTES = 10;
    private static final double SLOWEST_S_MAX = 0.5;
    private static final double DEVIATION_S_MAX = 0.1;
    private static final double RATE_MIN = 0.9;
    private static final int PERF_S = 60;
    private static final long CLEAN_UP_S = 30;

    /** Deleted by one request: a server bounds what one may change. */
    private static final int CLEAN_UP_KEYS = 10_000;

    private static final String MEMORY_METRIC = "process_resident_memory_bytes";

    private CheckCommands() {}

    /** How much one workload writes: puts per second for perf, puts in all for datascale. */
    private record Load(int puts, int clients) {}

    static void perf(Invocation call) throws InterruptedException {
        perf(call, PERF_S);
    }

    /** The same for so many seconds. */
    static void perf(Invocation call, int seconds) throws InterruptedException {
        Load load = load(call, new Load(150, 50), new Load(1000, 200), new Load(8000, 500), new Load(15000, 1000));
        KvClient client = call.client();
        String prefix = call.arguments().string("prefix");
        checkEmpty(call, client, prefix, "'etcdctl del --prefix " + prefix + "'");
        Thread runner = Thread.currentThread();
        call.console().termination().handle(runner::interrupt);
        LoadRun run = new LoadRun(client, load.clients(), 256, 1024, prefix);
        Progress progress = new Progress(call.console(), "check perf");
        boolean interrupted = false;
        try {
            run.atRate(load.puts(), seconds, progress);
        } catch (InterruptedException e) {
            interrupted = true;
        }
        progress.end();
        cleanUp(call, client, prefix);
        if (interrupted) {
            throw CommandFailure.of(ExitCode.ERROR, "context canceled");
        }
        defragWhenAsked(call, client);
        boolean passed = reportErrors(call.console(), run);
        Console console = call.console();
        int rate = (int) run.perSecond() + 1;
        if (run.perSecond() / load.puts() <= RATE_MIN) {
            console.println("FAIL: Throughput too low: " + rate + " writes/s");
            passed = false;
        } else {
            console.println("PASS: Throughput is " + rate + " writes/s");
        }
        String slowest = String.format(Locale.ROOT, "%fs", run.slowestS());
        if (run.slowestS() > SLOWEST_S_MAX) {
            console.println("Slowest request took too long: " + slowest);
            passed = false;
        } else {
            console.println("PASS: Slowest request took " + slowest);
        }
        String deviation = String.format(Locale.ROOT, "%fs", run.deviationS());
        if (run.deviationS() > DEVIATION_S_MAX) {
            console.println("Stddev too high: " + deviation);
            passed = false;
        } else {
            console.println("PASS: Stddev is " + deviation);
        }
        console.println(passed ? "PASS" : "FAIL");
        if (!passed) {
            throw CommandFailure.silent(ExitCode.ERROR);
        }
    }

    static void datascale(Invocation call) throws InterruptedException {
        Load load = load(
                call,
                new Load(10_000, 50),
                new Load(100_000, 200),
                new Load(1_000_000, 500),
                new Load(3_000_000, 1000));
        KvClient client = call.client();
        Console console = call.console();
        String prefix = call.arguments().string("prefix");
        checkEmpty(call, client, prefix, "etcdctl del --prefix " + prefix);
        double before = memoryBytes(call);
        if (before == 0) {
            console.println("FAIL: Could not read " + MEMORY_METRIC + " before the put operations.");
            throw CommandFailure.silent(ExitCode.ERROR);
        }
        console.println("Start data scale check for work load [" + load.puts() + " key-value pairs, 1024 bytes per"
                + " key-value, " + load.clients() + " concurrent clients].");
        console.flush();
        LoadRun run = new LoadRun(client, load.clients(), 512, 512, prefix);
        Progress progress = new Progress(console, "check datascale");
        run.all(load.puts(), progress);
        progress.end();
        double after = memoryBytes(call);
        if (after == 0) {
            console.println("FAIL: Could not read " + MEMORY_METRIC + " after the put operations.");
            throw CommandFailure.silent(ExitCode.ERROR);
        }
        cleanUp(call, client, prefix);
        defragWhenAsked(call, client);
        if (!reportErrors(console, run)) {
            throw CommandFailure.silent(ExitCode.ERROR);
        }
        console.println("PASS: Approximate system memory used : "
                + String.format(Locale.ROOT, "%.2f", (after - before) / (1024 * 1024)) + " MB.");
    }

    private static Load load(Invocation call, Load small, Load medium, Load large, Load extraLarge) {
        String name = call.arguments().string("load");
        return switch (name) {
            case "s", "small" -> small;
            case "m", "medium" -> medium;
            case "l", "large" -> large;
            case "xl", "xLarge" -> extraLarge;
            default -> throw CommandFailure.of(ExitCode.BAD_FEATURE, "unknown load option " + name);
        };
    }

    private static void checkEmpty(Invocation call, KvClient client, String prefix, String remedy) {
        RangeResponse present = client.read(
                KVGrpc.getRangeMethod(),
                RangeRequest.newBuilder()
                        .setKey(ByteText.bytes(prefix))
                        .setRangeEnd(ByteText.bytes(KeyRanges.prefixEnd(prefix)))
                        .setLimit(1)
                        .build(),
                call.deadline());
        if (present.getKvsCount() > 0) {
            throw CommandFailure.of(
                    ExitCode.INVALID_INPUT,
                    "prefix " + GoQuote.quote(prefix) + " has keys. Delete with " + remedy + " first");
        }
    }

    private static boolean reportErrors(Console console, LoadRun run) {
        Map<String, Integer> errors = run.errors();
        if (errors.isEmpty()) {
            return true;
        }
        console.println("FAIL: too many errors");
        errors.forEach((text, count) -> console.println("FAIL: ERROR(" + text + ") -> " + count));
        return false;
    }

    private static void cleanUp(Invocation call, KvClient client, String prefix) {
        Console console = call.console();
        DeleteRangeResponse deleted;
        try {
            deleted = deleteUnder(client, prefix);
        } catch (StatusRuntimeException | OutcomeUnknownException e) {
            console.println("FAIL: Cleanup failed during key deletion: ERROR(" + ErrorText.of(e) + ")");
            return;
        }
        if (call.arguments().bool("auto-compact")) {
            long revision = deleted.getHeader().getRevision();
            console.println("Compacting with revision " + revision);
            var _ = client.write(
                    KVGrpc.getCompactMethod(),
                    CompactionRequest.newBuilder()
                            .setRevision(revision)
                            .setPhysical(true)
                            .build(),
                    Deadline.after(CLEAN_UP_S, TimeUnit.SECONDS));
            console.println("Compacted with revision " + revision);
        }
    }

    /** Deletes all keys with a prefix; the answer is that to the last deletion. */
    private static DeleteRangeResponse deleteUnder(KvClient client, String prefix) {
        ByteString from = ByteText.bytes(prefix);
        ByteString end = ByteText.bytes(KeyRanges.prefixEnd(prefix));
        while (true) {
            RangeResponse next = client.read(
                    KVGrpc.getRangeMethod(),
                    RangeRequest.newBuilder()
                            .setKey(from)
                            .setRangeEnd(end)
                            .setKeysOnly(true)
                            .setLimit(CLEAN_UP_KEYS)
                            .build(),
                    Deadline.after(CLEAN_UP_S, TimeUnit.SECONDS));
            boolean last = !next.getMore();
            ByteString partEnd =
                    last ? end : next.getKvs(next.getKvsCount() - 1).getKey().concat(ByteString.copyFrom(new byte[1]));
            DeleteRangeResponse deleted = client.write(
                    KVGrpc.getDeleteRangeMethod(),
                    DeleteRangeRequest.newBuilder()
                            .setKey(from)
                            .setRangeEnd(partEnd)
                            .build(),
                    Deadline.after(CLEAN_UP_S, TimeUnit.SECONDS));
            if (last) {
                return deleted;
            }
            from = partEnd;
        }
    }

    private static void defragWhenAsked(Invocation call, KvClient client) {
        if (!call.arguments().bool("auto-defrag")) {
            return;
        }
        for (String endpoint : call.config().endpoints()) {
            String name = GoQuote.quote(ByteText.ofText(endpoint));
            call.console().println("Defragmenting " + name);
            var _ = client.callAt(
                    endpoint,
                    MaintenanceGrpc.getDefragmentMethod(),
                    DefragmentRequest.getDefaultInstance(),
                    Deadline.after(CLEAN_UP_S, TimeUnit.SECONDS));
            call.console().println("Defragmented " + name);
        }
    }

    /** What the first endpoint's metrics say about its memory; 0 (and the reason printed) when they do not. */
    private static double memoryBytes(Invocation call) throws InterruptedException {
        String endpoint = call.config().endpoints().getFirst();
        boolean secured = call.config().tls() != null;
        String address = endpoint.contains("://") ? endpoint : (secured ? "https://" : "http://") + endpoint;
        Console console = call.console();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create(address + "/metrics")).build(),
                    HttpResponse.BodyHandlers.ofString());
            for (String line : response.body().lines().toList()) {
                if (line.startsWith(MEMORY_METRIC + " ")) {
                    return Double.parseDouble(
                            line.substring(MEMORY_METRIC.length()).strip());
                }
            }
            console.println("could not find: " + MEMORY_METRIC);
        } catch (IOException | IllegalArgumentException e) {
            console.println("fetch error: " + ErrorText.of(e));
        }
        return 0;
    }

    /** Random keys and zero values from many threads, with the latency of each put. */
    private static final class LoadRun {
        private final KvClient client;
        private final int clients;
        private final int keyBytes;
        private final ByteString value;
        private final String prefix;
        private final SecureRandom random = new SecureRandom();
        private final Map<String, Integer> errors = new ConcurrentHashMap<>();
        private final LongAdder done = new LongAdder();
        private final DoubleAdder sumS = new DoubleAdder();
        private final DoubleAdder sumOfSquares = new DoubleAdder();
        private final LongAccumulator slowestNs = new LongAccumulator(Math::max, 0);
        private double elapsedS;

        LoadRun(KvClient client, int clients, int keyBytes, int valueBytes, String prefix) {
            this.client = client;
            this.clients = clients;
            this.keyBytes = keyBytes;
            this.value = ByteString.copyFrom(new byte[valueBytes]);
            this.prefix = prefix;
        }

        /** So many puts per second, for so long; a put waits its turn when all clients are busy. */
        void atRate(int perSecond, int seconds, Progress progress) throws InterruptedException {
            long startNs = System.nanoTime();
            long endNs = startNs + TimeUnit.SECONDS.toNanos(seconds);
            long stepNs = TimeUnit.SECONDS.toNanos(1) / perSecond;
            Semaphore free = new Semaphore(clients);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                long dueNs = startNs;
                while (System.nanoTime() - endNs < 0) {
                    long waitNs = dueNs - System.nanoTime();
                    if (waitNs > 0) {
                        TimeUnit.NANOSECONDS.sleep(waitNs);
                    } else {
                        // Behind its time, it does not catch up: the rate is a limit, not a goal.
                        dueNs = System.nanoTime();
                    }
                    dueNs += stepNs;
                    submit(threads, free);
                    progress.count(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNs), seconds);
                }
                free.acquire(clients);
            }
            elapsedS = (System.nanoTime() - startNs) / 1e9;
        }

        /** So many puts, as fast as the clients can. */
        void all(int puts, Progress progress) throws InterruptedException {
            long startNs = System.nanoTime();
            Semaphore free = new Semaphore(clients);
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < puts; i++) {
                    submit(threads, free);
                    progress.count(done.sum(), puts);
                }
                free.acquire(clients);
            }
            elapsedS = (System.nanoTime() - startNs) / 1e9;
        }

        private void submit(ExecutorService threads, Semaphore free) throws InterruptedException {
            free.acquire();
            PutRequest request =
                    PutRequest.newBuilder().setKey(randomKey()).setValue(value).build();
            threads.execute(() -> {
                try {
                    put(request);
                } finally {
                    free.release();
                }
            });
        }

        private ByteString randomKey() {
            byte[] key = new byte[keyBytes];
            byte[] start = new byte[KEY_RANDOM_BYTES];
            random.nextBytes(start);
            System.arraycopy(start, 0, key, 0, start.length);
            return ByteText.bytes(prefix).concat(ByteString.copyFrom(key));
        }

        private void put(PutRequest request) {
            long startNs = System.nanoTime();
            try {
                var _ = client.write(KVGrpc.getPutMethod(), request, null);
            } catch (StatusRuntimeException | OutcomeUnknownException e) {
                errors.merge(ErrorText.of(e), 1, Integer::sum);
            }
            long tookNs = System.nanoTime() - startNs;
            double tookS = tookNs / 1e9;
            done.increment();
            sumS.add(tookS);
            sumOfSquares.add(tookS * tookS);
            slowestNs.accumulate(tookNs);
        }

        Map<String, Integer> errors() {
            return new TreeMap<>(errors);
        }

        double perSecond() {
            return done.sum() / elapsedS;
        }

        double slowestS() {
            return slowestNs.get() / 1e9;
        }

        double deviationS() {
            double count = Math.max(1, done.sum());
            double mean = sumS.sum() / count;
            return Math.sqrt(Math.max(0, sumOfSquares.sum() / count - mean * mean));
        }
    }
}
