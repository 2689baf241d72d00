package io.keelson.dist.hostile;

import io.keelson.dist.faults.ApiConnection;
import io.keelson.dist.hostile.AttackedServer.Usage;
import io.keelson.kvstore.hostile.Look;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * One API server under one attack after the other, from the command line. Good clients write, read and watch meanwhile: none
 * of their calls may fail or be slow, no event may be missing, and nothing that was acknowledged may be gone in the end. What
 * the server takes of memory has a bound; its sockets, threads, watches and objects must come down to what they were.
 */
final class HostileApiRun {
    private static final int WRITERS = 4;
    private static final int BREACHES_SHOWN = 10;

    /** Beyond the heap: the JVM itself, its code, the store's caches, buffers of the network. */
    private static final long OUTSIDE_HEAP_MIB_MAX = 900;

    /** What caches keep of recent events, and code that has come to be used, may add to the objects that were there before. */
    private static final long HEAP_GROWTH_MIB_MAX = 100;

    /** A watch that is this far behind has missed an event. */
    private static final long EVENT_SECONDS_MAX = 20;

    private static final long RECOVERY_SECONDS_MAX = 120;

    /** Clients that behave open and close connections of their own. */
    private static final long SOCKETS_MORE = 20;

    /** Compilers and collectors have more threads when there is more to do. */
    private static final long THREADS_MORE = 30;

    private final AttackedServer server;
    private final long attackMs;
    private final long heapMib;
    private final double p99MsMax;
    private final List<String> violations = new ArrayList<>();
    private final Map<ApiAttack, Look> looks = new EnumMap<>(ApiAttack.class);

    /**
     * A run on a server that has been started.
     *
     * @param attackMs how long each attack lasts
     * @param heapMib of the server
     * @param p99MsMax what p99 of good clients may become while attackers, server and clients share the processors; over
     *     all rounds of an attack, because in one there are only some hundred calls
     */
    HostileApiRun(AttackedServer server, long attackMs, long heapMib, double p99MsMax) {
        this.server = server;
        this.attackMs = attackMs;
        this.heapMib = heapMib;
        this.p99MsMax = p99MsMax;
    }

    /**
     * Strikes with every attack once at least, and until the time is over.
     *
     * @param warmUpMs a server that has just started is slow for reasons that are not looked into here
     * @return what must not have happened
     */
    List<String> run(List<ApiAttack> attacks, long seed, long warmUpMs, long durationNanos)
            throws IOException, InterruptedException {
        List<ApiConnection> connections = server.goodConnections(WRITERS + 1);
        ApiTarget target = server.target();
        try (GoodApiClients clients = new GoodApiClients(connections.subList(0, WRITERS), connections.get(WRITERS))) {
            Thread.sleep(warmUpMs);
            note("warming up", clients.look());
            Thread.sleep(attackMs);
            Usage before = server.usage();
            long heapBefore = server.liveHeapMib();
            Look quiet = clients.look();
            Look quietLags = new Look(clients.ledger().lags(), List.of());
            note("nobody attacks", quiet);
            System.out.printf(
                    "%-18s good clients: %,d calls, p50 %.1f ms, p99 %.1f ms, max %.1f ms; watch behind p99"
                            + " %.1f ms; server: %s, %d MiB of objects%n",
                    "nobody attacks",
                    quiet.tookNanos().length,
                    quiet.millisAt(0.5),
                    quiet.millisAt(0.99),
                    quiet.millisAt(1),
                    quietLags.millisAt(0.99),
                    before,
                    heapBefore);
            Random random = new Random(seed);
            long end = System.nanoTime() + durationNanos;
            boolean once = false;
            while (System.nanoTime() < end || !once) {
                for (ApiAttack attack : attacks) {
                    judge(ApiSiege.run(attack, target, clients, attackMs, random.nextLong()), clients);
                    if (once && System.nanoTime() >= end) {
                        break;
                    }
                }
                once = true;
            }
            judgeLatencies();
            awaitRecovery(before, heapBefore);
            judgeWrites(clients);
            System.out.printf("the good clients' watch ended and went on %d times%n", clients.watchesResumed());
        } finally {
            connections.forEach(ApiConnection::close);
        }
        return violations;
    }

    private void note(String when, Look look) {
        if (!look.failures().isEmpty()) {
            violations.add(when + ": " + look.failures().size() + " calls of good clients failed, first with "
                    + look.failures().getFirst());
        }
    }

    private void judge(ApiSiege.Outcome outcome, GoodApiClients clients) throws IOException, InterruptedException {
        String title = outcome.attack().title();
        if (!server.alive()) {
            throw new AssertionError(title + " took the API server down; its log: " + server.log());
        }
        Usage usage = server.usage();
        System.out.println(outcome.line() + "; server: " + usage);
        note(title, outcome.look());
        looks.merge(outcome.attack(), outcome.look(), Look::and);
        long before = System.nanoTime() - TimeUnit.SECONDS.toNanos(EVENT_SECONDS_MAX);
        tell(title, clients.ledger().overdue(before));
        tell(title, clients.ledger().breaches());
        if (usage.residentMib() > heapMib + OUTSIDE_HEAP_MIB_MAX) {
            violations.add(title + ": the API server takes " + usage.residentMib() + " MiB");
        }
    }

    private void tell(String when, List<String> breaches) {
        breaches.stream().limit(BREACHES_SHOWN).forEach(breach -> violations.add(when + ": " + breach));
    }

    private void judgeLatencies() {
        looks.forEach((attack, look) -> {
            double p99 = look.millisAt(0.99);
            System.out.printf("%-18s p99 of good clients over all rounds %.1f ms%n", attack.title(), p99);
            if (!(p99 <= p99MsMax)) {
                violations.add(attack.title() + ": p99 of good clients is " + p99 + " ms");
            }
        });
    }

    /** What attackers have left behind is given up in time. */
    private void awaitRecovery(Usage before, long heapBefore) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(RECOVERY_SECONDS_MAX);
        Usage after = server.usage();
        while (!recovered(before, after) && System.nanoTime() < deadline) {
            Thread.sleep(500);
            after = server.usage();
        }
        long heapAfter = server.liveHeapMib();
        while (heapAfter > heapBefore + HEAP_GROWTH_MIB_MAX && System.nanoTime() < deadline) {
            Thread.sleep(2_000);
            heapAfter = server.liveHeapMib();
        }
        System.out.printf(
                "before the attacks %s, %d MiB of objects; after them %s, %d MiB of objects%n",
                before, heapBefore, after, heapAfter);
        if (!recovered(before, after)) {
            violations.add(RECOVERY_SECONDS_MAX + " s after the last attack the API server has " + after
                    + ", before the first it had " + before);
        }
        if (heapAfter > heapBefore + HEAP_GROWTH_MIB_MAX) {
            violations.add("after the attacks " + heapAfter + " MiB of objects are kept, before them " + heapBefore);
        }
    }

    private static boolean recovered(Usage before, Usage after) {
        return after.sockets() <= before.sockets() + SOCKETS_MORE
                && after.threads() <= before.threads() + THREADS_MORE
                && after.lasting() <= before.lasting()
                && after.watches() <= before.watches();
    }

    private void judgeWrites(GoodApiClients clients) throws IOException, InterruptedException {
        clients.stopWriting();
        long stopped = System.nanoTime();
        long deadline = stopped + TimeUnit.SECONDS.toNanos(EVENT_SECONDS_MAX);
        List<String> overdue = clients.ledger().overdue(stopped);
        while (!overdue.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(50);
            overdue = clients.ledger().overdue(stopped);
        }
        tell("in the end", overdue);
        tell("in the end", clients.ledger().breaches());
        note("in the end", clients.look());
        tell("in the end", clients.ledger().differences(clients.present()));
        if (!server.alive()) {
            violations.add("the API server has ended; its log: " + server.log());
        }
    }

    /** {@code FOLDER SEED MINUTES HEAP_MIB ATTACK[,ATTACK…]|all COMMAND…}: COMMAND runs {@code keelson}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 6) {
            System.err.println("usage: FOLDER SEED MINUTES HEAP_MIB ATTACK[,ATTACK...]|all COMMAND...");
            System.exit(2);
        }
        List<ApiAttack> attacks = args[4].equals("all")
                ? List.of(ApiAttack.values())
                : Arrays.stream(args[4].split(",")).map(ApiAttack::named).toList();
        List<String> command = List.of(args).subList(5, args.length);
        int status = 0;
        try (AttackedServer server = new AttackedServer(Path.of(args[0]), command)) {
            server.start();
            List<String> violations = new HostileApiRun(server, 5_000, Long.parseLong(args[3]), 1_000)
                    .run(attacks, Long.parseLong(args[1]), 10_000, TimeUnit.MINUTES.toNanos(Long.parseLong(args[2])));
            violations.forEach(System.out::println);
            System.out.println(
                    violations.isEmpty()
                            ? "the API server stayed up and bounded; no call of a good client failed, nothing was lost"
                            : violations.size() + " violations");
            status = violations.isEmpty() ? 0 : 1;
        }
        System.exit(status);
    }
}
